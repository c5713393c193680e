"""The process of the embedded stack: `python -m localstack.embedded.daemon`, started by `localstack.up`.

Its argument goes into its record, by which its starter knows it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import logging.handlers
import os
import secrets
import shutil
import signal
import sys
import time

from localstack import lock, made_of
from localstack.embedded import moving, orphans
from localstack.embedded.control import Control
from localstack.embedded.edge import Edge
from localstack.embedded.emulator import Emulator
from localstack.embedded.listener import Listener
from localstack.embedded.web import Web
from localstack.stack import HOST, LOG_BYTES, ROOT, Stack, StackError, load


def main() -> int:
    """Serve until SIGTERM; return the exit code."""
    stack = load()
    stack.state.mkdir(parents=True, exist_ok=True)
    held = lock.acquire(stack.lock_file)
    if held is None:
        print("Another stack runs on this state folder.", file=sys.stderr)
        return 1
    # what a killed daemon left: its number may be a stranger's by now, whom `make down` would end
    stack.record_file.unlink(missing_ok=True)
    try:
        _prepare(stack)
        # asyncio.run would wait for calls that are under way: their functions were ended, so they never answer
        asyncio.new_event_loop().run_until_complete(_serve(stack))
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"The stack could not go on: {error}", file=sys.stderr)
        return 1
    finally:
        stack.record_file.unlink(missing_ok=True)
        held.close()
    return 0


def _prepare(stack: Stack) -> None:
    """Set what the emulator reads at import: it is configured by its environment only."""
    orphans.end(stack.state / "code")
    temporary = stack.state / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True, exist_ok=True)
    _log_functions(stack)
    emulator = stack.state / "emulator"
    moving.follow_port(emulator, stack.aws_port)
    os.environ.update(
        {
            "GATEWAY_PORT": str(stack.aws_port),
            "BIND_HOST": HOST,
            "MINISTACK_HOST": HOST,
            "AUTH": "true",  # real roles, exact CORS origins, 403 for unsigned reads
            "PERSIST_STATE": "1",
            "STATE_DIR": str(emulator),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(emulator / "s3"),
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            "LAMBDA_EXECUTOR": "local",
            "SFN_WAIT_SCALE": "0.2",  # of the seconds between retries of a step: a person is watching
            "LOG_LEVEL": stack.emulator_log,
            "TMPDIR": str(temporary),
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
    )


def _log_functions(stack: Stack) -> None:
    """Send what functions print to a file of their own that cannot fill the disk."""
    stack.log_folder.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        stack.log_folder / "functions.log", maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8"
    )
    formatter = logging.Formatter("%(asctime)s.%(msecs)03dZ %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logger = logging.getLogger("videoflix.functions")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False


async def _serve(stack: Stack) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows: the control address stops it
            loop.add_signal_handler(name, stop.set)
    emulator = Emulator(stack)
    token = secrets.token_urlsafe(24)
    api = Listener(Edge(emulator.app, stack), stack.api_port, stack.bind)

    async def ask_to_stop() -> None:
        stop.set()

    control = Control(emulator.app, token, {"release-api": api.close, "take-api": api.open, "stop": ask_to_stop})
    listeners = [Listener(control, stack.aws_port, stack.bind), api]
    if stack.web_port:
        listeners.append(Listener(Web(stack, ROOT / "web"), stack.web_port, stack.bind))
    saving = None
    try:
        for listener in listeners:
            await open_listener(listener)
        emulator.opened()
        saving = asyncio.create_task(emulator.snapshots.run())
        _record(stack, token)
        await stop.wait()
    finally:
        emulator.pool.close()
        # before the last save, which would not have what is taken after it
        await asyncio.gather(*(listener.close() for listener in listeners))
        if saving:
            await emulator.snapshots.close()
            await saving


async def open_listener(listener: Listener) -> None:
    """Open one of the stack's own.

    Raises:
        StackError: its port cannot be had.
    """
    try:
        await listener.open()
    except OSError as error:
        raise StackError(f"The stack could not listen: {error}") from error


def _record(stack: Stack, token: str) -> None:
    record = {
        "pid": os.getpid(),
        "started": time.time(),
        "ports": stack.ports,
        "control_token": token,
        "start_id": " ".join(sys.argv[1:]),
        **made_of.note(),
    }
    temporary = stack.record_file.with_suffix(".new")
    temporary.write_text(json.dumps(record))
    temporary.chmod(0o600)
    temporary.replace(stack.record_file)


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    # the threads of executions wait for functions that were ended, so Python would wait for them for ever
    os._exit(code)
