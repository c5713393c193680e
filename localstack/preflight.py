"""What must hold before anything is started: each check raises one clear sentence. Standard library only."""

from __future__ import annotations

import platform
import shutil
import socket
import sys
from pathlib import Path

from localstack.stack import HOST, Stack, StackError

OLDEST, NEWEST = (3, 11), (3, 13)
PROCESSORS = {"x86_64": "x86_64", "amd64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}
FREE_BYTES = 2 * 1024**3


def check_machine() -> None:
    """Check Python and processor.

    Raises:
        StackError: one of them does not do.
    """
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        here = platform.python_version()
        raise StackError(f"Videoflix needs Python 3.11, 3.12 or 3.13, and this is Python {here} ({sys.executable}).")
    if platform.machine().lower() not in PROCESSORS:
        raise StackError(f"Videoflix runs on x86_64 and arm64 processors, and this one is {platform.machine()}.")


def check_space(folder: Path) -> None:
    """Check that a folder's disk has room for what is about to be made there; the folder need not exist yet.

    Raises:
        StackError: it has less than 2 GB left.
    """
    free = free_space(folder)
    if free < FREE_BYTES:
        left = f"{free / 1024**3:.1f} GB"
        raise StackError(f"Videoflix needs 2 GB of free disk space, and the disk of {folder} has {left} left.")


def free_space(folder: Path) -> int:
    """Return how many bytes a folder's disk has left; the folder need not exist yet."""
    return shutil.disk_usage(next(each for each in (folder, *folder.parents) if each.exists())).free


def check_ports(stack: Stack) -> None:
    """Check that nobody listens on the stack's ports.

    Raises:
        StackError: names the taken port and the setting that changes it.
    """
    for setting, port in stack.ports.items():
        if not _is_free(port):
            other = " (or turn the page off with VIDEOFLIX_WEB_PORT=off)" if setting == "VIDEOFLIX_WEB_PORT" else ""
            raise StackError(f"Port {port} is already in use: free it, or set {setting} to another port{other}.")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":
            # a port in TIME_WAIT is free; on Windows this option would let two listeners share it
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
