"""The document as a Postman collection (format 2.1): a folder for each group, an example body for each call."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

_FORMAT: Final = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_MULTIPART: Final = "multipart/form-data"
_DESCRIPTION: Final = """\
Send "Log in" first: Postman keeps the cookies that it sets, and every other call carries them. `{{base_url}}` is the
API's address, `{{video_id}}` and the others fill the paths.
"""


def collection(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the collection for an OpenAPI document that `document.build` made."""
    calls = list(_calls(document))
    folders = [
        {"name": tag["name"], "item": [item for name, item in calls if name == tag["name"]]} for tag in document["tags"]
    ]
    return {
        "info": {"name": document["info"]["title"], "description": _DESCRIPTION, "schema": _FORMAT},
        "item": folders,
        "variable": [
            {"key": "base_url", "value": document["servers"][0]["url"]},
            *({"key": name, "value": str(value)} for name, value in _in_paths(document).items()),
        ],
    }


def _calls(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield operation["tags"][0], _item(path, method, operation)


def _item(path: str, method: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    headers, body = _body(operation.get("requestBody", {}).get("content", {}))
    request: dict[str, Any] = {
        "method": method.upper(),
        "header": headers,
        "url": _url(path, operation.get("parameters", [])),
        "description": operation["description"],
    }
    if body:
        request["body"] = body
    return {"name": operation["summary"].rstrip("."), "request": request, "response": []}


def _url(path: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the address, its path's variables as the collection's and its query's parameters switched off."""
    filled = re.sub(r"{(\w+)}", r"{{\1}}", path)
    query = [
        {"key": each["name"], "value": "", "description": each["description"], "disabled": True}
        for each in parameters
        if each["in"] == "query"
    ]
    url = {"raw": f"{{{{base_url}}}}{filled}", "host": ["{{base_url}}"], "path": urlsplit(filled).path[1:].split("/")}
    return url | ({"query": query} if query else {})


def _body(content: Mapping[str, Any]) -> tuple[list[dict[str, str]], dict[str, Any]]:
    """Return the headers and the body: JSON wherever a call takes it, a form with a file where that is all."""
    if "application/json" in content:
        example = content["application/json"].get("example", {})
        raw = json.dumps(example, ensure_ascii=False, indent=2)
        return (
            [{"key": "Content-Type", "value": "application/json"}],
            {"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}},
        )
    for kind, media in content.items():
        if media["schema"].get("type") == "string":
            return [{"key": "Content-Type", "value": kind}], {"mode": "raw", "raw": media.get("example", "")}
    if _MULTIPART in content:
        names = content[_MULTIPART]["schema"]["properties"]
        return [], {"mode": "formdata", "formdata": [{"key": name, "type": "file", "src": []} for name in names]}
    return [], {}


def _in_paths(document: Mapping[str, Any]) -> dict[str, object]:
    return {
        parameter["name"]: parameter["example"]
        for methods in document["paths"].values()
        for operation in methods.values()
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "path"
    }
