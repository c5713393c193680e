"""functions/http/positions.py."""

from __future__ import annotations

from typing import Final

from functions.http import positions
from openapi import replies
from openapi.declaration import Declaration, Who, fields
from openapi.schemas import SECONDS
from openapi.shapes import named, or_text, record

DECLARATIONS: Final = (
    Declaration(
        view=positions.show_position,
        who=Who.MEMBER,
        replies={200: replies.json("Where the caller stopped.", named("Position"))},
        refusals={404: "Video not found."},
    ),
    Declaration(
        view=positions.put_position,
        who=Who.MEMBER,
        body=fields(record({"seconds": or_text(SECONDS)})),
        replies={200: replies.json("What is kept: within the film.", named("Position"))},
        refusals={
            400: {"seconds": "Give a number of seconds, 0 or more."},
            404: "Video not found.",
            409: "The video is not ready yet.",
        },
    ),
)
