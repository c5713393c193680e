"""All that accounts keeps about a person: to be shown to them, and to be forgotten."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from functions.accounts import people
from functions.accounts.rows import (
    AddressRow,
    KnownRow,
    LinkRow,
    PersonRow,
    Row,
    SessionRow,
    address_key,
    person_key,
    read,
    write_together,
)
from functions.times import utc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pynamodb.transactions import TransactWrite


def describe(person: people.Person) -> dict[str, object]:
    """Return what the account call shows."""
    return {
        "id": person.id,
        "email": person.email,
        "username": person.email,  # the name that existing frontends use
        "is_staff": person.is_staff,
        "is_active": person.is_active,
        "created_at": utc(person.created_at),
    }


def export(person_id: int) -> dict[str, object]:
    """Return all that is kept about a person, as JSON-able values; of secrets only that they exist and since when."""
    person = people.row_of(person_id)
    if person is None:
        return {}
    others = list(_others(person))
    account = describe(people.Person.of(person))
    account["activated_at"] = utc(person.activated_at) if person.activated_at else None
    account["password"] = person.password.partition("$")[0]  # the scheme of the hash
    return {
        "account": account,
        "sessions": [_session(row) for row in others if isinstance(row, SessionRow)],
        "links": [_link(row) for row in others if isinstance(row, LinkRow)],
        "known_networks": [_network(row) for row in others if isinstance(row, KnownRow)],
    }


def delete(person_id: int) -> None:
    """Delete all that is kept about a person, the rows that make them one last: broken off, it can be done again.

    What other areas keep (films, positions) is theirs to delete, before this. What counts hits holds only hashes and
    goes by itself within a day, and so does the link of a reset that is asked for at this moment; the note that a mail
    was sent, without which it might come twice, within 30.
    """
    person = people.row_of(person_id)
    if person is None:
        return
    _delete_others(person)

    def both(write: TransactWrite) -> None:
        write.delete(PersonRow(*person_key(person_id)))
        if _owner_of_address(person) == person_id:
            owned = AddressRow.person_id == person_id
            write.delete(AddressRow(*address_key(person.email)), condition=Row.pk.does_not_exist() | owned)

    write_together(both)
    _delete_others(person)  # of a login that came between; one that comes now keeps nothing


def _delete_others(person: PersonRow) -> None:
    with Row.batch_write() as batch:
        for row in _others(person):
            batch.delete(row)


def _owner_of_address(person: PersonRow) -> int | None:
    """Return whose the person's address is now: one that was never activated may have a new owner; None: nobody's."""
    key = address_key(person.email)
    owner = read(key).get(key)
    return int(owner.person_id) if isinstance(owner, AddressRow) else None


def _others(person: PersonRow) -> Iterator[Row]:
    """Yield every row about a person but those that make them one."""
    person_id = int(person.person_id)
    own, address = person_key(person_id), address_key(person.email)
    for pk, sk in (own, address) if _owner_of_address(person) in (person_id, None) else (own,):
        yield from (row for row in Row.query(pk, consistent_read=True) if row.sk != sk)


def _session(row: SessionRow) -> dict[str, object]:
    return {
        "started_at": utc(_moment(row.started_at)),
        "refreshed_at": utc(_moment(row.rotated_at / 1000)),
        "expires_at": utc(_moment(row.expires_at)),
    }


def _link(row: LinkRow) -> dict[str, object]:
    return {"kind": row.sk.split("#")[1], "expires_at": utc(_moment(row.expires_at))}


def _network(row: KnownRow) -> dict[str, object]:
    return {"network": row.sk.removeprefix("known#"), "expires_at": utc(_moment(row.expires_at))}


def _moment(seconds: float | None) -> datetime:
    return datetime.fromtimestamp(seconds or 0, UTC)
