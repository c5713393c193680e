"""What people put up with on a drill's journeys, and what they do not."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from drill.journeys import Account, BrokenOff
from tests.stack import Reply


@dataclass
class NoMails:
    """A site at which no mail comes; it answers registrations as it is told, and is its own client."""

    answers: list[int]
    clicked: list[str] = field(default_factory=list)

    def client(self) -> "NoMails":
        return self

    def post(self, path: str, _body: object) -> Reply:
        self.clicked.append(path)
        status = self.answers.pop(0) if path == "/api/register/" else 200
        return Reply(status, {}, b'{"detail": "..."}')

    def mail(self, to: str, _subject: str) -> None:
        raise AssertionError(f"no mail to {to}")


def test_an_activation_mail_that_was_lost_without_a_word_is_not_in_order() -> None:
    site: Any = NoMails([201])
    with pytest.raises(BrokenOff, match="the activation mail was lost"):
        Account().run(site, "ada")
    assert site.clicked == ["/api/register/"]


@pytest.mark.parametrize("second", [201, 400])
def test_who_was_told_that_something_went_wrong_asks_for_another_mail(second: int) -> None:
    site: Any = NoMails([503, second])
    with pytest.raises(AssertionError, match="no mail to ada"):
        Account().run(site, "ada")
    assert site.clicked[-1] == "/api/activate/resend/"
