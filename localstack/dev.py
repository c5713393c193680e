"""Serve the API from the working tree: `python -m localstack.dev`.

`chalice local` takes the API's port from the running stack, talks to its services, and starts again when a file
changes; at the end the deployed API comes back. Chalice's own reloader would look through `.venv` and `.local` each
second, so the few folders that matter are watched here.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from localstack import process
from localstack.progress import fail, step
from localstack.stack import HOST, ROOT, STAGE, Stack, StackError, load

_WATCHED = ("app.py", ".chalice/config.json", "functions")
_LOOK = 0.5  # seconds between looks at the files
_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]  # Windows has no hang-up


def main() -> int:
    """Serve until Ctrl-C; return the exit code."""
    try:
        stack = _running_stack()
        _on_ending(_interrupt)
        try:
            process.control(stack, "release-api")
            _serve(stack)
        except KeyboardInterrupt:
            print()
        finally:
            if process.is_ready(stack):
                process.control(stack, "take-api")
                step("The deployed API is back.")
    except StackError as error:
        return fail(str(error))
    return 0


def _running_stack() -> Stack:
    stack = load()
    if not process.is_ready(stack):
        raise StackError(f"The stack of {stack.state} is not running: start it with `make up` first.")
    if not stack.environment_file.exists():
        raise StackError("Nothing is deployed on the running stack: `make up` deploys.")
    return stack


def _serve(stack: Stack) -> None:
    while True:
        step(f"Serving the working tree at {stack.api_url}/api/ (Ctrl-C ends it)")
        seen = _fingerprint()
        server = subprocess.Popen(_command(stack), cwd=ROOT, env=stack.deployed_environment())
        try:
            while _fingerprint() == seen:
                time.sleep(_LOOK)
        finally:
            server.terminate()
            server.wait()
        step("A file changed")


def _command(stack: Stack) -> list[str]:
    arguments = ["--stage", STAGE, "--host", HOST, "--port", str(stack.api_port), "--no-autoreload"]
    return [sys.executable, "-m", "localstack.chalice_local", "local", *arguments]


def _fingerprint() -> dict[Path, float]:
    """Return what changes when a watched file is written, added or removed."""
    found = {}
    for name in _WATCHED:
        root = ROOT / name
        for path in [root] if root.is_file() else root.rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                found[path] = path.stat().st_mtime
    return found


def _on_ending(handler: Callable[[int, object], None]) -> None:
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, handler)


def _interrupt(_number: int, _frame: object) -> None:
    _on_ending(lambda *_: None)  # a terminal that is closed says so more than once: the API has to come back first
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
