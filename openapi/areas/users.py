"""functions/http/users.py."""

from __future__ import annotations

from typing import Final

from functions.http import users
from openapi import replies
from openapi.declaration import Declaration, Parameter, Who, fields
from openapi.shapes import listing, named, or_text, record, switch, text, whole

DECLARATIONS: Final = (
    Declaration(
        view=users.list_people,
        who=Who.STAFF,
        parameters=(
            Parameter("q", "How their address begins.", text()),
            Parameter("limit", "People in the answer; at most 100.", whole(least=1, default=100)),
        ),
        replies={200: replies.json("People by address.", listing(named("Account")))},
        refusals={400: {"limit": "Give a whole number from 1 to 100."}},
    ),
    Declaration(
        view=users.change_person,
        who=Who.STAFF,
        body=fields(record({"is_active": or_text(switch(example=False))})),
        replies={200: replies.json("The person as they are now.", named("Account"))},
        refusals={400: {"is_active": "Give true or false."}, 404: "There is no such account."},
    ),
)
