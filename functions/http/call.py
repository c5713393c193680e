"""One request as a route sees it, and one answer as it gives it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from functions.errors import InvalidInputError, UnsupportedMediaError

if TYPE_CHECKING:
    from chalice.app import Request

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def to_json(value: object) -> str:
    """Return `value` as compact JSON in which every letter stands for itself."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Answer:
    """What a route gives back.

    Attributes:
        body: JSON-able value, ready text, bytes (a binary answer), or None for no body.
        status: HTTP status code.
        headers: Header names and values; `Content-Type` defaults to JSON.
        cookies: Whole `Set-Cookie` values, in order.
        personal: Adds `Cache-Control: no-store` unless the route set its own.
    """

    body: object = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Sequence[str] = ()
    personal: bool = True


@dataclass(frozen=True)
class Call:
    """A parsed request. Header names are case-insensitive; `client_ip` is the gateway's own word.

    `facts` is what the log shall say of the call beside its route: who it is by, once that is known. Never a secret.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    client_ip: str
    request_id: str
    facts: dict[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, request: Request) -> Call:
        """Read a Chalice request. The last value of a repeated query parameter counts.

        The request id is the gateway's own; where a gateway gives none (`chalice local`), the invocation's.
        """
        raw = request.raw_body
        context = request.context
        query = request.query_params
        return cls(
            method=request.method,
            path=context.get("path", request.path),
            headers=request.headers,
            query={name: query.getlist(name)[-1] for name in query} if query else {},
            body=raw if isinstance(raw, bytes) else raw.encode(),
            client_ip=str(context.get("identity", {}).get("sourceIp", "")),
            request_id=str(context.get("requestId") or getattr(request.lambda_context, "aws_request_id", "")),
        )

    @property
    def content_type(self) -> str:
        """The media type of the body, lower case, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies, by name; of two with one name the first, which a browser sends for the closer path.

        Read as browsers write them (RFC 6265, section 5.4): http.cookies drops all that follow one which it does not
        like, and another application on the same host would log our users out.
        """
        cookies: dict[str, str] = {}
        for pair in self.headers.get("cookie", "").split(";"):
            name, equals, value = pair.partition("=")
            if equals:
                cookies.setdefault(name.strip(), value.strip().strip('"'))
        return cookies

    def fields(self) -> dict[str, object]:
        """Return the body's fields: a JSON object, or a form; an empty body has none.

        Raises:
            InvalidInputError: the body is not what its type says, or JSON but not an object.
            UnsupportedMediaError: the body is of another type.
        """
        if not self.body.strip():
            return {}
        if self.content_type == FORM:
            return self._form()
        if self.content_type in (JSON, ""):
            return self._json()
        raise UnsupportedMediaError("Send JSON (application/json) or a form.")

    def _form(self) -> dict[str, object]:
        try:
            return dict(parse_qsl(self.body.decode(), keep_blank_values=True, max_num_fields=100))
        except ValueError:
            raise InvalidInputError("The form could not be read.") from None

    def _json(self) -> dict[str, object]:
        try:
            # UTF-8 only (RFC 8259 section 8.1): told of bytes, json takes others, and half pairs of surrogates
            value = json.loads(self.body.decode("utf-8-sig"))
        except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
            raise InvalidInputError("The body is not valid JSON.") from None
        if not isinstance(value, dict):
            raise InvalidInputError("The body must be a JSON object.")
        if b"\\u" in self.body and not _storable(value):
            raise InvalidInputError("The body is not valid JSON.")
        return value


def _storable(value: object) -> bool:
    r"""Whether every text is Unicode: JSON may spell half a surrogate pair (`"\ud800"`), which no UTF-8 can hold.

    What is nested as deep as it could just be read may be too deep to be written.
    """
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        return False
    return True
