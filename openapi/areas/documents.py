"""functions/http/documents.py."""

from __future__ import annotations

from typing import Final

from functions.http import documents
from openapi import replies
from openapi.declaration import IF_NONE_MATCH, Declaration, Parameter, Who
from openapi.replies import Reply
from openapi.shapes import choice, text

_TAGGED: Final = ("ETag", "Cache-Control")

DECLARATIONS: Final = (
    Declaration(
        view=documents.schema,
        who=Who.ANYBODY,
        parameters=(
            Parameter("format", "Wins over `Accept`.", choice(documents.FORMATS)),
            IF_NONE_MATCH,
        ),
        replies={
            200: Reply(
                "This document: JSON, or YAML where `Accept` names that.",
                {"application/json": {"type": "object"}, "application/yaml": {"type": "object"}},
                (*_TAGGED, *replies.COMPRESSED),
            ),
            304: replies.UNCHANGED,
        },
        refusals={400: {"format": "Give json or yaml."}},
    ),
    Declaration(
        view=documents.docs,
        who=Who.ANYBODY,
        parameters=(IF_NONE_MATCH,),
        replies={
            200: Reply(
                "The page; it asks no other host for anything.",
                {"text/html": text()},
                (*_TAGGED, *replies.COMPRESSED, "Content-Security-Policy"),
            ),
            304: replies.UNCHANGED,
        },
    ),
    Declaration(
        view=documents.asset,
        who=Who.ANYBODY,
        parameters=(IF_NONE_MATCH,),
        replies={
            200: Reply(
                "The file.",
                {"text/javascript": text(), "text/css": text()},
                (*_TAGGED, *replies.COMPRESSED),
            ),
            304: replies.UNCHANGED,
        },
        refusals={404: "Not found."},
    ),
)
