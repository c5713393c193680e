"""What describes the API: the OpenAPI document, and a page to read it and to try the calls.

Both are files of this package, written by `make schema` and checked in, so a request only reads them. The page is
served here rather than by the page host, because a stage need not have one.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from functions import settings
from functions.errors import InvalidInputError, NotFoundError
from functions.http.call import JSON, Answer, Call
from functions.http.routing import Routes

routes = Routes()

FORMATS: Final = ("json", "yaml")
WRITTEN_FOR: Final = "http://127.0.0.1:8000"
"""The address of the API that the checked-in documents name; a stage puts its own there."""

_YAML: Final = "application/yaml"  # RFC 9512
_SCRIPT, _STYLE, _PAGE = "text/javascript; charset=utf-8", "text/css; charset=utf-8", "text/html; charset=utf-8"
_ASSETS: Final = {
    "docs.js": ("docs.js", _SCRIPT),
    "docs.css": ("docs.css", _STYLE),
    "swagger-ui.css": ("swagger-ui/swagger-ui.css", _STYLE),
    "swagger-ui-bundle.js": ("swagger-ui/swagger-ui-bundle.js", _SCRIPT),
}
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)


@routes.on("GET", "/api/schema")
def schema(call: Call) -> Answer:
    """Give the OpenAPI document of this API: JSON, or YAML by `Accept` or `?format=yaml`."""
    kind = call.query.get("format") or _wanted(call)
    if kind not in FORMATS:
        raise InvalidInputError({"format": ["Give json or yaml."]})
    values = {WRITTEN_FOR: settings.current().api_base_url}
    return _file(call, f"schema.{kind}", JSON if kind == "json" else _YAML, values, Vary="Accept")


@routes.on("GET", "/api/docs")
def docs(call: Call) -> Answer:
    """Show a page with all calls, on which one can log in and try them. It asks no other host for anything."""
    values = {"{base}": urlsplit(settings.current().api_base_url).path}
    return _file(call, "docs.html", _PAGE, values, Content_Security_Policy=_POLICY)


@routes.on("GET", "/api/docs/{asset}")
def asset(call: Call, asset: str) -> Answer:
    """Give a script or a style of that page."""
    if asset not in _ASSETS:
        raise NotFoundError("Not found.")
    name, media_type = _ASSETS[asset]
    return _file(call, name, media_type, {})


def _wanted(call: Call) -> str:
    accept = call.headers.get("accept", "").lower()
    return "yaml" if "yaml" in accept and "json" not in accept else "json"


def _file(call: Call, name: str, media_type: str, values: dict[str, str], **headers: str) -> Answer:
    from functions.http import files  # noqa: PLC0415 - no other call needs it

    return files.answer(call, files.read(name, values), media_type, **headers)
