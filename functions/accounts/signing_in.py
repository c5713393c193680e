"""Logging in with an e-mail address and a password."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from functions.accounts import addresses, lifetimes, limits, passwords, people, sessions, tokens
from functions.accounts.limits import Counter
from functions.accounts.people import Person
from functions.accounts.rows import AddressRow, KnownRow, PersonRow, address_key, known_key, read, update_if
from functions.errors import ForbiddenError, InvalidInputError

if TYPE_CHECKING:
    from functions.accounts.tokens import Tokens

_INVALID = "Invalid credentials."
_STRANGERS_CEILING = 50  # failures an hour for one account from networks its owner never used
_NEVER_REACHED = 1000  # an hour, at five a minute


def log_in(email: str, password: str, client_ip: str) -> tuple[Person, Tokens]:
    """Start a session.

    An unknown address, a wrong password and an inactive account with a wrong password take the same calls and the
    same hash work. Only failures are counted. A right password that arrives while the failures around it fill a
    window is refused like them, so guesses sent all at once learn no more than guesses sent one by one.

    Raises:
        InvalidInputError: there is no such account, or the password is another.
        ForbiddenError: the password is right and the account inactive.
        ThrottledError: too many failures.
    """
    address, network = addresses.normalise(email) or "", limits.network(client_ip)
    row, failures = _look(address, address or email, network)
    fits = passwords.verify(password, row.password if row else passwords.dummy())
    if row is None or not fits:
        for counter in failures:
            counter.hit()
        raise InvalidInputError(_INVALID)
    limits.refuse_if_full(failures)
    if not row.is_active:
        raise ForbiddenError("Account is inactive.")
    _upgrade(row, password)
    known = KnownRow(*known_key(address, network), expires_at=int(time.time()) + lifetimes.KNOWN_NETWORK)
    session = sessions.begin(row, known)
    if session is None:
        raise InvalidInputError(_INVALID)
    return Person.of(row), tokens.of(session)


def _look(address: str, named: str, network: str) -> tuple[PersonRow | None, list[Counter]]:
    """Return the person with this address, and where a failure counts. Two reads, whoever it is.

    Args:
        address: Empty, if what was sent is none.
        named: What failures count for. Each text that is no address has its own: with one for all of them,
            a few people who mistype theirs would stop everybody who does.
        network: Where the call comes from.

    Raises:
        ThrottledError: too many failures.
    """
    failures = [
        Counter("login", f"{named} {network}", 5, limits.MINUTE),
        Counter("login-network", network, 20, limits.MINUTE),
    ]
    # Strangers to an account share a ceiling. The networks that its owner uses stay free of it, so no stranger can
    # lock the owner out; they are counted elsewhere, because fewer calls would tell a neighbour that the account is.
    strangers = Counter("login-strangers", named, _STRANGERS_CEILING, limits.HOUR)
    at_home = Counter("login-at-home", f"{named} {network}", _NEVER_REACHED, limits.HOUR)
    counters = [counter.row_key for counter in (*failures, strangers, at_home)]
    rows = read(address_key(address), known_key(address, network), *counters)
    failures.append(at_home if known_key(address, network) in rows else strangers)
    limits.refuse_if_full(failures, rows)
    owner = rows.get(address_key(address))
    return people.row_of(int(owner.person_id) if isinstance(owner, AddressRow) else 0), failures


def _upgrade(row: PersonRow, password: str) -> None:
    """Make the hash anew when it is of the original, or of another cost than today's."""
    if passwords.is_outdated(row.password):
        new = PersonRow.password.set(passwords.make(password))
        # where the password was changed at this moment, the session begun next is of a former generation, so dead
        update_if(row, [new], PersonRow.password == row.password)
