"""Small disks for the stack under drill, which can be full for real: file systems in memory.

They are mounted in a view of the file system that only this program and what it starts share (Linux: a mount
namespace), so that nobody else sees them, and nothing is left of them.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_INSIDE = "VIDEOFLIX_DRILL_INSIDE"  # set in the environment of a program that has its own view
_AGAIN = 0.02  # seconds between two looks whether somebody made room on a disk that is to be full
_MIB = 1024**2


@dataclass(frozen=True)
class Disk:
    """A disk, mounted on a folder."""

    folder: Path

    @contextmanager
    def full(self, *, of_files: bool = False) -> Iterator[None]:
        """Keep it full to the last byte, or so full of files that it takes no further file or folder."""
        over, filled = threading.Event(), threading.Event()

        def keep_full() -> None:
            while not over.is_set():
                self._fill_with_files() if of_files else self._fill_with_bytes()
                filled.set()
                over.wait(_AGAIN)

        thread = threading.Thread(target=keep_full)
        thread.start()
        try:
            filled.wait()
            yield
        finally:
            over.set()
            thread.join()
            for filler in self.folder.glob("filler*"):
                filler.unlink()

    def _fill_with_bytes(self) -> None:
        with (self.folder / "filler").open("ab", buffering=0) as filler:
            for piece in (_MIB, 1):
                with contextlib.suppress(OSError):
                    while True:
                        filler.write(bytes(piece))

    def _fill_with_files(self) -> None:
        with contextlib.suppress(OSError):
            for number in itertools.count(len(list(self.folder.glob("filler*")))):
                (self.folder / f"filler-{number}").touch()


@dataclass(frozen=True)
class Disks:
    """The disk with a stack's whole state, and the one with its functions' temporary folders."""

    state: Disk
    scratch: Disk


def refusal() -> str:
    """Return why this machine lets us mount nothing; empty if it does."""
    unshare = shutil.which("unshare")
    if not unshare:
        return "there is no program `unshare` (Linux has it) to mount a disk that nobody else sees"
    with tempfile.TemporaryDirectory() as folder:
        tried = subprocess.run([*_own_view(), "mount", *_options(folder, _MIB, 10)], capture_output=True, check=False)
    return tried.stderr.decode(errors="replace").strip() if tried.returncode else ""


def enter() -> None:
    """Start this program again with a view of its own, unless it has one or the machine refuses."""
    if _INSIDE not in os.environ and not refusal():
        command = [*_own_view(), sys.executable, "-m", "drill", *sys.argv[1:]]
        os.execvpe(command[0], command, os.environ | {_INSIDE: "yes"})


@contextmanager
def mounted(state: Path) -> Iterator[Disks | None]:
    """Put a stack's folders on disks of their own; None where the machine refuses."""
    if _INSIDE not in os.environ:
        state.mkdir()
        yield None
        return
    scratch = state / "tmp"
    with _mounted(state, size=1024 * _MIB, files=100_000), _mounted(scratch, size=64 * _MIB, files=2_000):
        # nobody makes a new stack on so small a disk (localstack/up.py): this one has been there for long
        (state / "emulator").mkdir()
        yield Disks(Disk(state), Disk(scratch))


@contextmanager
def _mounted(folder: Path, *, size: int, files: int) -> Iterator[None]:
    folder.mkdir()
    subprocess.run(["mount", *_options(str(folder), size, files)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)  # who was ended may still be ending


def _options(folder: str, size: int, files: int) -> list[str]:
    return ["-t", "tmpfs", "-o", f"size={size},nr_inodes={files},mode=755", "none", folder]


def _own_view() -> list[str]:
    # who is not root is it there, and nowhere else
    return ["unshare", "--mount", *(() if os.geteuid() == 0 else ("--map-root-user",))]
