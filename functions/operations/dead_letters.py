"""Messages and events that were tried several times in vain, and how they get another chance."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from botocore.exceptions import ClientError

from functions import aws
from functions.settings import current
from functions.transcoding import ingest

_LOOK: Final = 120  # seconds for which nobody else sees what we are looking at
# what SQS says of a receipt that is older (its API reference, ChangeMessageVisibility, and what it really answers)
_EXPIRED: Final = ("AWS.SimpleQueueService.MessageNotInflight", "InvalidParameterValue", "ReceiptHandleIsInvalid")


class Kind(StrEnum):
    """What a dead letter was to set off."""

    INGEST = "ingest"
    MAIL = "mail"


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """A message nobody could handle.

    Attributes:
        sent_at: When it was put on its first queue (UTC).
        body: What it said, as JSON that was read; a text where it is none. Mails may hold one-time links.
        receipt: SQS's handle on it, valid for two minutes.
    """

    id: str
    kind: Kind
    sent_at: datetime
    body: Any
    raw: str
    receipt: str


def queue_name(kind: Kind) -> str:
    """Return the name of the queue of dead letters (infra/data.yaml)."""
    settings = current()
    return {
        Kind.INGEST: f"videoflix-{settings.stage}-ingest-dead",
        Kind.MAIL: f"{settings.mail_queue}-dead",
    }[kind]


def waiting() -> Iterator[DeadLetter]:
    """Yield all dead letters, few at a time. They stay, but for two minutes nobody else sees them."""
    for kind in Kind:
        yield from _waiting(kind)


def _waiting(kind: Kind) -> Iterator[DeadLetter]:
    known: set[str] = set()
    again = 0  # letters that came back since the last new one: of more than there are, each has come back
    while again <= len(known) and (letters := _received(kind)):
        new = [letter for letter in letters if letter.id not in known]
        known.update(letter.id for letter in new)
        again = 0 if new else again + len(letters)
        yield from new


def _received(kind: Kind) -> list[DeadLetter]:
    answer = aws.sqs().receive_message(
        QueueUrl=aws.queue_url(queue_name(kind)),
        MaxNumberOfMessages=10,
        VisibilityTimeout=_LOOK,
        WaitTimeSeconds=1,  # SQS asks all its servers, so that an empty answer means an empty queue
        AttributeNames=["SentTimestamp"],
    )
    return [
        DeadLetter(
            id=message["MessageId"],
            kind=kind,
            sent_at=datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC),
            body=_decoded(message["Body"]),
            raw=message["Body"],
            receipt=message["ReceiptHandle"],
        )
        for message in answer.get("Messages", [])
    ]


def _decoded(body: str) -> Any:  # noqa: ANN401 - whatever was sent
    try:
        return json.loads(body)
    except ValueError:
        return body


def release(letter: DeadLetter) -> None:
    """Let others see a letter again at once; after two minutes they do."""
    try:
        aws.sqs().change_message_visibility(
            QueueUrl=aws.queue_url(queue_name(letter.kind)), ReceiptHandle=letter.receipt, VisibilityTimeout=0
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in _EXPIRED:
            raise


def retry(letter: DeadLetter) -> str:
    """Give a letter another chance, then remove it from the dead; returns what was done, in a few words.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it is not of the form that its kind has; it stays where it is.
    """
    done = _HANDLERS[letter.kind](letter)
    aws.sqs().delete_message(QueueUrl=aws.queue_url(queue_name(letter.kind)), ReceiptHandle=letter.receipt)
    return done


def _retry_ingest(letter: DeadLetter) -> str:
    # Lambda wraps what it sends to an on-failure destination (developer guide, "Capturing records of invocations")
    event = letter.body.get("requestPayload", letter.body)
    for record in event["Records"]:
        ingest.on_record(record)
    return f"registered {len(event['Records'])} uploads"


def _retry_mail(letter: DeadLetter) -> str:
    aws.sqs().send_message(QueueUrl=aws.queue_url(current().mail_queue), MessageBody=letter.raw)
    return "queued again"


_HANDLERS: Final = {Kind.INGEST: _retry_ingest, Kind.MAIL: _retry_mail}
