"""Who is calling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions import wiring
from functions.errors import UnauthenticatedError
from functions.http import cookies

if TYPE_CHECKING:
    from functions.accounts.people import Person
    from functions.http.call import Call

_SCHEME = "bearer "


def caller(call: Call) -> Person:
    """Return the person who calls, by `Authorization: Bearer` or, without that, by the cookie; the log names them.

    Raises:
        UnauthenticatedError: nothing was sent, or nothing that we can believe.
    """
    token = access_token(call)
    if not token:
        raise UnauthenticatedError("Authentication credentials were not provided.")
    person = wiring.tokens.authenticate(token)
    call.facts["person_id"] = person.id
    return person


def access_token(call: Call) -> str:
    """Return the access token that was sent, unchecked; empty when none was."""
    header = call.headers.get("authorization", "")
    if header.lower().startswith(_SCHEME):
        return header[len(_SCHEME) :].strip()
    return call.cookies.get(cookies.ACCESS, "")
