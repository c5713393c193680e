"""The daemon's own address, `/_videoflix/` on the AWS port: what `make dev` and `make down` ask of it.

Every call needs the token from `stack.json`, which only this machine's user can read: a web page that sends requests
to the loopback interface cannot know it.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping

from localstack.embedded import asgi

_PREFIX = "/_videoflix/"


class Control:
    """ASGI middleware in front of everything on the AWS port."""

    def __init__(self, app: asgi.App, token: str, commands: Mapping[str, Callable[[], Awaitable[None]]]) -> None:
        self._app = app
        self._token = token
        self._commands = commands

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Run a command; everything else passes."""
        if scope["type"] != "http" or not scope["path"].startswith(_PREFIX):
            await self._app(scope, receive, send)
            return
        command = self._commands.get(scope["path"].removeprefix(_PREFIX))
        if not secrets.compare_digest(asgi.header(scope, "x-videoflix-control"), self._token):
            await asgi.respond_json(send, 403, {"error": "The control token is missing or wrong."})
        elif command is None or scope["method"] != "POST":
            await asgi.respond_json(send, 404, {"error": "There is no such command."})
        else:
            try:
                await command()
            except OSError as error:
                await asgi.respond_json(send, 409, {"error": str(error)})
            else:
                await asgi.respond_json(send, 200, {})
