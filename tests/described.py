"""Whether an answer is what the OpenAPI document says: its status, media type, headers and body.

The clients of the unit tests ask this of every answer, so whatever any test makes the API say is in the document. Here
objects are closed: a key that the document does not name fails, though clients have to expect more keys.
"""

import functools
import gzip
import json
import re
from collections.abc import Mapping
from typing import Any, Protocol

import yaml
from jsonschema_rs import Draft202012Validator

from openapi import document, replies

# what follows from the media type, the caller's origin and whose the answer is: `routing` and `origins` set them
_ON_ANY_REPLY = {"content-type", "content-length", "x-content-type-options", "cache-control", "vary"} | {
    f"access-control-{what}" for what in ("allow-origin", "allow-credentials", "expose-headers")
}


class UndescribedError(AssertionError):
    """An answer, or a body that was accepted, is not in the document."""


class Answer(Protocol):
    """What a test's client gets."""

    status_code: int
    headers: Mapping[str, Any]
    body: bytes


def check(method: str, path: str, sent: Mapping[str, str], sent_body: bytes, answer: Answer) -> None:
    """Compare one call with the document. Paths that no route has are for the catch-all, and are not looked at.

    Args:
        method: HTTP method.
        path: With its query.
        sent: Headers of the request.
        sent_body: Of the request.
        answer: What came back.
    """
    status = answer.status_code
    template = _template(path.partition("?")[0].rstrip("/"))
    operations = _document()["paths"].get(template, {})
    name = ("get" if method == "HEAD" and "head" not in operations else method).lower()
    if not operations or method == "OPTIONS":
        return
    where = f"{method} {template} -> {status}"
    if name not in operations:
        _require(status == 405, where, "a method that the document does not have")
        return
    described = _resolved(operations[name]["responses"].get(str(status)))
    _require(described is not None, where, "status")
    named = {header.lower(): value for header, value in answer.headers.items()}
    for header in described["headers"]:
        _require(not replies.is_promised(header) or header.lower() in named, where, f"header {header} is missing")
    unknown = named.keys() - _ON_ANY_REPLY - {header.lower() for header in described["headers"]}
    _require(not unknown, where, f"header {', '.join(sorted(unknown))}")
    if method != "HEAD":
        body = gzip.decompress(answer.body) if "content-encoding" in named else answer.body
        _check_body(where, (template, name, str(status)), str(named.get("content-type", "")), body)
    if status < 300 and sent_body:
        _check_request(f"{method} {template}", (template, name), sent, sent_body)


def _check_body(where: str, key: tuple[str, str, str], content_type: str, body: bytes) -> None:
    template, name, status = key
    content = _resolved(_document()["paths"][template][name]["responses"][status]).get("content", {})
    if not content:
        _require(not body, where, "a body")
        return
    kind = content_type.partition(";")[0]
    _require(kind in content, where, f"media type {kind}")
    if kind == "application/json":
        value = json.loads(body)
        for fault in _validator(key).iter_errors(value):
            raise UndescribedError(f"{where}: {fault.message} at {fault.instance_path} of {value}")


def _check_request(where: str, key: tuple[str, str], headers: Mapping[str, str], body: bytes) -> None:
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    if kind != "application/json":
        return
    if validator := _request_validator(key):
        for fault in validator.iter_errors(json.loads(body)):
            raise UndescribedError(f"{where} accepts what the document forbids: {fault.message}")


def read_yaml(text: bytes | str) -> Any:
    """Read the document as YAML; by libyaml, where it is, in a tenth of the time."""
    return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _require(holds: bool, where: str, what: str) -> None:
    if not holds:
        raise UndescribedError(f"{where}: not in the document: {what}")


@functools.cache
def _document() -> dict[str, Any]:
    return document.build()


def _resolved(described: Any) -> Any:
    if described and "$ref" in described:
        return _document()["components"]["responses"][described["$ref"].rsplit("/", 1)[-1]]
    return described


@functools.cache
def _template(path: str) -> str | None:
    """Return the documented path that `path` is of: of several the one with fewest variables, as gateways choose."""
    fitting = [
        template
        for template in _document()["paths"]
        if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template.rstrip("/"))), path)
    ]
    return min(fitting, key=lambda template: template.count("{"), default=None)


@functools.cache
def _request_validator(key: tuple[str, str]) -> Draft202012Validator | None:
    template, name = key
    content = _document()["paths"][template][name].get("requestBody", {}).get("content", {})
    if not content:
        return None
    return Draft202012Validator({**content["application/json"]["schema"], "components": _document()["components"]})


@functools.cache
def _validator(key: tuple[str, str, str]) -> Draft202012Validator:
    template, name, status = key
    described = _resolved(_document()["paths"][template][name]["responses"][status])
    schemas = _closed(_document()["components"]["schemas"])
    schema = {**_closed(described["content"]["application/json"]["schema"]), "components": {"schemas": schemas}}
    return Draft202012Validator(schema, validate_formats=True)


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(part) for name, part in schema.items()}
    if isinstance(closed.get("properties"), dict) and closed.get("type") == "object":
        closed.setdefault("additionalProperties", False)
    return closed
