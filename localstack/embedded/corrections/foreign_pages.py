"""Restores: a web page cannot act with somebody else's AWS account.

On AWS the secret key stands between a page and the account. The emulator's is `test` and its signature is not even
checked, so any page that a developer opens could send requests to the loopback interface. Refused here:

- what a page sends that is not of this stack, but for looking at media: frontends of any site show pictures and films,
  and each bucket's own CORS rules say who may read what they are made of;
- calls that are nothing but an address, key included: a picture in a mail, or a link in it, could be one;
- every request under a host name that is not this machine's (DNS rebinding).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs

from localstack import stack as stacks
from localstack.embedded import asgi

_READING = ("GET", "HEAD")
_LOCAL = ("127.0.0.1", "localhost")
_BY_A_PERSON = ("", "none")  # no browser, or an address that somebody typed or opened from elsewhere
_KEYS = {"x-amz-credential", "awsaccesskeyid"}  # signature versions 4 and 2, in a query
_HAS_ITS_OWN_RULES = re.compile("/_aws/execute-api/[^/]+/")  # the API's own guard answers, with its own words


class ForeignPages:
    """ASGI middleware in front of the emulator."""

    def __init__(self, app: asgi.App, stack: stacks.Stack) -> None:
        self._app = app
        self._stack = stack

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Refuse what no program of this machine sends."""
        guarded = scope["type"] == "http" and not _HAS_ITS_OWN_RULES.match(scope["path"])
        if guarded and (why := self._refused(scope)):
            await asgi.respond_json(send, 403, {"message": why, "__type": "AccessDeniedException"})
        else:
            await self._app(scope, receive, send)

    def _refused(self, scope: asgi.Scope) -> str:
        """Return why the request is refused; nothing if it is not."""
        host = asgi.header(scope, "host").rpartition(":")[0] or asgi.header(scope, "host")
        if host not in _LOCAL and not host.endswith(".localhost"):
            return "This stack answers at 127.0.0.1 only."
        if _acts_by_its_address(scope):
            return "An address alone may not do this here: send the call by POST, or its key in a header."
        if _is_of_a_page(scope) and not self._is_allowed(scope):
            return "This page may not do this here."
        return ""

    def _is_allowed(self, scope: asgi.Scope) -> bool:
        """Say whether a page may send this: any if it is of this stack, else what looks at media or asks first."""
        settings = stacks.read_env_file(self._stack.environment_file)
        if asgi.header(scope, "origin") in self._own_origins(settings):
            return True
        bucket, _, key = scope["path"][1:].partition("/")
        is_media = key != "" and bucket == settings.get("MEDIA_BUCKET")
        return scope["method"] == "OPTIONS" or (scope["method"] in _READING and is_media)

    def _own_origins(self, settings: Mapping[str, str]) -> set[str]:
        allowed = settings.get("CORS_ALLOWED_ORIGINS", "").split(",")
        own = {self._stack.web_url, self._stack.api_url, self._stack.aws_url}
        return (own | {origin.strip().rstrip("/") for origin in allowed}) - {""}


def _is_of_a_page(scope: asgi.Scope) -> bool:
    """Say so by headers that browsers send and no script can change: Origin, and Fetch Metadata's (W3C)."""
    return bool(asgi.header(scope, "origin")) or asgi.header(scope, "sec-fetch-site") not in _BY_A_PERSON


def _acts_by_its_address(scope: asgi.Scope) -> bool:
    """Say whether this is a call of the Query protocol that is whole without a header or a body."""
    names = {name.lower() for name in parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)}
    return scope["method"] in _READING and "action" in names and not names.isdisjoint(_KEYS)
