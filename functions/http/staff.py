"""What every route for staff does first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.errors import ForbiddenError
from functions.http import identity

if TYPE_CHECKING:
    from functions.accounts.people import Person
    from functions.http.call import Call


def member(call: Call) -> Person:
    """Return the member of staff who calls.

    Raises:
        UnauthenticatedError: nobody that we know calls.
        ForbiddenError: somebody else calls.
    """
    person = identity.caller(call)
    check(person)
    return person


def check(person: Person) -> None:
    """Let staff pass.

    Raises:
        ForbiddenError: somebody else calls.
    """
    if not person.is_staff:
        raise ForbiddenError("You do not have permission to perform this action.")
