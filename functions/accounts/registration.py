"""Becoming a member: registration, and the link that proves the mailbox."""

from __future__ import annotations

import time
from typing import NamedTuple

from functions.accounts import addresses, lifetimes, limits, links, passwords, people, personal_data
from functions.accounts.limits import Counter
from functions.accounts.people import Person
from functions.accounts.rows import PersonRow
from functions.mail import outbox
from functions.mail.kinds import MailKind

MAILS_AN_HOUR = 20  # to one address, of one kind: nobody's mailbox is flooded from many networks


class Registered(NamedTuple):
    """A new person, and the token of the link that was mailed to them."""

    person: Person
    token: str


def register(email: str, password: str) -> Registered:
    """Create an inactive person and mail the link that activates it.

    Args:
        email: A normalised address.
        password: One that `password_rules` accepts.

    Raises:
        InvalidInputError: the address is taken.
    """
    row = people.create(email, passwords.make(password), is_active=False, lasts=lifetimes.ACTIVATION)
    try:
        token = _invite(row)
    except Exception:
        personal_data.delete(int(row.person_id))  # an account that nobody can activate would only block the address
        raise
    return Registered(Person.of(row), token)


def resend(email: str, client_ip: str) -> None:
    """Mail a new activation link, if there is an account that waits for one.

    The same calls are made when there is none. The new link lives as long as the registration has left, so that
    nobody can hold another's address by asking again and again.

    Raises:
        ThrottledError: too many of these from this network.
    """
    limits.hit("activate-resend", limits.network(client_ip), 10)
    address = addresses.normalise(email) or ""
    row = people.row_by_email(address)
    has_room = Counter("activate-mail", address, MAILS_AN_HOUR, limits.HOUR).has_room()
    waits = row is not None and not row.activated_at
    _invite(row if waits and has_room else None, address=address)


def activate(uidb64: str, token: str, client_ip: str) -> bool:
    """Activate the account that a link belongs to; True again for a second click on it.

    Mail scanners click first, so a click must not use the link up.

    Raises:
        ThrottledError: too many of these from this network.
    """
    limits.hit("activate", limits.network(client_ip), 60)
    found = links.find("activate", uidb64, token)
    if found is None:
        return False
    row = found[0]
    if row.activated_at or people.activate(row):
        return row.is_active  # not when it was deactivated since
    again = people.row_of(int(row.person_id))  # another click was faster, or time ran out
    return again is not None and again.is_active


def _invite(row: PersonRow | None, address: str = "") -> str:
    """Issue an activation link and mail it. Without a `row` make the same calls for nobody."""
    now = int(time.time())
    person_id = int(row.person_id) if row else 0
    expires_at = int(row.expires_at) if row and row.expires_at else now + lifetimes.ACTIVATION
    token = links.issue("activate", person_id, generation=0, expires_at=expires_at)
    outbox.send(
        MailKind.ACTIVATE if row else MailKind.NOTHING,
        to=row.email if row else address,
        key=f"activate-{person_id}-{links.digest(token)}",
        context={
            "link": links.url("activate", person_id, token),
            # a second after the account was made it is three days still
            "hours": str(max(1, (expires_at - now + 60) // 3600)),
        },
    )
    return token
