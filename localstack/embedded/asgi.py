"""The few ASGI pieces that the listeners and the corrections share (ASGI specification 3.0, HTTP)."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class BodyTooLargeError(Exception):
    """More bytes arrive than the limit allows."""


class DisconnectedError(Exception):
    """The client went away before its body was whole."""


@dataclass
class Response:
    """A whole answer, as an in-process call returns it. Header names are lower case."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def json(self) -> Any:  # noqa: ANN401 - JSON is what it is
        """Parse the body; an empty one is None."""
        return json.loads(self.body) if self.body else None


def header(scope: Scope, name: str) -> str:
    """Return the first header called `name` (lower case), or an empty string."""
    wanted = name.encode()
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == wanted), "")


def with_header(scope: Scope, name: str, value: str) -> Scope:
    """Return a copy of `scope` in which `name` is `value` and nothing else."""
    key = name.encode()
    headers = [pair for pair in scope["headers"] if pair[0] != key]
    return {**scope, "headers": [*headers, (key, value.encode("latin-1"))]}


async def read_body(receive: Receive, limit: int | None = None) -> bytes:
    """Read a request's whole body.

    Raises:
        BodyTooLargeError: it is longer than `limit` bytes; the rest is left unread.
        DisconnectedError: it never became whole.
    """
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise DisconnectedError
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if limit is not None and size > limit:
            raise BodyTooLargeError
        if not message.get("more_body"):
            return b"".join(chunks)


def replay(body: bytes, then: Receive | None = None) -> Receive:
    """Return a `receive` that gives `body` again, then whatever `then` gives (a disconnect without it)."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        if pending:
            return pending.pop()
        return await then() if then else {"type": "http.disconnect"}

    return receive


async def respond(send: Send, status: int, body: bytes, headers: Iterable[tuple[str, str]] = ()) -> None:
    """Send a whole answer with its length."""
    pairs = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    pairs.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


async def respond_json(send: Send, status: int, value: object, headers: Iterable[tuple[str, str]] = ()) -> None:
    """Send `value` as JSON."""
    await respond(send, status, json.dumps(value).encode(), [("content-type", "application/json"), *headers])


async def call(app: App, scope: Scope, receive: Receive) -> Response:
    """Run one request through `app` in this process and return its whole answer."""
    response = Response()

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            response.status = message["status"]
            response.headers = [(k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in message["headers"]]
        elif message["type"] == "http.response.body":
            response.body += message.get("body", b"")

    await app(scope, receive, send)
    return response


async def forward(send: Send, response: Response) -> None:
    """Send an answer that an in-process call returned."""
    headers = [(name, value) for name, value in response.headers if name != "content-length"]
    await respond(send, response.status, response.body, headers)


async def lifespan_without_work(receive: Receive, send: Send) -> None:
    """Answer the lifespan protocol of an app that has nothing to start or stop."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
