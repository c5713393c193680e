"""The embedded stack as a container's one process: `python -m localstack.container`, in the image `embedded`.

Brings the stack up as `make up` does, waits, and takes it down when Docker stops the container.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading

from localstack import process, up
from localstack.stack import load

_LOOK = 1.0  # seconds between looks at the daemon


def main() -> int:
    """Run until SIGTERM, or until the daemon ends; return the exit code."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    code = up.main([])
    if code:
        return code
    stack = load()
    while stack.is_running() and not stop.wait(_LOOK):
        _bury_children()
    process.stop(stack)
    return 0 if stop.is_set() else 1


def _bury_children() -> None:
    """Collect what has ended: as a container's first process, we inherit every orphan."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    sys.exit(main())
