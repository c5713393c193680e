"""functions/http/sign_in.py."""

from __future__ import annotations

from typing import Final

from functions.http import sign_in
from openapi import replies
from openapi.declaration import Declaration, Parameter, Who, fields
from openapi.shapes import named, record, text

_NO_COOKIE: Final = {"refresh_token": "Refresh token cookie missing."}

DECLARATIONS: Final = (
    Declaration(
        view=sign_in.login,
        who=Who.ANYBODY,
        body=fields(
            record({"email": text(example="demo@videoflix.local"), "password": text(example="Demo123!")}), form=True
        ),
        replies={200: replies.json("Logged in; the cookies are set.", named("LoggedIn"), "Set-Cookie")},
        refusals={400: "Invalid credentials.", 403: "Account is inactive.", 429: ""},
    ),
    Declaration(
        view=sign_in.logout,
        who=Who.ANYBODY,
        parameters=(Parameter("refresh_token", "The session that ends; any other is fine too.", text(), "cookie"),),
        replies={
            200: replies.detail(
                "Logout successful! All tokens will be deleted. Refresh token is now invalid.", "Set-Cookie"
            ),
            400: replies.refusal(400, _NO_COOKIE, "Set-Cookie"),
        },
    ),
    Declaration(
        view=sign_in.refresh,
        who=Who.HOLDER,
        replies={200: replies.json("New tokens; the old refresh token is used up.", named("Refreshed"), "Set-Cookie")},
        refusals={400: _NO_COOKIE, 401: {"refresh_token": "Invalid refresh token."}},
    ),
)
