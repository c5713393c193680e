"""functions/http/passwords.py."""

from __future__ import annotations

from typing import Final

from functions.http import passwords
from openapi import replies
from openapi.areas.sign_up import ANY_EMAIL, NEW_PASSWORD
from openapi.declaration import Declaration, Who, fields
from openapi.shapes import named, record, text

_NEW: Final = {"new_password": NEW_PASSWORD, "confirm_password": NEW_PASSWORD}
_MISMATCH: Final = {"confirm_password": "Passwords do not match."}

DECLARATIONS: Final = (
    Declaration(
        view=passwords.password_reset,
        who=Who.ANYBODY,
        body=fields(record({"email": ANY_EMAIL}), form=True),
        replies={200: replies.detail("If this email exists, a password reset link has been sent.")},
        refusals={400: {"email": "Email is required."}, 429: ""},
    ),
    Declaration(
        view=passwords.password_confirm,
        who=Who.ANYBODY,
        body=fields(record(_NEW), form=True),
        replies={
            200: replies.Reply(
                "The password is new and every session of the account has ended. A page for browsers.",
                {"application/json": named("Detail"), "text/html": text()},
                replies.ON_PAGES,
                example={"detail": "Password updated."},
            ),
            400: replies.Reply(
                "The link is not valid, or no longer, or the passwords are not usable.",
                {"application/json": named("Errors"), "text/html": text()},
                replies.ON_PAGES,
                example={"errors": {"token": ["Invalid or expired password reset token."]}},
            ),
        },
    ),
    Declaration(
        view=passwords.password_form,
        who=Who.ANYBODY,
        replies={200: replies.page("The form; whether the link is valid shows when it is sent.")},
    ),
    Declaration(
        view=passwords.password_change,
        who=Who.MEMBER,
        body=fields(record({"current_password": text(example="the old horse, worse staple"), **_NEW}), form=True),
        replies={200: replies.detail("Password updated.", "Set-Cookie")},
        refusals={400: _MISMATCH, 429: ""},
    ),
)
