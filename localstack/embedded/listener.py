"""One HTTP listener that can be closed and opened again while the process lives."""

from __future__ import annotations

import asyncio

from hypercorn.asyncio import serve
from hypercorn.config import Config

from localstack import stack
from localstack.embedded import asgi

_GRACE = 2.0  # seconds that open requests get when the listener closes
_PATIENCE = _GRACE + 1  # seconds; ministack's calls of functions do not let themselves be cancelled


class Listener:
    """Serves `app` at `port` of the address `bind` between `open` and `close`."""

    def __init__(self, app: asgi.App, port: int, bind: str = stack.HOST) -> None:
        self._app = app
        self._bind = bind
        self.port = port
        self._task: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()

    @property
    def is_open(self) -> bool:
        """Whether it serves."""
        return self._task is not None and not self._task.done()

    async def open(self) -> None:
        """Bind, start the app, and return when connections are accepted.

        Raises:
            OSError: the port is taken.
        """
        if self.is_open:
            return
        config = Config()
        config.bind = [f"{self._bind}:{self.port}"]
        config.graceful_timeout = _GRACE
        config.keep_alive_timeout = 75
        config.loglevel = "WARNING"
        self._stop.clear()
        self._task = asyncio.create_task(serve(self._app, config, shutdown_trigger=self._stop.wait))  # type: ignore[arg-type]
        while not await self._accepts():
            if self._task.done():
                self._task.result()  # raises what stopped it
                raise OSError(f"the listener on port {self.port} ended")
            await asyncio.sleep(0.02)

    async def _accepts(self) -> bool:
        try:
            _, writer = await asyncio.open_connection(stack.HOST, self.port)
        except OSError:
            return False
        writer.close()
        return bool(self._task and not self._task.done())

    async def wait(self) -> None:
        """Wait until it stops serving; raises what stopped it."""
        if self._task:
            await self._task

    async def close(self) -> None:
        """Stop accepting, let open requests finish for a moment, and return when the port is free."""
        self._stop.set()
        if self._task:
            await asyncio.wait([self._task], timeout=_PATIENCE)
            self._task = None
