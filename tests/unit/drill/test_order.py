"""What the check after each drill finds: owners who were not told, or of what is not so."""

import pytest

from drill.order import Ended, of_mails, of_owners
from functions.mail import rendering
from functions.mail.kinds import MailKind
from localstack.mailbox import Mail

OWNER = "ada@example.com"


def mail(kind: MailKind, title: str = "My film", to: str = OWNER) -> Mail:
    said = rendering.render(kind, {"title": title, "reason": "It is too long."})
    return Mail(id="1", sent_at="", to=to, subject=said.subject, text=said.text, html=said.html)


def film(*ends: str, owner: str = OWNER) -> Ended:
    return Ended("My film", owner, frozenset(ends))


READY, FAILED = mail(MailKind.VIDEO_READY), mail(MailKind.VIDEO_FAILED)


@pytest.mark.parametrize(
    ("ended", "mails"),
    [
        (film("ready"), [READY]),
        (film("failed"), [FAILED]),
        (film("failed", "ready"), [FAILED, READY]),
        (film(), []),
        (film("ready", owner=""), []),
    ],
)
def test_it_is_in_order_that_an_owner_was_told_what_happened(ended: Ended, mails: list[Mail]) -> None:
    assert list(of_owners([ended], mails)) == []


@pytest.mark.parametrize(
    ("ended", "mails", "wrong"),
    [
        (film("ready"), [], "the owner of “My film” was not told that it is ready"),
        (film("failed"), [], "the owner of “My film” was not told that it has failed"),
        (film("ready"), [mail(MailKind.VIDEO_READY, to="bob@example.com")], "was not told that it is ready"),
        (film("ready"), [mail(MailKind.VIDEO_READY, title="Another")], "was not told that it is ready"),
        (film("ready"), [READY, FAILED], "was told that it has failed"),
        (film(), [READY], "was told that it is ready"),
    ],
)
def test_it_is_told_when_an_owner_was_told_nothing_or_what_is_not_so(
    ended: Ended, mails: list[Mail], wrong: str
) -> None:
    (said,) = of_owners([ended], mails)
    assert wrong in said


def test_a_mail_that_came_twice_is_told_with_its_address_so_that_it_hides_no_other_one() -> None:
    bob = mail(MailKind.VIDEO_READY, to="bob@example.com")
    (of_ada,) = of_mails([READY, READY, bob])
    assert of_ada == f"a mail to {OWNER} came 2 times: {READY.subject}"
    of_both = set(of_mails([READY, READY, bob, bob]))
    assert len(of_both - {of_ada}) == 1
