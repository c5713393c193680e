"""Restores: `ImportRestApi` and `PutRestApi` build the API that their Swagger document describes.

ministack 1.5.33 answers the first with an empty API and fails on the second; `chalice deploy` uses both. Here the
emulator answers first, so its own checks of the caller stand, and then the document is turned into ordinary public
calls (CreateResource, PutMethod, PutIntegration, ...) for what differs from what is there. Ids stay, so the API's
address and its stage survive an update, and no route is missing in the meantime.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, quote

from localstack.embedded import asgi

_METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
_ANY = "x-amazon-apigateway-any-method"
_INTEGRATION = "x-amazon-apigateway-integration"
_BINARY_TYPES = "x-amazon-apigateway-binary-media-types"
_UPDATE_METHOD = "PUT"
_REFUSED = (401, 403, 429)


class ImportRestApi:
    """ASGI middleware in front of the emulator."""

    def __init__(self, app: asgi.App) -> None:
        self._app = app
        self._one_at_a_time = asyncio.Lock()

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Handle the two calls; everything else passes."""
        if scope["type"] != "http" or not _is_import(scope):
            await self._app(scope, receive, send)
            return
        body = await asgi.read_body(receive)
        answer = await asgi.call(self._app, scope, asgi.replay(body))
        if answer.status in _REFUSED:
            await asgi.forward(send, answer)
            return
        try:
            document = json.loads(body)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            await _refuse(send, 400, "BadRequestException", "Invalid OpenAPI input.")
            return
        calls = _Calls(self._app, scope)
        async with self._one_at_a_time:
            if scope["method"] == _UPDATE_METHOD:
                api_id, status = scope["path"].split("/")[2], 200
            else:
                api_id, status = str(answer.json()["id"]), 201
            if (await calls.call("GET", f"/restapis/{api_id}")).status != 200:  # noqa: PLR2004
                await _refuse(send, 404, "NotFoundException", "Invalid API identifier specified")
                return
            await _Import(calls, api_id, document).run(_endpoint_types(scope))
        result = await calls.call("GET", f"/restapis/{api_id}")
        await asgi.respond(send, status, result.body, [("content-type", "application/json")])


def _is_import(scope: asgi.Scope) -> bool:
    parts = scope["path"].strip("/").split("/")
    if parts[0] != "restapis":
        return False
    if scope["method"] == "POST" and len(parts) == 1:
        return parse_qs(scope["query_string"].decode()).get("mode") == ["import"]
    return bool(scope["method"] == _UPDATE_METHOD and len(parts) == 2)  # noqa: PLR2004 - /restapis/{id}


def _endpoint_types(scope: asgi.Scope) -> list[str]:
    return parse_qs(scope["query_string"].decode()).get("endpointConfigurationTypes", [])


async def _refuse(send: asgi.Send, status: int, code: str, message: str) -> None:
    await asgi.respond_json(send, status, {"message": message, "__type": code}, [("x-amzn-errortype", code)])


class _Calls:
    """Public API Gateway calls made in this process, as the stack's owner, in the caller's region."""

    def __init__(self, app: asgi.App, scope: asgi.Scope) -> None:
        self._app = app
        self._scope = scope
        given = asgi.header(scope, "authorization").partition("Credential=")[2].split("/")
        region = given[2] if len(given) > 2 else "us-east-1"  # noqa: PLR2004 - key/date/region/service
        # the emulator checks no signature of its own root key
        self._authorization = (
            f"AWS4-HMAC-SHA256 Credential=test/20200101/{region}/apigateway/aws4_request, "
            "SignedHeaders=host, Signature=0"
        ).encode()

    async def call(self, method: str, path: str, value: object = None, query: str = "") -> asgi.Response:
        body = b"" if value is None else json.dumps(value).encode()
        scope = {
            **self._scope,
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [
                (b"host", asgi.header(self._scope, "host").encode("latin-1")),
                (b"authorization", self._authorization),
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
            ],
        }
        return await asgi.call(self._app, scope, asgi.replay(body))

    async def must(self, method: str, path: str, value: object = None, query: str = "") -> Any:  # noqa: ANN401
        response = await self.call(method, path, value, query)
        if response.status >= 400:  # noqa: PLR2004 - HTTP's errors begin here
            raise RuntimeError(f"{method} {path} answered {response.status}: {response.body[:300]!r}")
        return response.json()


class _Import:
    """Brings one API to what a Swagger document says."""

    def __init__(self, calls: _Calls, api_id: str, document: dict[str, Any]) -> None:
        self._calls = calls
        self._base = f"/restapis/{api_id}"
        self._document = document
        self._ids: dict[str, str] = {}
        self._there: dict[str, dict[str, Any]] = {}

    async def run(self, endpoint_types: list[str]) -> None:
        await self._properties(endpoint_types)
        await self._read_resources()
        wanted = {path.rstrip("/") or "/": item for path, item in self._document.get("paths", {}).items()}
        for path, item in wanted.items():
            resource = await self._resource(path)
            await self._methods(path, resource, item)
        await self._drop_others(wanted)

    async def _properties(self, endpoint_types: list[str]) -> None:
        info = self._document.get("info", {})
        values = {
            "/name": info.get("title"),
            "/description": info.get("description"),
            "/version": info.get("version"),
            "/endpointConfiguration/types": endpoint_types or None,
            "/binaryMediaTypes": self._document.get(_BINARY_TYPES),
            "/policy": self._document.get("x-amazon-apigateway-policy"),
        }
        operations = [{"op": "replace", "path": p, "value": v} for p, v in values.items() if v is not None]
        await self._calls.must("PATCH", self._base, {"patchOperations": operations})

    async def _read_resources(self) -> None:
        query = "limit=500&embed=methods"
        position = ""
        while True:
            page = await self._calls.must("GET", f"{self._base}/resources", query=query + position)
            for resource in page.get("item", []):
                self._ids[resource["path"]] = resource["id"]
                self._there[resource["path"]] = resource.get("resourceMethods") or {}
            if not page.get("position"):
                return
            position = f"&position={quote(page['position'])}"

    async def _resource(self, path: str) -> str:
        if path not in self._ids:
            parent, _, part = path.rpartition("/")
            created = await self._calls.must(
                "POST", f"{self._base}/resources/{await self._resource(parent or '/')}", {"pathPart": part}
            )
            self._ids[path] = created["id"]
        return self._ids[path]

    async def _methods(self, path: str, resource: str, item: dict[str, Any]) -> None:
        there = self._there.get(path, {})
        wanted = dict(_operations(item))
        for method in there.keys() - wanted.keys():
            await self._calls.must("DELETE", f"{self._base}/resources/{resource}/methods/{method}")
        for method, operation in wanted.items():
            if not _is_same(there.get(method), operation):
                await self._method(f"{self._base}/resources/{resource}/methods/{method}", operation)

    async def _method(self, address: str, operation: dict[str, Any]) -> None:
        await self._calls.must("PUT", address, _method_of(operation))
        for status in operation.get("responses", {}):
            if status != "default":
                await self._calls.must("PUT", f"{address}/responses/{status}", {})
        integration = operation.get(_INTEGRATION)
        if integration:
            await self._calls.must("PUT", f"{address}/integration", _integration_of(integration))
            for pattern, response in integration.get("responses", {}).items():
                await self._calls.must(
                    "PUT",
                    f"{address}/integration/responses/{response['statusCode']}",
                    {
                        "selectionPattern": "" if pattern == "default" else pattern,
                        "responseParameters": response.get("responseParameters", {}),
                        "responseTemplates": response.get("responseTemplates", {}),
                    },
                )

    async def _drop_others(self, wanted: dict[str, Any]) -> None:
        """Remove resources of no wanted path, children before their parents."""
        needed = {"/"}
        for path in wanted:
            parts = path.strip("/").split("/")
            needed |= {"/" + "/".join(parts[:count]) for count in range(1, len(parts) + 1)}
        for path in sorted(self._ids.keys() - needed, key=len, reverse=True):
            await self._calls.must("DELETE", f"{self._base}/resources/{self._ids[path]}")
        for path in self._there.keys() & needed - wanted.keys():
            for method in self._there[path]:
                await self._calls.must("DELETE", f"{self._base}/resources/{self._ids[path]}/methods/{method}")


def _operations(item: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, operation in item.items():
        if name == _ANY:
            yield "ANY", operation
        elif name in _METHODS:
            yield name.upper(), operation


def _method_of(operation: dict[str, Any]) -> dict[str, Any]:
    parameters = {
        f"method.request.{'querystring' if p['in'] == 'query' else p['in']}.{p['name']}": bool(p.get("required"))
        for p in operation.get("parameters", [])
        if p.get("in") in ("path", "query", "header")
    }
    keys = [name for requirement in operation.get("security", []) for name in requirement]
    return {"authorizationType": "NONE", "requestParameters": parameters, "apiKeyRequired": "api_key" in keys}


def _integration_of(integration: dict[str, Any]) -> dict[str, Any]:
    kept = ("httpMethod", "uri", "credentials", "requestParameters", "requestTemplates", "contentHandling")
    return {
        "type": integration["type"].upper(),
        "passthroughBehavior": integration.get("passthroughBehavior", "when_no_match").upper(),
        **{name: integration[name] for name in kept if name in integration},
    }


def _is_same(there: dict[str, Any] | None, operation: dict[str, Any]) -> bool:
    """Say whether a method is already what the document wants, so that an update costs only what it changes."""
    if there is None:
        return False
    method, integration = _method_of(operation), operation.get(_INTEGRATION)
    have = there.get("methodIntegration") or {}
    return (
        all(there.get(name) == value for name, value in method.items())
        and bool(have) == bool(integration)
        and (not integration or _is_same_integration(have, integration))
    )


def _is_same_integration(have: dict[str, Any], wanted: dict[str, Any]) -> bool:
    responses = {r["statusCode"]: r.get("responseParameters", {}) for r in wanted.get("responses", {}).values()}
    have_responses = {k: r.get("responseParameters", {}) for k, r in (have.get("integrationResponses") or {}).items()}
    return all(have.get(k) == v for k, v in _integration_of(wanted).items()) and responses == have_responses
