"""The page's listener: the files of `web/`, what the page must know of this stack, and the mailbox.

Small code of our own: hypercorn brings no static files, and a framework for one folder would weigh more than it.
"""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from urllib.parse import quote

from infra import page_answers
from localstack import mailbox
from localstack import stack as stacks
from localstack.embedded import asgi


class Web:
    """ASGI app of the page's port."""

    def __init__(self, stack: stacks.Stack, root: Path) -> None:
        self._stack = stack
        self._root = root.resolve()
        self._host = stack.web_url.removeprefix("http://")
        self._headers = [("x-content-type-options", "nosniff"), ("referrer-policy", "same-origin")]
        policy = page_answers.content_security_policy(root, stack.api_url, [stack.aws_url])
        self._policy = ("content-security-policy", policy)

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await asgi.lifespan_without_work(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, _without_body(send) if scope["method"] == "HEAD" else send)

    async def _serve(self, scope: asgi.Scope, send: asgi.Send) -> None:
        path = scope["path"]
        if scope["method"] not in ("GET", "HEAD"):
            await asgi.respond(send, 405, b"", [("allow", "GET, HEAD"), *self._headers])
        elif asgi.header(scope, "host") != self._host:
            # cookies belong to one host: a page opened at `localhost` could not log in at 127.0.0.1
            location = self._stack.web_url + quote(path) + _query(scope)
            await asgi.respond(send, 307, b"", [("location", location), *self._headers])
        elif path == "/config.json":
            config = page_answers.config(self._stack.api_url, stacks.DEMO_LOGIN)
            await asgi.respond_json(send, 200, config, [("cache-control", "no-cache"), *self._headers])
        elif page := await asyncio.to_thread(mailbox.page, path, self._stack.endpoint):
            own = {name.lower(): value for name, value in page.headers.items()}
            headers = {**dict(self._headers), **own, "content-type": page.content_type}
            await asgi.respond(send, page.status, page.body, headers.items())
        else:
            await self._file(scope, send)

    async def _file(self, scope: asgi.Scope, send: asgi.Send) -> None:
        file = self._find(scope["path"])
        if file is None:
            await asgi.respond(send, 404, b"Not found.", [("content-type", "text/plain"), *self._headers])
            return
        if file.is_dir():  # relative addresses in its page need the slash
            # one slash before it: an address that begins with two names another host
            location = f"/{quote(scope['path'].lstrip('/'))}/{_query(scope)}"
            await asgi.respond(send, 308, b"", [("location", location), *self._headers])
            return
        content = await asyncio.to_thread(file.read_bytes)
        etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        headers = [("etag", etag), ("cache-control", "no-cache"), *self._headers]
        if etag in asgi.header(scope, "if-none-match"):
            await asgi.respond(send, 304, b"", headers)
        else:
            # documents only: it is long, and a script or a picture has no use for it
            policy = [self._policy] if file.suffix == ".html" else []
            await asgi.respond(
                send, 200, content, [("content-type", page_answers.content_type(file)), *policy, *headers]
            )

    def _find(self, path: str) -> Path | None:
        """Return the file for a path (a folder without its slash stays one), or None; nothing outside of the root."""
        try:
            file = (self._root / path.lstrip("/")).resolve()
            if not file.is_relative_to(self._root) or any(part.startswith(".") for part in Path(path).parts):
                return None
            if file.is_dir() and path.endswith("/"):
                file /= "index.html"
            return file if file.exists() and (file.name == "index.html" or not path.endswith("/")) else None
        except (OSError, ValueError):  # a NUL, or a name longer than any file's
            return None


def _query(scope: asgi.Scope) -> str:
    """Return the request's query with its question mark; empty if there is none."""
    query: str = scope["query_string"].decode("latin-1")
    return query and f"?{query}"


def _without_body(send: asgi.Send) -> asgi.Send:
    async def send_head(message: asgi.Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return send_head
