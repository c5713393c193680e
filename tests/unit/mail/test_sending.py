"""Each mail is sent once: not twice, and not never."""

import time
import traceback
from collections.abc import Callable
from email.message import EmailMessage
from types import SimpleNamespace
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ReadTimeoutError
from pynamodb.exceptions import PynamoDBException, UpdateError

from functions import aws, settings
from functions.mail import ledger, sending
from functions.mail.kinds import MailKind
from functions.mail.sending import NotSentError, deliver
from tests.unit import clients
from tests.unit.mail.conftest import CONTEXTS, LINK, message

Sent = Callable[[], list[EmailMessage]]
Logged = Callable[[], str]


def on_send(answer: Callable[..., Any]) -> None:
    """Have `answer` stand before SES; what it returns (status, body) is SES's answer, None lets the call through."""
    aws.ses().meta.events.register("before-call.ses.SendRawEmail", answer)


def refuse(code: str, status: int = 400, times: int = 1) -> None:
    """Have SES refuse the next mails, in a sentence that names the address, as its own do."""
    left = [times]

    def answer(**_call: object) -> tuple[SimpleNamespace, dict[str, Any]] | None:
        if not left[0]:
            return None
        left[0] -= 1
        error = {"Code": code, "Message": "Email address is not verified: ada@example.com"}
        return SimpleNamespace(status_code=status), {"Error": error, "ResponseMetadata": {"HTTPStatusCode": status}}

    on_send(answer)


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Move the ledger's clock."""
    moved = time.time() + seconds
    monkeypatch.setattr(ledger, "time", SimpleNamespace(time=lambda: moved))


def row(key: str = "activate:1") -> dict[str, Any]:
    (item,) = [row for row in rows() if row["pk"] == f"mail#{key}"]
    return item


def rows() -> list[dict[str, Any]]:
    kept = clients.client("dynamodb").scan(TableName=settings.current().accounts_table)["Items"]
    return [{name: TypeDeserializer().deserialize(value) for name, value in row.items()} for row in kept]


@pytest.mark.parametrize("kind", list(CONTEXTS))
def test_every_kind_arrives(kind: MailKind, sent: Sent) -> None:
    deliver(message(kind))
    [mail] = sent()
    assert str(mail["To"]) == "ada@example.com"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "multipart/related"]


def test_a_message_that_comes_twice_is_one_mail(sent: Sent) -> None:
    """SQS delivers at least once."""
    deliver(message())
    deliver(message())
    assert len(sent()) == 1


def test_another_key_is_another_mail(sent: Sent) -> None:
    """An activation that was asked for again is sent again."""
    deliver(message(key="activate:1"))
    deliver(message(key="activate:2"))
    assert len(sent()) == 2


def test_two_workers_with_the_same_message_send_one_mail(sent: Sent) -> None:
    """The second comes while the first is talking to SES, and is told to come back."""
    second: list[str] = []

    def meanwhile(**_call: object) -> None:
        with pytest.raises(NotSentError) as refusal:
            deliver(message())
        second.append(refusal.value.code)

    on_send(meanwhile)
    deliver(message())
    assert second == ["claimed_by_another_worker"]
    assert len(sent()) == 1
    deliver(message())
    assert len(sent()) == 1


def test_a_worker_that_died_before_ses_had_the_mail_does_not_lose_it(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = [True]

    def die(**_call: object) -> None:
        if dead.pop() if dead else False:
            raise SystemExit

    on_send(die)
    with pytest.raises(SystemExit):
        deliver(message())
    with pytest.raises(NotSentError):  # for all that we know, it may still be sending
        deliver(message())
    assert sent() == []
    later(monkeypatch, ledger.LEASE + 1)
    deliver(message())
    assert len(sent()) == 1


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("Throttling", 400),
        ("ServiceUnavailable", 503),
        ("AccessDenied", 403),
        ("MessageRejected", 400),  # so is each mail of a domain whose DNS records SES has not seen yet
    ],
)
def test_a_passing_trouble_is_tried_again_at_once(code: str, status: int, sent: Sent) -> None:
    refuse(code, status)
    with pytest.raises(NotSentError) as trouble:
        deliver(message())
    assert trouble.value.code == code
    assert sent() == []
    deliver(message())
    assert len(sent()) == 1


def test_ses_is_asked_once_a_try_even_when_its_answer_is_lost(sent: Sent) -> None:
    """A client that repeated the call by itself would send the mail twice."""
    calls = []

    def lose(**_call: object) -> None:
        calls.append(1)
        raise ReadTimeoutError(endpoint_url="https://email.us-east-1.amazonaws.com")

    aws.ses().meta.events.register("before-send.ses.SendRawEmail", lose)
    with pytest.raises(NotSentError) as trouble:
        deliver(message())
    assert trouble.value.code == "ReadTimeoutError"
    assert len(calls) == 1


def test_a_refusal_for_good_is_recorded_and_not_repeated(sent: Sent, logged: Logged) -> None:
    code = "InvalidParameterValue"
    refuse(code, times=1)
    deliver(message())
    deliver(message())
    assert sent() == []
    assert (row()["state"], row()["reason"]) == ("failed", code)
    assert code in logged()


def test_an_address_that_is_none_is_a_refusal_for_good(sent: Sent, logged: Logged) -> None:
    deliver(message(to="ada@example.com, eve@example.com"))
    assert sent() == []
    assert (row()["state"], row()["reason"]) == ("failed", "bad_address")
    assert "example.com" not in logged()


def test_a_mail_that_ses_has_is_not_sent_again_because_our_record_failed(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    """An error would bring the message back from the queue."""

    def fail(_claim: object) -> None:
        raise UpdateError("DynamoDB is away")

    monkeypatch.setattr(sending.Claim, "sent", fail)
    deliver(message())
    assert len(sent()) == 1
    assert "mail_sent_but_not_recorded" in logged()


def test_no_mail_is_sent_while_the_ledger_cannot_be_written(sent: Sent) -> None:
    """Sending without a claim could send twice."""
    clients.client("dynamodb").delete_table(TableName=settings.current().accounts_table)
    with pytest.raises(PynamoDBException):
        deliver(message())
    assert sent() == []


def test_a_worker_whose_lease_was_over_does_not_undo_anothers_work(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """The slow one is throttled after the other has sent the mail: it stays sent."""
    slow = [True]

    def answer(**_call: object) -> tuple[SimpleNamespace, dict[str, Any]] | None:
        if not slow:
            return None
        slow.clear()
        later(monkeypatch, ledger.LEASE + 1)
        deliver(message())
        error = {"Code": "Throttling", "Message": ""}
        return SimpleNamespace(status_code=400), {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 400}}

    on_send(answer)
    with pytest.raises(NotSentError):
        deliver(message())
    deliver(message())
    assert len(sent()) == 1
    assert row()["state"] == "sent"


def test_nothing_is_dropped(sent: Sent, logged: Logged) -> None:
    """What stands for an unknown address is no mail, leaves no row and no trace."""
    deliver({"kind": "nothing", "to": "-----", "key": "reset:1", "context": {"link": "---"}})
    assert sent() == []
    assert logged() == ""
    assert rows() == []


def test_what_is_kept_of_a_mail_is_neither_address_nor_words_and_not_for_ever(sent: Sent) -> None:
    deliver(message())
    kept = row()
    assert "ada@example.com" not in str(kept)
    assert "s3cr3t" not in str(kept)
    assert 29 * 86400 < int(kept["expires_at"]) - time.time() <= 30 * 86400


@pytest.mark.parametrize("code", [None, "InvalidParameterValue", "MessageRejected"])
def test_no_log_and_no_error_shows_an_address_or_a_link(code: str | None, sent: Sent, logged: Logged) -> None:
    """The function that called us logs what we raise, with its whole traceback."""
    if code:
        refuse(code)
    shown = ""
    try:
        deliver(message())
    except NotSentError as error:
        shown = "".join(traceback.format_exception(error))
    shown += logged()
    assert shown
    assert "ada@" not in shown
    assert "s3cr3t" not in shown
    assert "Thank you" not in shown


def test_env_console_prints_links_for_developers(sent: Sent, logged: Logged, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ENV", "console")
    settings.current.cache_clear()
    deliver(message())
    assert LINK in logged()


@pytest.mark.parametrize("stage", ["prod", "live"])
def test_env_console_prints_nothing_in_production(
    stage: str, sent: Sent, logged: Logged, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("ENV", "console")
    environment.setenv("STAGE", stage)
    settings.current.cache_clear()
    deliver(message())
    assert "s3cr3t" not in logged()


@pytest.mark.parametrize(
    "wrong", [{}, {"kind": "spam"}, {**message(), "context": "none"}, {"kind": "activate", "to": "ada@example.com"}]
)
def test_what_the_outbox_never_wrote_is_left_to_the_dead_letters(wrong: dict[str, object], sent: Sent) -> None:
    with pytest.raises((KeyError, ValueError)):
        deliver(wrong)
    assert sent() == []
