"""The rows of the accounts table, as PynamoDB models.

| what | pk | sk |
| --- | --- | --- |
| person | `person#<id>` | `person` |
| session (a family of refresh tokens) | `person#<id>` | `session#<sid>` |
| one-time link | `person#<id>` | `link#<kind>#<SHA-256 of the token>` |
| ownership of an e-mail address | `address#<e-mail>` | `address` |
| network from which the owner logged in | `address#<e-mail>` | `known#<network>` |
| limit (a rate counter) | `limit#<name>#<SHA-256 of the key>` | `limit` |
| last id given | `counter` | `counter` |

Every call reads by key or by one partition, and none scans. The one index, `by_email`, holds all people in the order of
their addresses, for staff who look for somebody. DynamoDB deletes rows some time *after*
`expires_at`, so whoever reads a row compares that time itself.
"""

from __future__ import annotations

import itertools
import random
import time
from typing import TYPE_CHECKING

from pynamodb.attributes import (
    BooleanAttribute,
    DiscriminatorAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.exceptions import TransactWriteError, UpdateError
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection
from pynamodb.transactions import TransactWrite

from functions import dynamodb, settings
from functions.dynamodb import Item

if TYPE_CHECKING:
    from collections.abc import Callable

    from pynamodb.connection import TableConnection
    from pynamodb.expressions.condition import Condition
    from pynamodb.expressions.update import Action

DIRECTORY = "people"
_ATTEMPTS = 6  # of a write that meets another one's transaction


class Row(Item):
    """What all rows share."""

    class Meta:
        """Where the table is: region and endpoint come from the environment (botocore), the name from settings."""

        table_name: str | None = None  # known at first use, not at import

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    kind = DiscriminatorAttribute()
    expires_at = NumberAttribute(null=True)  # epoch seconds, the table's TTL attribute

    @classmethod
    def _get_connection(cls) -> TableConnection:
        Row.Meta.table_name = settings.current().accounts_table
        return super(Row, Row)._get_connection()

    def is_over(self) -> bool:
        """Whether its time has passed, though DynamoDB may not have deleted it yet."""
        return self.expires_at is not None and self.expires_at <= time.time()


class _ByEmail(GlobalSecondaryIndex["PersonRow"]):
    class Meta:
        index_name = "by_email"
        projection = IncludeProjection(["kind"])  # whoever is found is read from the table, which is fresher

    directory = UnicodeAttribute(hash_key=True)
    email = UnicodeAttribute(range_key=True)


class PersonRow(Row, discriminator="person"):
    """A person. `expires_at` is set until the account is activated for the first time.

    `generation` counts the moments at which every session and every one-time link of the person ended: each of
    those carries the generation it was made in and is dead when the two differ. `directory` is the same for all: the
    partition of the index, which takes 1,000 new people a second.
    """

    by_email = _ByEmail()

    directory = UnicodeAttribute(default=DIRECTORY)
    person_id = NumberAttribute()
    email = UnicodeAttribute()
    password = UnicodeAttribute()
    is_staff = BooleanAttribute(default=False)
    is_active = BooleanAttribute(default=False)
    generation = NumberAttribute(default=0)
    created_at = UTCDateTimeAttribute()
    activated_at = UTCDateTimeAttribute(null=True)


class AddressRow(Row, discriminator="address"):
    """Who owns an e-mail address. `expires_at` is set until that account is activated."""

    person_id = NumberAttribute()


class KnownRow(Row, discriminator="known"):
    """A network from which the owner of an address has logged in."""


class SessionRow(Row, discriminator="session"):
    """A session: one login, and the family of refresh tokens that came from it.

    `serial` counts the rotations; `rotated_at` (epoch milliseconds) is when the current refresh token was made.
    """

    generation = NumberAttribute()
    serial = NumberAttribute(default=0)
    started_at = NumberAttribute()
    rotated_at = NumberAttribute()


class LinkRow(Row, discriminator="link"):
    """A one-time link that was mailed; the token itself is not kept, only its hash."""

    generation = NumberAttribute()


class LimitRow(Row, discriminator="limit"):
    """How often, or how much of, something happened since the window opened; `expires_at` is when it closes."""

    hits = NumberAttribute(default=0)


class CounterRow(Row, discriminator="counter"):
    """The last id given to a person."""

    last = NumberAttribute(default=0)


def person_key(person_id: int) -> tuple[str, str]:
    """Return the key of a person's row."""
    return f"person#{person_id}", "person"


def session_key(person_id: int, sid: str) -> tuple[str, str]:
    """Return the key of a session's row."""
    return f"person#{person_id}", f"session#{sid}"


def address_key(email: str) -> tuple[str, str]:
    """Return the key of the row that says who owns a (normalised) address."""
    return f"address#{email}", "address"


def known_key(email: str, network: str) -> tuple[str, str]:
    """Return the key of the row that says that the owner of `email` logged in from `network`."""
    return f"address#{email}", f"known#{network}"


def link_key(person_id: int, kind: str, digest: str) -> tuple[str, str]:
    """Return the key of a one-time link's row."""
    return f"person#{person_id}", f"link#{kind}#{digest}"


def read(*keys: tuple[str, str]) -> dict[tuple[str, str], Row]:
    """Read up to 100 rows in one strongly consistent call; what is absent or over is left out."""
    found = Row.batch_get(list(keys), consistent_read=True)
    return {(row.pk, row.sk): row for row in found if not row.is_over()}


def update_if(row: Row, actions: list[Action], condition: Condition) -> bool:
    """Update a row where `condition` holds, and let `row` show what it is then; return whether it held."""
    return _holds(lambda: row.update(actions, condition=condition))


def write_together(fill: Callable[[TransactWrite], None]) -> bool:
    """Write all rows that `fill` puts into a transaction, or none.

    Returns:
        Whether it was written; False when a condition did not hold.

    Raises:
        TransactWriteError: the transaction failed for another reason.
    """

    def write() -> None:
        with TransactWrite(connection=dynamodb.connection()) as transaction:
            fill(transaction)

    return _holds(write)


def _holds(write: Callable[[], object]) -> bool:
    """Write, and say whether all conditions held."""
    for attempt in itertools.count(1):
        try:
            write()
        except (TransactWriteError, UpdateError) as error:
            codes = _codes(error)
            if "ConditionalCheckFailed" in codes:
                return False
            # somebody else was writing one of the rows at this moment: whether a condition holds is not yet known
            if "TransactionConflict" not in codes or attempt == _ATTEMPTS:
                raise
            time.sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311 - jitter, no secret
        else:
            return True
    raise AssertionError("unreachable")


def _codes(error: TransactWriteError | UpdateError) -> set[str]:
    if isinstance(error, TransactWriteError):
        return {reason.code for reason in error.cancellation_reasons if reason}
    return {str(error.cause_response_code).removesuffix("Exception")}
