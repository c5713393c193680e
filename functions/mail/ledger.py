"""What was sent, so that nothing is sent twice: one row per mail in the accounts table.

| what | pk | sk |
| --- | --- | --- |
| mail | `mail#<key>` | `state` |

A mail is `claimed` by one worker at a time (a lease, so that a crash frees it), then `sent` or `failed` for good.
A row holds neither an address nor anything of what the mail said.
"""

from __future__ import annotations

import time
import uuid
from enum import Enum, auto
from typing import TYPE_CHECKING

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError, UpdateError

from functions import settings
from functions.dynamodb import Item

if TYPE_CHECKING:
    from pynamodb.connection import TableConnection

LEASE = 60
"""Seconds that a claim holds: more than rendering, one call to SES (20 s at most, `aws.ses`) and its record take."""

KEPT = 30 * 24 * 3600
"""Seconds that a row stays: longer than SQS keeps a message, as a dead letter or not (14 days at most)."""

_CLAIMED, _SENT, _FAILED = "claimed", "sent", "failed"
_REFUSED_WRITE = "ConditionalCheckFailedException"


class Turn(Enum):
    """Whose turn it is to send a mail."""

    OURS = auto()
    SOMEBODY_ELSES = auto()
    """Another worker is at it, or died a moment ago: ask again later."""
    OVER = auto()
    """It was sent, or refused for good."""


class _MailRow(Item):
    class Meta:
        """Where the table is: region and endpoint come from the environment (botocore), the name from settings."""

        table_name: str | None = None  # known at first use, not at import

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True, default="state")
    state = UnicodeAttribute()
    worker = UnicodeAttribute()
    lease_expires_at = NumberAttribute()
    reason = UnicodeAttribute(null=True)
    expires_at = NumberAttribute()

    @classmethod
    def _get_connection(cls) -> TableConnection:
        cls.Meta.table_name = settings.current().accounts_table
        return super()._get_connection()


class Claim:
    """One worker's try to send the mail called `key`."""

    def __init__(self, key: str) -> None:
        now = int(time.time())
        self._row = _MailRow(
            f"mail#{key}",
            state=_CLAIMED,
            worker=uuid.uuid4().hex,
            lease_expires_at=now + LEASE,
            expires_at=now + KEPT,
        )
        self._now = now

    def take(self) -> Turn:
        """Ask for the mail: at most one worker is told `OURS` until its lease is over."""
        free = (
            _MailRow.pk.does_not_exist()
            | ((_MailRow.state == _CLAIMED) & (_MailRow.lease_expires_at <= self._now))
            # our own write, sent again by the client because its answer was lost
            | ((_MailRow.state == _CLAIMED) & (_MailRow.worker == self._row.worker))
        )
        try:
            self._row.save(condition=free)
        except PutError as error:
            if error.cause_response_code != _REFUSED_WRITE:
                raise
            return self._whose()
        return Turn.OURS

    def _whose(self) -> Turn:
        try:
            row = _MailRow.get(self._row.pk, "state", consistent_read=True)
        except _MailRow.DoesNotExist:
            return Turn.SOMEBODY_ELSES  # DynamoDB deleted it between our two calls
        return Turn.SOMEBODY_ELSES if row.state == _CLAIMED else Turn.OVER

    def sent(self) -> None:
        """Record that SES has accepted the mail. That is a fact, so no condition: it holds whoever has the lease."""
        self._row.update(actions=[_MailRow.state.set(_SENT), _MailRow.expires_at.set(self._row.expires_at)])

    def failed(self, reason: str) -> None:
        """Record that this mail will never be sent; `reason` is a code such as SES's own."""
        self._update_ours([_MailRow.state.set(_FAILED), _MailRow.reason.set(reason)])

    def release(self) -> None:
        """Give the mail back, so that the next try need not wait for the lease to end."""
        self._update_ours([_MailRow.lease_expires_at.set(0)])

    def _update_ours(self, actions: list) -> None:  # type: ignore[type-arg]  # PynamoDB does not export the type
        try:
            self._row.update(
                actions=actions, condition=(_MailRow.worker == self._row.worker) & (_MailRow.state == _CLAIMED)
            )
        except UpdateError as error:
            if error.cause_response_code != _REFUSED_WRITE:
                raise
            # the lease was over and another worker took the mail: what becomes of it is theirs to say
