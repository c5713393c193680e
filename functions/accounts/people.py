"""Who has an account."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from functions.accounts import addresses, numbers, passwords
from functions.accounts.rows import (
    AddressRow,
    PersonRow,
    Row,
    address_key,
    person_key,
    read,
    update_if,
    write_together,
)
from functions.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from pynamodb.expressions.update import Action
    from pynamodb.transactions import TransactWrite

TAKEN = "A user with this email already exists."


@dataclass(frozen=True)
class Person:
    """A person as the other areas see one."""

    id: int
    email: str
    is_staff: bool
    is_active: bool
    created_at: datetime

    @classmethod
    def of(cls, row: PersonRow) -> Person:
        """Read a row."""
        return cls(int(row.person_id), row.email, row.is_staff, row.is_active, row.created_at)


def get(person_id: int) -> Person | None:
    """Return the person with this id."""
    row = row_of(person_id)
    return Person.of(row) if row else None


def find_by_email(email: str) -> Person | None:
    """Return the person with this address, in whatever spelling."""
    row = row_by_email(email)
    return Person.of(row) if row else None


def row_of(person_id: int) -> PersonRow | None:
    """Return a person's row, within accounts."""
    row = read(person_key(person_id)).get(person_key(person_id))
    return row if isinstance(row, PersonRow) else None


def row_by_email(email: str) -> PersonRow | None:
    """Return the row of the person with this address, within accounts. Always two reads, found or not."""
    key = address_key(addresses.normalise(email) or "")
    owner = read(key).get(key)
    return row_of(int(owner.person_id) if isinstance(owner, AddressRow) else 0)  # nobody has the id 0


def is_taken(email: str) -> bool:
    """Say whether a (normalised) address belongs to somebody."""
    return address_key(email) in read(address_key(email))


def create(email: str, password_hash: str, *, is_active: bool, is_staff: bool = False, lasts: int | None) -> PersonRow:
    """Create a person; of several at the same moment with one address, one succeeds.

    Args:
        email: A normalised address.
        password_hash: What `passwords.make` gave.
        is_active: Whether they may log in at once.
        is_staff: Whether they may do everything.
        lasts: Seconds until the address is free again unless activated; None: for ever.

    Raises:
        InvalidInputError: the address is taken.
    """
    if is_taken(email):  # asked first so that a duplicate uses up no id
        raise InvalidInputError({"email": [TAKEN]})
    now = time.time()
    person_id, expires_at = numbers.following(), None if lasts is None else int(now) + lasts
    pk, sk = person_key(person_id)
    created_at = datetime.fromtimestamp(now, UTC)
    person = PersonRow(
        pk, sk, person_id=person_id, email=email, password=password_hash, is_active=is_active, is_staff=is_staff,
        created_at=created_at, activated_at=created_at if is_active else None, expires_at=expires_at,
    )  # fmt: skip
    address = AddressRow(*address_key(email), person_id=person_id, expires_at=expires_at)

    def both(write: TransactWrite) -> None:
        write.save(address, condition=Row.pk.does_not_exist() | (Row.expires_at <= int(now)))
        write.save(person, condition=Row.pk.does_not_exist())

    if not write_together(both):
        raise InvalidInputError({"email": [TAKEN]})
    return person


def seed(email: str, password: str, *, staff: bool = False) -> Person:
    """Make sure that an active person has this address and this password. Doing it twice changes nothing.

    Raises:
        InvalidInputError: the address has not the form of one.
        InvalidInputError: somebody registered it at this moment.
    """
    address = addresses.normalise(email)
    if address is None:
        raise InvalidInputError({"email": ["Enter a valid email address."]})
    row = row_by_email(address)
    if row is None:
        return Person.of(create(address, passwords.make(password), is_active=True, is_staff=staff, lasts=None))
    actions: list[Action] = [PersonRow.is_active.set(value=True), PersonRow.is_staff.set(staff or row.is_staff)]
    if not passwords.verify(password, row.password):
        actions += [PersonRow.password.set(passwords.make(password)), *end_everything()]
    if not row.activated_at and not activate(row):
        raise _gone()
    if not update_if(row, actions, Row.pk.exists()):
        raise _gone()
    return Person.of(row)


def activate(row: PersonRow) -> bool:
    """Let a person in for the first time: the address is theirs for good. Return False when it was too late."""
    return _settle(row, is_active=True)


def _settle(row: PersonRow, *, is_active: bool) -> bool:
    """End the time in which a mailed link decides whether a person is let in."""
    now = datetime.now(UTC)

    def both(write: TransactWrite) -> None:
        write.update(
            row,
            [PersonRow.is_active.set(is_active), PersonRow.activated_at.set(now), PersonRow.expires_at.remove()],
            condition=PersonRow.activated_at.does_not_exist() & (PersonRow.expires_at > int(now.timestamp())),
        )
        write.update(
            AddressRow(*address_key(row.email)),
            [AddressRow.expires_at.remove()],
            condition=AddressRow.person_id == int(row.person_id),
        )

    done = write_together(both)
    if done:
        # a transaction does not show what it wrote
        row.is_active, row.activated_at, row.expires_at = is_active, now, None
    return done


def set_active(person_id: int, *, is_active: bool) -> Person:
    """Let a person in again, or out: their sessions and reset links end at this moment, the link of a sign-up as well.

    Who is let in already, or out, stays so, and their sessions stay.

    Raises:
        NotFoundError: there is no such person.
    """
    row = row_of(person_id)
    if row and not row.activated_at:
        if _settle(row, is_active=is_active):
            return Person.of(row)
        row = row_of(person_id)  # a click on the link was faster, or time ran out
    if row is None:
        raise _gone()
    if row.is_active != is_active:
        _set_and_log_out(row, PersonRow.is_active.set(is_active))
    return Person.of(row)


def revoke_staff(person_id: int) -> Person:
    """Take staff's rights away from a person: their sessions and reset links end at this moment.

    Who is no staff stays so, and their sessions stay.

    Raises:
        NotFoundError: there is no such person.
    """
    row = row_of(person_id)
    if row is None:
        raise _gone()
    if row.is_staff:
        _set_and_log_out(row, PersonRow.is_staff.set(value=False))
    return Person.of(row)


def _set_and_log_out(row: PersonRow, action: Action) -> None:
    if not update_if(row, [action, *end_everything()], Row.pk.exists()):
        raise _gone()


def end_sessions(person_id: int) -> None:
    """End every session and every reset link of a person, if there is one."""
    update_if(PersonRow(*person_key(person_id)), end_everything(), Row.pk.exists())


def end_everything() -> list[Action]:
    """Return what an update of a person's row must hold to end every session and every one-time link of theirs."""
    return [PersonRow.generation.add(1)]


def _gone() -> NotFoundError:
    return NotFoundError("There is no such account.")
