"""Ends what a killed stack left running.

Workers end themselves when the stack goes, with all they started. This is for those that could not: a worker stopped
by a debugger, or killed together with the stack while its ffmpeg went on.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


def end(code: Path) -> None:
    """End every worker, and every tool of a layer, that runs from this folder of unpacked functions and layers.

    An editor or a search may name the folder, too, and another stack's folder may end as this one does.

    Called while the stack's lock is held and before any worker starts. Windows ends children with their job.
    """
    for pid, command in _processes():
        if _runs_from(code, command) and pid != os.getpid():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def _runs_from(code: Path, command: str) -> bool:
    folder = f"{code}{os.sep}"
    return command.startswith(folder) or f"bootstrap.py {folder}" in command


def _processes() -> Iterator[tuple[int, str]]:
    if sys.platform == "win32":
        return
    if Path("/proc/self/cmdline").exists():
        for folder in Path("/proc").iterdir():
            if folder.name.isdecimal():
                with contextlib.suppress(OSError):
                    yield (
                        int(folder.name),
                        (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"),
                    )
        return
    listed = subprocess.run(["/bin/ps", "-axo", "pid=,command="], capture_output=True, text=True, check=False)
    for line in listed.stdout.splitlines():
        pid, _, command = line.strip().partition(" ")
        yield int(pid), command
