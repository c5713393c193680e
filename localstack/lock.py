"""A file lock that its owner's death releases, however it died."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def acquire(path: Path) -> IO[bytes] | None:
    """Take the lock and return the open file that holds it, or None when somebody else has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("ab")
    try:
        _try_lock(file)
    except OSError:
        file.close()
        return None
    return file


def is_held(path: Path) -> bool:
    """Say whether a living process holds the lock."""
    if not path.exists():
        return False
    file = acquire(path)
    if file is None:
        return True
    file.close()
    return False
