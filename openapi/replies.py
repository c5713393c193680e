"""Answers and refusals, and the headers that they carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final

from functions.errors import NON_FIELD, REQUEST_TOO_LARGE
from openapi.shapes import Schema, named, text, whole

HEADERS: Final = MappingProxyType(
    {
        "X-Request-Id": ("Names this request in the log.", text()),
        "Cache-Control": ("Who may keep this answer, and for how long.", text(example="no-store")),
        "Set-Cookie": (
            "`access_token` and `refresh_token` (HttpOnly) and `csrftoken`; emptied ones where a session ended.",
            text(),
        ),
        "ETag": ("Names this state of the answer, for `If-None-Match`.", text(example='"0a1b"')),
        "Link": ('The next page: `<URL>; rel="next"` (RFC 8288); absent on the last.', text()),
        "Location": ("Where to go.", text(format="uri-reference")),
        "Accept-Ranges": ("That parts can be asked for.", text(example="bytes")),
        "Content-Range": ("Which bytes of how many (RFC 9110, section 14.4).", text(example="bytes 0-99/52264")),
        "Content-Disposition": ("The name under which to save the answer.", text()),
        "Content-Security-Policy": ("What the page may load and call.", text()),
        "Referrer-Policy": ("Whom the browser tells that it comes from the page.", text(example="same-origin")),
        "Content-Encoding": ("`gzip`, where the caller takes that.", text()),
        "Vary": ("Request headers on which the answer depends.", text()),
        "Retry-After": ("Whole seconds until the next try may succeed.", whole(example=42, least=1)),
        "WWW-Authenticate": ("How to prove who one is.", text(example='Bearer realm="videoflix"')),
    }
)
"""Name of each response header that is documented: what it means, its schema."""

ON_EVERY_REPLY: Final = ("X-Request-Id",)
ON_PAGES: Final = ("Content-Security-Policy", "Referrer-Policy")
COMPRESSED: Final = ("Content-Encoding", "Vary")
_SOMETIMES: Final = frozenset({"Link", "Cache-Control", *ON_PAGES, *COMPRESSED})


@dataclass(frozen=True)
class Reply:
    """An answer of one status.

    Attributes:
        description: What it means.
        content: Schemas by media type; none: no body.
        headers: Names in `HEADERS`, beyond those of every reply.
        example: Of its JSON.
    """

    description: str
    content: Mapping[str, Schema] = field(default_factory=dict)
    headers: tuple[str, ...] = ()
    example: Any = None

    def described(self) -> dict[str, Any]:
        """Return it as an OpenAPI response."""
        names = (*ON_EVERY_REPLY, *self.headers)
        described: dict[str, Any] = {
            "description": self.description,
            "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        }
        if self.content:
            described["content"] = {kind: self._media(kind, schema) for kind, schema in self.content.items()}
        return described

    def _media(self, kind: str, schema: Schema) -> dict[str, Any]:
        example = {} if self.example is None or kind != "application/json" else {"example": self.example}
        return {"schema": schema, **example}


def json(description: str, schema: Schema, *headers: str, example: object = None) -> Reply:
    """Return an answer in JSON."""
    return Reply(description, {"application/json": schema}, headers, example)


def detail(sentence: str, *headers: str) -> Reply:
    """Return an answer that says one sentence as `detail`."""
    return json(sentence, named("Detail"), *headers, example={"detail": sentence})


def empty(description: str, *headers: str) -> Reply:
    """Return an answer without a body."""
    return Reply(description, headers=headers)


def page(description: str) -> Reply:
    """Return an answer that is a page."""
    return Reply(description, {"text/html": text()}, ON_PAGES)


UNCHANGED: Final = empty("Nothing has changed since the `ETag` that was sent.", "ETag")

_MEANINGS: Final = MappingProxyType(
    {
        400: "What was sent cannot be used; each field that is wrong has its sentences.",
        401: "Nobody is logged in: no access token was sent, or one that has expired or was revoked.",
        403: "The caller may not do this, or an unsafe call came from a page of an origin that is not allowed.",
        404: "There is no such thing, or not for this caller.",
        409: "The state that things are in does not allow this now.",
        413: "More bytes than this way in takes; the gateway takes 10 MB.",
        415: "A body of this type is not read here.",
        416: "The range lies outside the segment.",
        429: "Too many tries; `Retry-After` says when to try again.",
        500: "A fault of ours; `request_id` names it in the log.",
    }
)
_SENTENCES: Final = MappingProxyType(
    {
        401: "Authentication credentials were not provided.",
        403: "You do not have permission to perform this action.",
        413: REQUEST_TOO_LARGE,
        415: "Send JSON (application/json) or a form.",
        429: "Request was throttled. Expected available in 42 seconds.",
        500: "Internal server error.",
    }
)
_CARRIED: Final = MappingProxyType({401: ("WWW-Authenticate",), 416: ("Content-Range",), 429: ("Retry-After",)})


def refusal(status: int, said: str | Mapping[str, str] | None = None, *headers: str) -> Reply:
    """Return the answer that refuses with `status`.

    Args:
        status: HTTP status code.
        said: Its example: a sentence by field, or one sentence; nothing: the one that is always said.
        headers: Beyond those that such a refusal always has.
    """
    said = said or _SENTENCES[status]
    by_field = {NON_FIELD: said} if isinstance(said, str) else said
    example: dict[str, Any] = {"errors": {name: [sentence] for name, sentence in by_field.items()}}
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        example["request_id"] = "5c1f2c0e-6a3b-4d0e-9d3c-2f5b8a1e7c44"
    schema = named("Fault" if status == HTTPStatus.INTERNAL_SERVER_ERROR else "Errors")
    return json(_MEANINGS[status], schema, *_CARRIED.get(status, ()), *headers, example=example)


COMMON: Final = MappingProxyType(
    {
        401: "Unauthorized",
        413: "ContentTooLarge",
        415: "UnsupportedMediaType",
        429: "TooManyRequests",
        500: "InternalServerError",
    }
)
"""Refusals that are the same wherever they occur, and so are described once, by the names of RFC 9110 (section 15).

Written out: Python's own names are older ones before 3.13.
"""


def is_promised(header: str) -> bool:
    """Whether a documented header is on every such answer, rather than where it has something to say."""
    return header not in _SOMETIMES
