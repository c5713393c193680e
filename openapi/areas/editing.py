"""functions/http/editing.py."""

from __future__ import annotations

from typing import Final

from functions.http import editing
from openapi import replies
from openapi.declaration import Declaration, Who, fields
from openapi.schemas import POSTER_AT, SENT_CATEGORY, SENT_DESCRIPTION, SENT_TITLE
from openapi.shapes import named, or_text, record, switch

CHANGING: Final = "The video is being changed. Try again."
_CHANGES: Final = {
    "title": SENT_TITLE | {"minLength": 1},
    "description": SENT_DESCRIPTION,
    "category": SENT_CATEGORY | {"minLength": 1},
    "published": or_text(switch(example=True)),
    "poster_at": or_text(POSTER_AT),
}

DECLARATIONS: Final = (
    Declaration(
        view=editing.show_film,
        who=Who.MEMBER,
        replies={200: replies.json("The video.", named("Video"))},
        refusals={404: "Video not found."},
    ),
    Declaration(
        view=editing.edit_film,
        who=Who.OWNER,
        body=fields(record(_CHANGES, optional=_CHANGES), required=False),
        replies={200: replies.json("The video as it is now.", named("Video"))},
        refusals={400: {"title": "The title may not be empty."}, 409: CHANGING, 429: ""},
    ),
    Declaration(
        view=editing.delete_film,
        who=Who.OWNER,
        replies={204: replies.empty("Deleted.")},
        refusals={409: CHANGING},
    ),
)
