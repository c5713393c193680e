"""functions/http/profile.py."""

from __future__ import annotations

from typing import Final

from functions.http import profile
from openapi import replies
from openapi.areas.editing import CHANGING
from openapi.declaration import Declaration, Who, fields
from openapi.shapes import named, record, text

DECLARATIONS: Final = (
    Declaration(
        view=profile.account,
        who=Who.MEMBER,
        replies={200: replies.json("The caller.", named("Account"))},
    ),
    Declaration(
        view=profile.export,
        who=Who.MEMBER,
        replies={
            200: replies.json(
                "Everything, as a file to save.", named("AccountExport"), "Content-Disposition", *replies.COMPRESSED
            )
        },
    ),
    Declaration(
        view=profile.delete,
        who=Who.MEMBER,
        body=fields(record({"password": text(example="another horse, better staple")}), form=True),
        replies={200: replies.detail("Account deleted.", "Set-Cookie")},
        refusals={400: {"password": "The password is wrong."}, 409: CHANGING, 429: ""},
    ),
)
