"""Logging in with an e-mail address and a password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.accounts import passwords, people, sessions, tokens
from functions.accounts.people import Person
from functions.errors import ForbiddenError, InvalidInputError

if TYPE_CHECKING:
    from functions.accounts.tokens import Tokens


def log_in(email: str, password: str) -> tuple[Person, Tokens]:
    """Start a session.

    Raises:
        InvalidInputError: there is no such account, or the password is another.
        ForbiddenError: the password is right and the account inactive.
    """
    row = people.row_by_email(email)
    fits = passwords.verify(password, row.password if row else passwords.dummy())
    if row is None or not fits:
        raise InvalidInputError("Invalid credentials.")
    if not row.is_active:
        raise ForbiddenError("Account is inactive.")
    return Person.of(row), tokens.of(sessions.begin(row))
