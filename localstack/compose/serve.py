"""The service `web`: page and API at the addresses that browsers use. `python -m localstack.compose.serve`."""

from __future__ import annotations

import asyncio
import signal
import sys

from localstack.compose import stack as compose
from localstack.compose.gateway import Gateway
from localstack.embedded.edge import Edge
from localstack.embedded.listener import Listener
from localstack.embedded.web import Web
from localstack.progress import fail
from localstack.stack import ROOT, Stack, StackError


def main() -> int:
    """Serve until SIGTERM; return the exit code."""
    try:
        asyncio.run(_serve(compose.load()))
    except (StackError, OSError) as error:
        return fail(str(error))
    return 0


async def _serve(stack: Stack) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    listeners = [Listener(Edge(Gateway(stack.endpoint), stack), stack.api_port, stack.bind)]
    if stack.web_port:
        listeners.append(Listener(Web(stack, ROOT / "web"), stack.web_port, stack.bind))
    try:
        for listener in listeners:
            await listener.open()
        await stop.wait()
    finally:
        for listener in listeners:
            await listener.close()


if __name__ == "__main__":
    sys.exit(main())
