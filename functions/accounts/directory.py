"""Looking for people by their addresses. For staff only: who may ask, the routes decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.accounts import addresses
from functions.accounts.people import Person
from functions.accounts.rows import DIRECTORY, PersonRow, read

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 100
"""People in one answer."""


def find(beginning: str, limit: int = MOST) -> list[Person]:
    """Return the people whose address begins so, in whatever case, in the order of their addresses.

    Args:
        beginning: Empty: everybody's does.
        limit: At most so many, and at most 100.
    """
    wanted = beginning.strip().lower()
    if len(wanted) > addresses.LONGEST:  # nobody's; and DynamoDB takes no key of more than 1,024 bytes
        return []
    keys = [(row.pk, row.sk) for row in _entries(wanted, min(limit, MOST))]
    rows = read(*keys) if keys else {}
    return [Person.of(row) for row in map(rows.get, keys) if isinstance(row, PersonRow)]


def _entries(beginning: str, limit: int) -> Iterator[PersonRow]:
    condition = PersonRow.email.startswith(beginning) if beginning else None
    return PersonRow.by_email.query(DIRECTORY, condition, limit=limit)
