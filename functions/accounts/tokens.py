"""Access and refresh tokens: JWTs signed with HS256 (RFC 7519; what is checked follows RFC 8725).

A token only names a session; whether that session lives is read at every call, so that logout, a new password and
deactivation hold at once for every worker.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from dataclasses import dataclass
from typing import Any, Literal

from functions import settings
from functions.accounts import keys, lifetimes, sessions
from functions.accounts.hs256 import jwt
from functions.accounts.people import Person
from functions.accounts.sessions import Session
from functions.errors import UnauthenticatedError

AUDIENCE = "videoflix-api"
_ALGORITHM = "HS256"
_LEEWAY = 2  # seconds that two machines' clocks may differ

Kind = Literal["access", "refresh"]


@dataclass(frozen=True)
class Tokens:
    """What a session hands out."""

    access: str
    refresh: str


def of(session: Session) -> Tokens:
    """Make a session's tokens. The refresh token is the same each time it is made at one serial."""
    now = int(time.time())
    access = _encode(session, "access", iat=now, exp=now + lifetimes.ACCESS, jti=secrets.token_hex(16))
    refresh = _encode(
        session, "refresh", iat=session.rotated_at, exp=session.expires_at, jti=f"{session.sid}-{session.serial}",
        serial=session.serial,
    )  # fmt: skip
    return Tokens(access, refresh)


def authenticate(access_token: str) -> Person:
    """Return who an access token belongs to. Reads the table once.

    Raises:
        UnauthenticatedError: the token is not one of ours, or its time or its session is over.
    """
    person_id, sid, _ = _decode(access_token, "access")
    found = sessions.find(person_id, sid)
    if found is None:
        raise _invalid()
    return Person.of(found[0])


def exchange(refresh_token: str) -> Tokens:
    """Exchange a refresh token for new tokens.

    Raises:
        UnauthenticatedError: the token is not one of ours, its session is over, or it was used before.
    """
    session = sessions.rotate(*_decode(refresh_token, "refresh"))
    if session is None:
        raise _invalid()
    return of(session)


def revoke(*, access: str, refresh: str) -> None:
    """End the sessions of these tokens (one session, as a rule); one that nobody would believe ends nothing."""
    ended: set[tuple[int, str]] = set()
    sent: tuple[tuple[str, Kind], ...] = ((access, "access"), (refresh, "refresh"))
    for token, kind in sent:
        with contextlib.suppress(UnauthenticatedError):
            person_id, sid, _ = _decode(token, kind)
            ended.add((person_id, sid))
    for person_id, sid in ended:
        sessions.end(person_id, sid)


def _invalid() -> UnauthenticatedError:
    return UnauthenticatedError("Invalid token.")


def _issuer() -> str:
    return f"videoflix-{settings.current().stage}"


def _encode(session: Session, kind: Kind, **claims: object) -> str:
    key = keys.signing()
    named = {"iss": _issuer(), "aud": AUDIENCE, "sub": str(session.person_id), "sid": session.sid, "type": kind}
    return jwt.encode({**named, **claims}, key.secret, algorithm=_ALGORITHM, headers={"kid": key.kid})


def _decode(token: str, kind: Kind) -> tuple[int, str, int]:
    """Return the person's id, the session's id and the serial (0 in an access token) of a token of this kind."""
    try:
        claims = _verified(token)
        if claims["type"] == kind:
            return int(claims["sub"]), str(claims["sid"]), int(claims.get("serial", 0))
    except (jwt.InvalidTokenError, ValueError):  # whatever is wrong with it, the caller learns one thing
        pass
    raise _invalid()


def _verified(token: str) -> dict[str, Any]:
    key = keys.find(str(jwt.get_unverified_header(token).get("kid")))
    if key is None:
        raise jwt.InvalidTokenError("unknown key")
    claims: dict[str, Any] = jwt.decode(
        token,
        key.secret,
        algorithms=[_ALGORITHM],  # the header's word is not taken (RFC 8725, 3.1)
        audience=AUDIENCE,
        issuer=_issuer(),
        leeway=_LEEWAY,
        options={"require": ["iss", "aud", "sub", "sid", "type", "jti", "iat", "exp"]},
    )
    return claims
