"""functions/http/transcoding.py."""

from __future__ import annotations

from typing import Final

from functions.http import transcoding
from functions.transcoding.ladder import LADDER
from openapi import replies
from openapi.declaration import Declaration, Parameter, Who, fields
from openapi.shapes import Schema, choice, listing, named, record, text

_NAMES: Final = [rung.name for rung in LADDER]
_RESOLUTIONS: Final[Schema] = {
    "anyOf": [listing(choice(_NAMES)), text(description="The same, separated by commas."), {"type": "null"}],
    "examples": [["480p", "720p"]],
}

DECLARATIONS: Final = (
    Declaration(
        view=transcoding.transcode_film,
        who=Who.OWNER,
        parameters=(
            Parameter(
                "res",
                "Names of renditions, separated by commas.",
                text(example="480p,720p"),
            ),
        ),
        body=fields(record({"resolutions": _RESOLUTIONS}, optional=["resolutions"]), required=False),
        replies={202: replies.json("Queued.", named("Accepted"))},
        refusals={400: {"res": "Unsupported resolution."}, 409: "Transcode already in progress.", 429: ""},
    ),
    Declaration(
        view=transcoding.film_plan,
        who=Who.STAFF,
        replies={200: replies.json("What is made of the video.", named("VideoPlan"))},
        refusals={404: "Video not found."},
    ),
)
