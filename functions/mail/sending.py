"""Sends the mails of the queue through SES, each once: what the `send_mail` Lambda runs per message.

SQS delivers a message at least once, and SES has no idempotency token. So a worker first claims the mail in the
ledger, and only then calls SES, once, with nothing in between; directly afterwards it records the mail as sent.
A crash before SES accepted the mail leads to another try when the lease is over. One window remains: SES has
accepted, and we die (or the answer is lost) before our record is written, some milliseconds later. Then the mail
is sent a second time: of the two faults, an activation link that comes twice is better than one that never comes.
"""

from collections.abc import Mapping

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from functions import aws, log, settings
from functions.mail import mime, rendering
from functions.mail.kinds import MailKind
from functions.mail.ledger import Claim, Turn

# What SES says of a message that it will never take (its API reference, SendRawEmail, "Errors", and the common ones).
# Anything else is a passing trouble (Throttling, 5xx) or the operator's (AccessDenied, AccountSendingPausedException;
# MessageRejected, which is what it says of every mail while the domain is not verified or the account in the sandbox):
# the queue tries again, then keeps the message as a dead letter.
_BAD_ADDRESS = "bad_address"
_REFUSALS = frozenset({"InvalidParameterValue", "InvalidParameterCombination", _BAD_ADDRESS})


class NotSentError(Exception):
    """A mail was not sent now and should be tried again. Says why by a code, never what the mail held or for whom."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def deliver(message: Mapping[str, object]) -> None:
    """Send one message of the outbox, unless that was done before.

    Raises:
        NotSentError: try again later.
        ValueError, KeyError: not a message of the outbox; the queue moves it to the dead letters.
    """
    kind = MailKind(str(message["kind"]))
    if kind is MailKind.NOTHING:
        return
    to, key, context = str(message["to"]), str(message["key"]), message["context"]
    if not isinstance(context, Mapping):
        raise ValueError("a mail's context is an object")  # noqa: TRY004 - wrong data, not a wrong argument
    config = settings.current()
    if config.env == "console" and config.emulated and "link" in context:
        log.info("mail_link", kind=kind, link=context["link"])
    mail = rendering.render(kind, {str(name): str(text) for name, text in context.items()})
    raw = _build(mail, config.mail_sender, to)
    claim = Claim(key)
    turn = claim.take()
    if turn is Turn.SOMEBODY_ELSES:
        raise NotSentError("claimed_by_another_worker")
    if turn is Turn.OURS:
        trouble = _hand_over(raw, config.mail_sender, to) if raw else _BAD_ADDRESS
        _conclude(claim, trouble, {"kind": kind, "key": key})


def _build(mail: rendering.Rendered, sender: str, to: str) -> bytes | None:
    try:
        return mime.build(mail, sender=sender, to=to)
    except mime.BadAddressError:
        return None


def _hand_over(raw: bytes, sender: str, to: str) -> str | None:
    """Give SES the mail; return None once it was accepted, else the code of the trouble.

    SES's sentences name addresses, so no exception leaves here: a log would show it.
    """
    try:
        aws.ses().send_raw_email(Source=sender, Destinations=[to], RawMessage={"Data": raw})
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    except BotoCoreError as error:
        return type(error).__name__
    return None


def _conclude(claim: Claim, trouble: str | None, facts: Mapping[str, str]) -> None:
    if trouble is None:
        _record(claim, facts)
    elif trouble in _REFUSALS:
        claim.failed(trouble)
        log.warning("mail_refused", reason=trouble, **facts)
    else:
        claim.release()
        raise NotSentError(trouble)


def _record(claim: Claim, facts: Mapping[str, str]) -> None:
    try:
        claim.sent()
    except PynamoDBException:
        # Raising would have the queue deliver the message again, and SES has the mail already
        log.exception("mail_sent_but_not_recorded", **facts)
    else:
        log.info("mail_sent", **facts)
