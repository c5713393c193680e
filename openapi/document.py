"""The document itself: the mounted routes, each with its declaration. Nothing stands in it that no route serves."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from functions.http import areas
from functions.http.documents import WRITTEN_FOR
from functions.http.origins import SAFE_METHODS
from functions.http.routing import View
from openapi.areas import BY_TAG
from openapi.declaration import Body, Declaration, Parameter, Who, path_parameter
from openapi.replies import COMMON, HEADERS, Reply, refusal
from openapi.schemas import NAMED
from openapi.shapes import example_of

_INTRODUCTION: Final = """\
Every path works with and without its slash at the end; `HEAD` answers wherever `GET` does, without a body; a method
that a path does not know is answered with 405 and `Allow`. Every refusal has the shape of `Errors`; no sentence in it
repeats what was sent.

`POST /api/login/` sets the cookies by which a browser is known from then on; programs may send the `access` of
`POST /api/token/refresh/` as `Authorization: Bearer` instead. An unsafe call whose `Origin` is present and not allowed
is refused with 403.

`docs/` in the repository has more; there, `make schema` writes this document from the code.
"""
_SECURITY: Final[Mapping[str, dict[str, str]]] = {
    "accessCookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "access_token",
        "description": "Set by login and refresh; lives 30 minutes.",
    },
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The same access token, as a header; it wins over the cookie.",
    },
    "refreshCookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "refresh_token",
        "description": "Set by login and refresh; lives 14 days and is good for one refresh.",
    },
}
_NEEDS: Final[Mapping[Who, list[dict[str, list[str]]]]] = {
    Who.ANYBODY: [],
    Who.HOLDER: [{"refreshCookie": []}],
    **{who: [{"accessCookie": []}, {"bearer": []}] for who in (Who.MEMBER, Who.OWNER, Who.STAFF)},
}


class DeclarationError(Exception):
    """Routes and declarations do not fit together; the message names them."""


@dataclass(frozen=True)
class Route:
    """A method of a path, the view that serves it, what it takes and answers, and its group."""

    method: str
    path: str
    declaration: Declaration
    tag: str

    @property
    def view(self) -> View:
        """The function that serves it."""
        return self.declaration.view


def routes() -> Iterator[Route]:
    """Yield every mounted route with its declaration, group by group.

    Raises:
        DeclarationError: a route has none, or a declaration belongs to no route, or a view has two.
    """
    mounted = _mounted()
    declared = [(declaration, tag) for tag, of_tag in BY_TAG.items() for declaration in of_tag]
    views = [declaration.view for declaration, _ in declared]
    served = [view for _, _, view in mounted]
    _complain("has no declaration in openapi/areas", [view for view in served if view not in views])
    _complain("is declared but not mounted", [view for view in views if view not in served])
    _complain("is declared twice", [view for view, times in Counter(views).items() if times > 1])
    for declaration, tag in declared:
        yield from (Route(method, path, declaration, tag) for method, path, view in mounted if view == declaration.view)


def build() -> dict[str, Any]:
    """Return the OpenAPI document (version 3.1)."""
    paths: dict[str, dict[str, Any]] = {}
    seen: Counter[View] = Counter()
    for route in routes():
        seen[route.view] += 1
        paths.setdefault(spelled(route.path), {})[route.method.lower()] = _operation(route, seen[route.view])
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Videoflix",
            "version": "1.0.0",
            "summary": "A Netflix-like video backend",
            "description": _INTRODUCTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": WRITTEN_FOR}],
        "tags": [{"name": tag} for tag in BY_TAG],
        "paths": paths,
        "components": {
            "schemas": dict(NAMED),
            "responses": {name: refusal(status).described() for status, name in COMMON.items()},
            "headers": {
                name: {"description": description, "schema": schema} for name, (description, schema) in HEADERS.items()
            },
            "securitySchemes": {name: dict(scheme) for name, scheme in _SECURITY.items()},
        },
    }


def spelled(path: str) -> str:
    """Return a registered path as the contract writes it: with a slash at the end, unless it names a file."""
    last = path.rsplit("/", 1)[-1]
    return path if "." in last or last in ("{segment}", "{asset}") else f"{path}/"


def _mounted() -> list[tuple[str, str, View]]:
    return [
        (method, path, view)
        for area in areas.ALL
        for path, methods in area.views.items()
        for method, view in methods.items()
    ]


def _complain(what: str, views: list[View]) -> None:
    if views:
        raise DeclarationError("; ".join(f"{view.__module__}.{view.__name__} {what}" for view in views))


def _operation(route: Route, occurrence: int) -> dict[str, Any]:
    declaration = route.declaration
    summary, _, more = (inspect.getdoc(route.view) or "").partition("\n")
    summary = summary.replace("`", "")  # no place where Markdown is shown
    name = route.view.__name__
    operation: dict[str, Any] = {
        "operationId": name if occurrence == 1 else f"{name}_{occurrence}",
        "tags": [route.tag],
        "summary": summary if occurrence == 1 else f"{summary} (Another spelling.)",
        "description": "\n\n".join(filter(None, (more.strip(), f"Who may call: {declaration.who.value}."))),
        "security": _NEEDS[declaration.who],
    }
    if parameters := _parameters(route):
        operation["parameters"] = parameters
    if declaration.body:
        operation["requestBody"] = _body(declaration.body)
    operation["responses"] = _responses(route)
    if declaration.leads_to:
        operation["responses"]["201"]["links"] = {view.__name__: _link(view) for view in declaration.leads_to}
    return operation


def _link(view: View) -> dict[str, Any]:
    return {"operationId": view.__name__, "parameters": {"video_id": "$response.body#/id"}}


def _parameters(route: Route) -> list[dict[str, Any]]:
    in_path = [path_parameter(name) for name in re.findall(r"{(\w+)}", route.path)]
    return in_path + [_parameter(parameter) for parameter in route.declaration.parameters]


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.description,
        "schema": parameter.schema,
    }


def _body(body: Body) -> dict[str, Any]:
    content = {}
    for kind, schema in body.content.items():
        example = example_of(schema)
        content[kind] = {"schema": schema, **({"example": example} if example else {})}
    described = {"description": body.description} if body.description else {}
    return {**described, "required": body.required, "content": content}


def _responses(route: Route) -> dict[str, Any]:
    refusals = _implied(route) | dict(route.declaration.refusals)
    replies: dict[int, Reply | str] = {status: _reply(status, said) for status, said in refusals.items()}
    replies |= route.declaration.replies
    return {
        str(status): {"$ref": f"#/components/responses/{reply}"} if isinstance(reply, str) else reply.described()
        for status, reply in sorted(replies.items())
    }


def _reply(status: int, said: str | Mapping[str, str]) -> Reply | str:
    return COMMON[status] if status in COMMON and not said else refusal(status, said)


def _implied(route: Route) -> dict[int, str | Mapping[str, str]]:
    """Return the refusals that follow from who may call, from the method and from a body."""
    who, unsafe = route.declaration.who, route.method not in SAFE_METHODS
    implied: dict[int, str | Mapping[str, str]] = {500: ""}
    if who in (Who.MEMBER, Who.OWNER, Who.STAFF):
        implied[401] = ""
    if who in (Who.OWNER, Who.STAFF):
        implied[403] = ""
    elif unsafe:
        implied[403] = "Origin not allowed."
    if who is Who.OWNER:
        implied[404] = "Video not found."
    if route.declaration.body:
        implied |= {400: "The body is not valid JSON.", 413: "", 415: ""}
    return implied
