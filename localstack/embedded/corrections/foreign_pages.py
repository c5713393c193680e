"""Restores: a web page cannot act with somebody else's AWS account.

On AWS the secret key stands between a page and the account. The emulator's is `test` and its signature is not even
checked, so any page that a developer opens could send requests to the loopback interface. Refused here: changing
requests that carry the `Origin` of a page that is not of this stack, and every request under a host name that is not
this machine's (DNS rebinding). Reading is left to each bucket's own CORS rules.
"""

from __future__ import annotations

from localstack import stack as stacks
from localstack.embedded import asgi

_SAFE = ("GET", "HEAD", "OPTIONS")
_LOCAL = ("127.0.0.1", "localhost")
_HAS_ITS_OWN_RULES = "/_aws/execute-api/"  # the API's own guard answers, with its own words


class ForeignPages:
    """ASGI middleware in front of the emulator."""

    def __init__(self, app: asgi.App, stack: stacks.Stack) -> None:
        self._app = app
        self._stack = stack

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Refuse what no program of this machine sends."""
        if scope["type"] == "http" and not scope["path"].startswith(_HAS_ITS_OWN_RULES):
            host = asgi.header(scope, "host").rpartition(":")[0] or asgi.header(scope, "host")
            if host not in _LOCAL and not host.endswith(".localhost"):
                await self._refuse(send, "This stack answers at 127.0.0.1 only.")
                return
            origin = asgi.header(scope, "origin")
            if origin and scope["method"] not in _SAFE and origin not in self._own_origins():
                await self._refuse(send, "This page may not change anything here.")
                return
        await self._app(scope, receive, send)

    def _own_origins(self) -> set[str]:
        allowed = stacks.read_env_file(self._stack.environment_file).get("CORS_ALLOWED_ORIGINS", "")
        own = {self._stack.web_url, self._stack.api_url, self._stack.aws_url}
        return own | {origin.strip().rstrip("/") for origin in allowed.split(",")}

    async def _refuse(self, send: asgi.Send, text: str) -> None:
        await asgi.respond_json(send, 403, {"message": text, "__type": "AccessDeniedException"})
