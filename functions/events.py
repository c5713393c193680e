"""What the event functions of app.py do: read the event, call one domain function for each record."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote_plus

from functions import turns, wiring

if TYPE_CHECKING:
    from collections.abc import Mapping

# What the transcoder keeps back of Lambda's time to stop ffmpeg and to release the film (seconds).
_MARGIN = 15.0


class Invocation(Protocol):
    """What we read of Lambda's context object."""

    @property
    def aws_request_id(self) -> str:
        """The invocation's id, unique in time."""

    def get_remaining_time_in_millis(self) -> float:
        """Return the milliseconds left before Lambda stops us."""


def objects_created(event: Mapping[str, Any]) -> None:
    """Register every object that an S3 event names.

    Raises:
        TurnsError: at least one record failed; Lambda tries the event again and then keeps it as a dead letter.
    """
    turns.each(event["Records"], wiring.ingest.on_record, failure="ingest_failed", facts=_of_object)


def _of_object(record: Mapping[str, Any]) -> dict[str, object]:
    try:
        return {"key": unquote_plus(record["s3"]["object"]["key"])}  # as all other lines name it
    except (KeyError, TypeError):
        return {}


def step(event: Mapping[str, Any], invocation: Invocation) -> dict[str, Any]:
    """Run a step of the state machine; what it raises the machine tries again."""

    def deadline() -> float:
        return invocation.get_remaining_time_in_millis() / 1000 - _MARGIN

    steps = wiring.steps
    return steps.run(event, steps.Invocation(worker=invocation.aws_request_id, deadline=deadline))


def minute_passed() -> None:
    """Look for films that nobody works on any more."""
    wiring.watchdog.sweep()


def mails_to_send(event: Mapping[str, Any]) -> None:
    """Send the mails that the messages of an SQS event (JSON, made by the outbox) describe.

    Raises:
        TurnsError: at least one could not be sent; SQS delivers the batch again, and what was sent is not sent twice.
    """
    turns.each(
        event["Records"],
        lambda record: wiring.sending.deliver(json.loads(record["body"])),
        failure="mail_failed",
        facts=_of_mail,
    )


def _of_mail(record: Mapping[str, Any]) -> dict[str, object]:
    """Return what names a mail, never what it says or to whom; of a message that is none, the id that SQS gave it."""
    try:
        mail = json.loads(record["body"])
        named = {"kind": mail["kind"], "key": mail["key"]}
    except (KeyError, TypeError, ValueError):
        named = {}
    return {"message_id": record.get("messageId", ""), **named}
