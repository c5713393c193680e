"""Start and stop the daemon of a stack."""

from __future__ import annotations

import contextlib
import http.client
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from localstack.stack import HOST, LOG_BYTES, ROOT, Stack, StackError

_READY = 30.0  # seconds; a large state folder takes a few
_GRACE = 20.0  # seconds to save the state after SIGTERM
_POLL = 0.05
_SOON = 2.0  # seconds within which a daemon that serves answers
# Windows has no sessions
_DETACHED = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "DETACHED_PROCESS", 0)


def start(stack: Stack) -> bool:
    """Start the daemon in a session of its own and return when it serves: whether it is this call's, not another's.

    Raises:
        StackError: it ended or did not answer; the message holds the end of its log.
    """
    stack.log_folder.mkdir(parents=True, exist_ok=True)
    _roll_over(stack.log_file)
    # none of the caller's AWS settings (profiles, tokens, endpoints) may leak into the emulator
    environment = stack.program_environment()
    start_id = secrets.token_hex(8)  # the daemon puts it into its record
    before = stack.record()  # of a killed daemon
    with stack.log_file.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "localstack.embedded.daemon", start_id],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # the terminal's Ctrl-C and hang-up do not reach it
            creationflags=_DETACHED,
        )
    try:
        _await_ready(stack, process, before)
    except BaseException:  # Ctrl-C, too: it would come up a moment later and hold the ports
        _end(process)
        raise
    own = stack.record().get("start_id") == start_id
    if not own:
        # somebody else's was faster. Ours would find the lock taken, or serve once that one is stopped
        _end(process)
    return own


def _await_ready(stack: Stack, process: subprocess.Popen[bytes], before: dict[str, object]) -> None:
    """Wait until a daemon serves that is not the one `before` tells of; raises StackError."""
    deadline = time.monotonic() + _READY
    while not (is_ready(stack) and stack.record() != before):
        if process.poll() is not None and not stack.is_running():
            raise StackError(f"The emulator ended: {_tail(stack)} (all of it: {stack.log_file})")
        if time.monotonic() > deadline:
            raise StackError(f"The emulator did not answer within {_READY:.0f} s; {stack.log_file} says why.")
        time.sleep(_POLL)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _roll_over(log: Path) -> None:
    """Keep a log that has grown as the one before: while the daemon lives, its output cannot go elsewhere."""
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_name(f"{log.name}.1"))


def settled(stack: Stack, on_wait: Callable[[], None]) -> bool:
    """Say whether a daemon serves, once none is about to start or to end; `on_wait` is called where that takes longer.

    Of a killed daemon, a thread that waits for the disk may hold the lock and the ports after the rest is dead.

    Raises:
        StackError: it neither answered nor ended.
    """
    deadline = time.monotonic() + _READY
    told = False
    while stack.is_running():
        if _answers(stack):
            return True
        if time.monotonic() > deadline:
            raise StackError(f"The stack of {stack.state} does not answer: `make down`, then `make up` again.")
        if not told:
            on_wait()
            told = True
        time.sleep(_POLL)
    return False


def is_ready(stack: Stack) -> bool:
    """Say whether the running daemon serves."""
    return stack.is_running() and bool(stack.record())


def stop(stack: Stack) -> bool:
    """End the daemon: politely, then not. Return whether there was one. One that is starting is waited for.

    Raises:
        StackError: it neither started nor ended.
    """
    if not stack.is_running():
        return False
    pid = _pid_of_running(stack)
    if pid is None:
        return True
    if sys.platform == "win32":
        control(stack, "stop")  # it knows no polite signal
    else:
        _signal(pid, signal.SIGTERM)
    if not _ends(stack, _GRACE):
        _signal(pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
        if not _ends(stack, _GRACE):
            raise StackError(f"The stack of {stack.state} did not end: its process {pid} is still there.")
    return True


def control(stack: Stack, command: str) -> None:
    """Ask the running daemon something at its control address.

    Raises:
        StackError: it refused or did not answer.
    """
    request = urllib.request.Request(  # noqa: S310 - our own loopback address
        f"{stack.aws_url}/_videoflix/{command}",
        method="POST",
        headers={"x-videoflix-control": str(stack.record().get("control_token", ""))},
    )
    try:
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310
    except (urllib.error.URLError, OSError) as error:
        raise StackError(f"The running stack did not follow ({command}): {error}") from None


def _answers(stack: Stack) -> bool:
    """Say whether anything answers where the daemon wrote that it serves; that it refuses is an answer."""
    ports = stack.record().get("ports")
    if not isinstance(ports, dict):
        return False
    address = f"http://{HOST}:{ports['VIDEOFLIX_AWS_PORT']}/_videoflix/"
    try:
        urllib.request.urlopen(address, timeout=_SOON).close()
    except urllib.error.HTTPError:
        return True
    except (OSError, http.client.HTTPException):
        return False
    return True


def _pid_of_running(stack: Stack) -> int | None:
    """Return the daemon's number once it has said it; None if it ended instead. Raises StackError."""
    deadline = time.monotonic() + _READY
    while stack.is_running():
        pid = stack.record().get("pid")
        if isinstance(pid, int):
            return pid
        if time.monotonic() > deadline:
            late = f"is still starting after {_READY:.0f} s; {stack.log_file} says why."
            raise StackError(f"The stack of {stack.state} {late}")
        time.sleep(_POLL)
    return None


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _ends(stack: Stack, within: float) -> bool:
    deadline = time.monotonic() + within
    while stack.is_running():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL)
    return True


def _tail(stack: Stack) -> str:
    lines = stack.log_file.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
