"""functions/http/sign_up.py."""

from __future__ import annotations

from typing import Final

from functions.accounts import addresses, password_rules
from functions.http import sign_up
from openapi import replies
from openapi.declaration import Declaration, Who, fields
from openapi.shapes import named, record, text

NEW_PASSWORD: Final = text(
    example="another horse, better staple",
    minLength=password_rules.SHORTEST,
    maxLength=password_rules.LONGEST,
    description="Any characters, but none of the common passwords.",
)
NEW_EMAIL: Final = text(example="new@example.com", format="email", maxLength=addresses.LONGEST)
ANY_EMAIL: Final = text(example="new@example.com", minLength=1)  # what is no address is answered like an unknown one

DECLARATIONS: Final = (
    Declaration(
        view=sign_up.register,
        who=Who.ANYBODY,
        body=fields(
            record({"email": NEW_EMAIL, "password": NEW_PASSWORD, "confirmed_password": NEW_PASSWORD}), form=True
        ),
        replies={201: replies.json("Registered; the activation link was mailed.", named("Registered"))},
        refusals={400: {"email": "Email is required.", "confirmed_password": "Passwords do not match."}, 429: ""},
    ),
    Declaration(
        view=sign_up.activate,
        who=Who.ANYBODY,
        replies={
            200: replies.Reply(
                "Activated, or was before: a second click on a valid link is fine. A page for browsers "
                "(`Accept: text/html`).",
                {"application/json": named("Activated"), "text/html": text()},
                replies.ON_PAGES,
            ),
            400: replies.Reply(
                "The link is not valid, or no longer.",
                {"application/json": named("ActivationErrors"), "text/html": text()},
                replies.ON_PAGES,
                example={"errors": ["Invalid or expired activation link."]},
            ),
        },
        refusals={429: ""},
    ),
    Declaration(
        view=sign_up.resend,
        who=Who.ANYBODY,
        body=fields(record({"email": ANY_EMAIL}), form=True),
        replies={200: replies.detail("If this email waits for activation, an activation link has been sent.")},
        refusals={400: {"email": "Email is required."}, 429: ""},
    ),
)
