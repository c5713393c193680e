"""Passes requests on to LocalStack in another container: what the emulator's own app is to the embedded stack."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import urllib3

from localstack.embedded import asgi

_PATIENCE = urllib3.Timeout(connect=5, read=35)  # seconds; API Gateway's own end is 29
_AT_ONCE = 32  # connections that are kept
_OF_THIS_CONNECTION = ("connection", "content-length", "keep-alive", "transfer-encoding")  # RFC 9110, section 7.6.1
_NOBODY = "LocalStack does not answer. Try again in a moment."


class Gateway:
    """ASGI app that asks the services at `endpoint` and answers what they answer."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._pool = urllib3.PoolManager(maxsize=_AT_ONCE, block=False, retries=False, timeout=_PATIENCE)

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Pass one request on."""
        body = await asgi.read_body(receive)
        try:
            answer = await asyncio.to_thread(self._ask, scope, body)
        except urllib3.exceptions.HTTPError:
            await asgi.respond_json(send, 502, {"errors": {"non_field_errors": [_NOBODY]}})
            return
        await asgi.respond(send, answer.status, answer.data, _passed(answer.headers.iteritems()))

    def _ask(self, scope: asgi.Scope, body: bytes) -> urllib3.BaseHTTPResponse:
        query = scope.get("query_string", b"").decode("latin-1")
        url = self._endpoint + scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
        headers = urllib3.HTTPHeaderDict()
        for name, value in _passed((key.decode("latin-1"), text.decode("latin-1")) for key, text in scope["headers"]):
            headers.add(name, value)
        # whatever a client claims: limits count the address that really connected
        headers["x-forwarded-for"] = (scope.get("client") or ("127.0.0.1", 0))[0]
        return self._pool.request(
            scope["method"], url, body=body, headers=headers, redirect=False, decode_content=False
        )


def _passed(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() not in _OF_THIS_CONNECTION]
