"""Restores: who asks S3 for a piece of a large object gets that piece, as fast as they take it.

ministack 1.5.33 reads the whole object for each request, keeps it while it is sent, and sends it to its end though the
reader has gone. ffmpeg asks for "from here to the end" at every seek and hangs up soon: a film of 1 GB took a gigabyte
of memory and a second of everybody's time each time. Objects from `_LARGE` on are mapped and sent in pieces.
"""

from __future__ import annotations

import asyncio
import mmap
import threading
from pathlib import Path
from typing import Any, Final

from localstack.embedded.asgi import Receive, Send

_LARGE: Final = 8 * 1024**2  # bytes
_PIECE: Final = 1024**2  # bytes
_reading = threading.local()  # of the thread that answers a GET now; copies and the like want the bytes themselves


def install() -> None:
    """Map and stream the bodies of large objects that are asked for by GET."""
    from ministack.core.responses import StreamingResponse  # noqa: PLC0415 - after the environment is set
    from ministack.services import s3  # noqa: PLC0415

    read_body, get_object = s3._read_body, s3._get_object  # noqa: SLF001

    def mapped(bucket: str, key: str, found: dict[str, Any]) -> bytes | memoryview:
        if getattr(_reading, "is_get", False) and found.get("body") is None and found["size"] >= _LARGE:
            try:
                return _map(s3._object_disk_path(bucket, key))  # noqa: SLF001
            except (OSError, TypeError, ValueError):
                pass  # what is wrong with the file is ministack's to say
        whole: bytes = read_body(bucket, key, found)
        return whole

    def streamed(*arguments: Any, **named: Any) -> tuple[int, dict[str, str], object]:  # noqa: ANN401
        _reading.is_get = True
        try:
            status, headers, body = get_object(*arguments, **named)
        finally:
            _reading.is_get = False
        return status, headers, StreamingResponse(_Sender(body)) if isinstance(body, memoryview) else body

    s3._read_body, s3._get_object = mapped, streamed  # noqa: SLF001


def _map(path: str) -> memoryview:
    with Path(path).open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


class _Sender:
    """Sends a body piece by piece, until it ends or nobody reads it any more."""

    def __init__(self, body: memoryview) -> None:
        self._body = body

    async def __call__(self, send: Send, receive: Receive) -> None:
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            for start in range(0, len(self._body), _PIECE):
                piece = bytes(self._body[start : start + _PIECE])
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                await asyncio.sleep(0)  # a socket that takes all at once lets nobody else in
                if gone.done():
                    return
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.cancel()


async def _disconnected(receive: Receive) -> None:
    """Return when the reader has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass
