"""The API's listener: any path goes to the emulated API Gateway of the deployed API, whatever its id.

It stands where a domain name and API Gateway's own edge stand on AWS: it adds no CORS and no routes. It refuses
what API Gateway refuses before a function could see it: bodies over 10 MB, and everything while nothing is deployed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from urllib.parse import urlsplit

from functions.errors import REQUEST_TOO_LARGE
from localstack import stack as stacks
from localstack.embedded import asgi

BODY_LIMIT = 10 * 1024 * 1024  # API Gateway's payload quota for REST APIs
_PATIENCE = 10.0  # seconds that a refused body may still take
_NOT_DEPLOYED = "Nothing is deployed yet. Try again in a moment."


class Edge:
    """ASGI app of the API's port."""

    def __init__(self, aws: asgi.App, stack: stacks.Stack) -> None:
        self._aws = aws
        self._stack = stack
        self._deployed = stack.project / ".chalice" / "deployed" / f"{stack.stage}.json"
        self._known: tuple[float, str] = (0.0, "")

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await asgi.lifespan_without_work(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _serve(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        base = self._base_path()
        if not base:
            await self._refuse(scope, send, 503, _NOT_DEPLOYED, ("retry-after", "2"))
            return
        length = asgi.header(scope, "content-length")
        if length.isdecimal() and int(length) > BODY_LIMIT:
            await self._refuse_too_large(scope, receive, send)
            return
        try:
            body = await asgi.read_body(receive, BODY_LIMIT)
        except asgi.BodyTooLargeError:
            await self._refuse_too_large(scope, receive, send)
            return
        except asgi.DisconnectedError:
            return
        # the emulator routes by Host too, and a client may claim any
        inner = asgi.with_header(scope, "host", f"{stacks.HOST}:{self._stack.api_port}")
        inner["path"] = base + scope["path"]
        inner["raw_path"] = base.encode() + (scope.get("raw_path") or scope["path"].encode())
        await self._aws(inner, asgi.replay(body, receive), send)

    def _base_path(self) -> str:
        """Return the emulator's path of the deployed API and stage, or nothing; read again when the file changed."""
        try:
            changed = self._deployed.stat().st_mtime
        except OSError:
            return ""
        if changed != self._known[0]:
            self._known = (changed, _base_path(self._deployed))
        return self._known[1]

    async def _refuse_too_large(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Answer at once, then throw away what still comes.

        A connection closed in the middle of an upload shows as a network error, and nobody reads the answer.
        """

        async def keep_open(message: asgi.Message) -> None:
            await send({**message, "more_body": True} if message["type"] == "http.response.body" else message)

        await self._refuse(scope, keep_open, 413, REQUEST_TOO_LARGE, ("connection", "close"))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(_drain(receive), _PATIENCE)
        await send({"type": "http.response.body", "body": b""})

    async def _refuse(
        self, scope: asgi.Scope, send: asgi.Send, status: int, text: str, *headers: tuple[str, str]
    ) -> None:
        cors = self._cors(asgi.header(scope, "origin"))
        await asgi.respond_json(send, status, {"errors": {"non_field_errors": [text]}}, [*headers, *cors])

    def _cors(self, origin: str) -> list[tuple[str, str]]:
        """Let an allowed origin's page read a refusal, as API Gateway's gateway responses do."""
        allowed = stacks.read_env_file(self._stack.environment_file).get("CORS_ALLOWED_ORIGINS", "")
        if not origin or origin not in [part.strip().rstrip("/") for part in allowed.split(",")]:
            return [("vary", "Origin")]
        return [
            ("vary", "Origin"),
            ("access-control-allow-origin", origin),
            ("access-control-allow-credentials", "true"),
        ]


async def _drain(receive: asgi.Receive) -> None:
    message = await receive()
    while message.get("more_body"):
        message = await receive()


def _base_path(deployed: Path) -> str:
    try:
        resources = json.loads(deployed.read_text())["resources"]
    except (OSError, ValueError, KeyError):
        return ""  # being written, or of another version: as good as not deployed
    for resource in resources:
        if resource.get("resource_type") == "rest_api":
            # https://<id>.execute-api.<region>.amazonaws.com/<stage>/
            gateway_stage = urlsplit(resource["rest_api_url"]).path.strip("/")
            return f"/_aws/execute-api/{resource['rest_api_id']}/{gateway_stage}"
    return ""
