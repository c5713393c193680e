"""Restores: `UpdateRestApi` reads `minimumCompressionSize` as a whole number, and an empty text as "none".

ministack 1.5.33 stores the patch's text as it is, so that every later answer about the API breaks its clients
(`ValueError: invalid literal for int()`). `chalice deploy` sends exactly that patch.
"""

from __future__ import annotations

import json

from localstack.embedded import asgi

_PATH = "/minimumCompressionSize"


class UpdateRestApi:
    """ASGI middleware in front of the emulator."""

    def __init__(self, app: asgi.App) -> None:
        self._app = app

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Give the patch's value its type."""
        if scope["type"] == "http" and scope["method"] == "PATCH" and scope["path"].startswith("/restapis/"):
            body = _typed(await asgi.read_body(receive))
            scope = asgi.with_header(scope, "content-length", str(len(body)))
            receive = asgi.replay(body, receive)
        await self._app(scope, receive, send)


def _typed(body: bytes) -> bytes:
    try:
        patch = json.loads(body)
        for operation in patch["patchOperations"]:
            if operation["path"] == _PATH and isinstance(operation["value"], str):
                operation["value"] = int(operation["value"]) if operation["value"] else None
    except (ValueError, KeyError, TypeError):
        return body  # the emulator says what is wrong with it
    return json.dumps(patch).encode()
