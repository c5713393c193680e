"""Sessions: a login and the family of refresh tokens that came from it.

Refresh tokens rotate: each use makes a successor (RFC 9700, section 4.14.2). A token that was used before ends the
whole session, since one of the two that hold it stole it; except the immediate predecessor within 10 seconds, which
gets the *same* successor: two tabs that refresh at once, or an answer that was lost, must not log anybody out. The
successor is not stored: it follows from the session's row (serial and time of rotation), so it can be made again.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions import log
from functions.accounts import lifetimes
from functions.accounts.rows import (
    KnownRow,
    PersonRow,
    Row,
    SessionRow,
    person_key,
    read,
    session_key,
    update_if,
    write_together,
)

if TYPE_CHECKING:
    from pynamodb.transactions import TransactWrite


@dataclass(frozen=True)
class Session:
    """A living session, as the tokens made from it need it. Times are epoch seconds."""

    person_id: int
    sid: str
    serial: int
    rotated_at: int
    expires_at: int

    @classmethod
    def of(cls, person_id: int, row: SessionRow) -> Session:
        """Read a row."""
        return cls(
            person_id,
            row.sk.removeprefix("session#"),
            int(row.serial),
            int(row.rotated_at) // 1000,
            int(row.expires_at),
        )


def begin(person: PersonRow, known: KnownRow) -> Session | None:
    """Start a session of `person`, whose password was right in the generation that the row shows.

    When the password was changed since, the session is dead from the start. `known`, from where they logged in, is
    kept in the same call.

    Returns:
        None, and nothing is kept, when the account was deleted since.
    """
    person_id, now = int(person.person_id), time.time()
    row = SessionRow(
        *session_key(person_id, secrets.token_hex(16)),
        generation=int(person.generation), serial=0, started_at=int(now), rotated_at=int(now * 1000),
        expires_at=int(now) + lifetimes.REFRESH,
    )  # fmt: skip

    def both(write: TransactWrite) -> None:
        write.condition_check(PersonRow, *person_key(person_id), condition=Row.pk.exists())
        write.save(row)
        write.save(known)

    return Session.of(person_id, row) if write_together(both) else None


def find(person_id: int, sid: str) -> tuple[PersonRow, SessionRow] | None:
    """Return a living session and its person, in one read; None when either has ended."""
    keys = person_key(person_id), session_key(person_id, sid)
    rows = read(*keys)
    person, session = rows.get(keys[0]), rows.get(keys[1])
    if not isinstance(person, PersonRow) or not isinstance(session, SessionRow):
        return None
    if not person.is_active or person.generation != session.generation:
        return None
    return person, session


def rotate(person_id: int, sid: str, serial: int) -> Session | None:
    """Exchange the refresh token with this `serial` for its successor.

    Returns:
        The session after the exchange; None when it has ended, or ends now because the token was used before.
    """
    found = find(person_id, sid)
    if found is None:
        return None
    row = found[1]
    if serial == row.serial:
        if _advance(row):
            return Session.of(person_id, row)
        found = find(person_id, sid)  # another request with this token was faster
        if found is None:
            return None
        row = found[1]
    if serial == row.serial - 1 and time.time() * 1000 - row.rotated_at <= lifetimes.GRACE * 1000:
        return Session.of(person_id, row)
    row.delete()
    log.warning("refresh_token_reused", person_id=person_id)
    return None


def end(person_id: int, sid: str) -> None:
    """End a session: its refresh tokens and its access tokens are refused from now on. Ending it twice is fine."""
    SessionRow(*session_key(person_id, sid)).delete()


def _advance(row: SessionRow) -> bool:
    """Move a session to its next refresh token; False when it is no longer at the serial that `row` shows."""
    now = time.time()
    return update_if(
        row,
        [
            SessionRow.serial.set(row.serial + 1),
            SessionRow.rotated_at.set(int(now * 1000)),
            SessionRow.expires_at.set(min(int(now) + lifetimes.REFRESH, int(row.started_at) + lifetimes.SESSION)),
        ],
        SessionRow.serial == row.serial,
    )
