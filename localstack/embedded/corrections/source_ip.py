"""Restores: API Gateway's `sourceIp` is the address that really connected.

ministack 1.5.33 takes it from the first `X-Forwarded-For` entry, which any client can set, so that limits by address
could be forged. The header is overwritten with the socket's peer before the emulator reads it.
"""

from localstack.embedded import asgi

_EXECUTE_API = ("/_aws/execute-api/", "/restapis/")


class SourceIp:
    """ASGI middleware in front of the emulator."""

    def __init__(self, app: asgi.App) -> None:
        self._app = app

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Overwrite the header on every call of an API."""
        if scope["type"] == "http":
            host = asgi.header(scope, "host")
            if scope["path"].startswith(_EXECUTE_API) or ".execute-api." in host:
                peer = (scope.get("client") or ("127.0.0.1", 0))[0]
                scope = asgi.with_header(scope, "x-forwarded-for", peer)
        await self._app(scope, receive, send)
