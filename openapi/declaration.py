"""The words in which an area says what its routes take and answer.

A declaration belongs to a view, so it holds for every path and spelling that leads there. The summary is the view's own
docstring; methods and paths are those of its registration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from functions.http.routing import View
from openapi.replies import Reply
from openapi.shapes import Schema

JSON, FORM, MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"
PLAYLIST = "application/vnd.apple.mpegurl"


class Who(Enum):
    """Who may call: the value is what the document says."""

    ANYBODY = "everybody"
    HOLDER = "whoever holds a refresh token"
    MEMBER = "everybody who is logged in"
    OWNER = "the video's owner and staff"
    STAFF = "staff"


@dataclass(frozen=True)
class Parameter:
    """A parameter in the query, a request header or a cookie; never required."""

    name: str
    description: str
    schema: Schema
    place: str = "query"


@dataclass(frozen=True)
class Body:
    """What a route reads: a schema for each media type that it takes.

    Attributes:
        content: Schemas by media type.
        required: Whether a call without a body is refused.
        description: What to know beyond the schema.
    """

    content: Mapping[str, Schema]
    required: bool = True
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What a view takes and answers.

    Attributes:
        view: The function that is registered.
        who: Who may call it.
        replies: What it answers, by status.
        refusals: Example of each refusal that is its own, by status: sentences by field, or one sentence. Those that
            follow from `who`, from a body and from the method are added by themselves.
        parameters: Beyond those in the path.
        body: What it reads, if it reads anything.
        leads_to: Views that take the `id` of what it made (201) as `video_id`: the document's links (OpenAPI 3.1, "Link
            Object").
    """

    view: View
    who: Who
    replies: Mapping[int, Reply]
    refusals: Mapping[int, str | Mapping[str, str]] = field(default_factory=dict)
    parameters: Sequence[Parameter] = ()
    body: Body | None = None
    leads_to: Sequence[View] = ()


def fields(schema: Schema, *, form: bool = False, required: bool = True, description: str = "") -> Body:
    """Return a body of JSON, and where `form` is set of a form as well."""
    types = (JSON, FORM) if form else (JSON,)
    return Body(dict.fromkeys(types, schema), required, description)


IF_NONE_MATCH = Parameter(
    "If-None-Match",
    "The `ETag` of the answer that the caller has: where nothing changed, the answer is 304 without a body.",
    {"type": "string"},
    place="header",
)


def path_parameter(name: str) -> dict[str, Any]:
    """Return the parameter of this name in a path.

    Raises:
        KeyError: it is not described yet.
    """
    return {"name": name, "in": "path", "required": True, **_IN_PATHS[name]}


_IN_PATHS: Mapping[str, dict[str, Any]] = {
    "video_id": {
        "description": "The video's stable id.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**53 - 1},
        "example": 1,
    },
    "user_id": {
        "description": "The account's id.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**53 - 1},
        "example": 2,
    },
    "resolution": {
        "description": (
            "The rendition. `480p`, `720p` and `1080p` always answer once the video is ready: one that the source "
            "cannot fill is the best lower one."
        ),
        "schema": {"type": "string", "pattern": "^[0-9]{3,4}p$"},
        "example": "480p",
    },
    "segment": {
        "description": "The segment's name, as in the original's playlists.",
        "schema": {"type": "string", "pattern": "^[0-9]{3,6}\\.ts$"},
        "example": "000.ts",
    },
    "language": {
        "description": "Language tag (BCP 47), e.g. `de` or `pt-BR`.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9-]{2,35}$"},
        "example": "de",
    },
    "uidb64": {
        "description": "URL-safe base64, without padding, of the account's decimal id, as it was mailed.",
        "schema": {"type": "string", "minLength": 1},
        "example": "MTM",
    },
    "token": {
        "description": "The token that was mailed.",
        "schema": {"type": "string", "minLength": 1},
        "example": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0",
    },
    "asset": {
        "description": "The file's name.",
        "schema": {"type": "string", "pattern": "^[a-z-]{1,40}\\.(js|css)$"},
        "example": "docs.js",
    },
}
