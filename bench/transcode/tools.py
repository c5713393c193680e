"""Running ffmpeg by hand, and asking the system what it took."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from layers.ffmpeg.build import host_target


@dataclass(frozen=True)
class Spent:
    """What something took.

    Attributes:
        tools: CPU seconds (user and system) of the processes that it started.
        own: CPU seconds of this process.
        wall: Seconds.
    """

    tools: float
    own: float
    wall: float

    def __add__(self, other: Spent) -> Spent:
        """Return what both took, one after the other."""
        return Spent(self.tools + other.tools, self.own + other.own, self.wall + other.wall)


def spent(action: Callable[[], object]) -> Spent:
    """Do something and return what it took; all processes that it starts have to end with it."""
    before, own, began = _children(), time.process_time(), time.perf_counter()
    action()
    return Spent(_children() - before, time.process_time() - own, time.perf_counter() - began)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def use_the_layers_ffmpeg() -> Path:
    """Put the ffmpeg that is deployed first on PATH; return its path."""
    ffmpeg = host_target().ffmpeg
    if not ffmpeg.exists():
        sys.exit("python3 layers/ffmpeg/build.py --unpack makes the ffmpeg that is measured")
    os.environ["PATH"] = f"{ffmpeg.parent}{os.pathsep}{os.environ['PATH']}"
    return ffmpeg


def ffmpeg(*arguments: str, folder: Path | None = None, level: str = "error") -> str:
    """Run ffmpeg to its end and return what it wrote to standard error.

    Args:
        arguments: After the ones that every run has.
        folder: Where it works.
        level: How much it says.
    """
    argv = [str(host_target().ffmpeg), "-hide_banner", "-nostdin", "-y", "-loglevel", level, *arguments]
    return run(argv, folder=folder)


def run(argv: Sequence[str], *, folder: Path | None = None) -> str:
    """Run a command to its end and return what it wrote to standard error."""
    with tempfile.TemporaryFile("w+", errors="replace") as errors:
        done = subprocess.run(argv, cwd=folder, stdout=subprocess.DEVNULL, stderr=errors, check=False)
        errors.seek(0)
        said = errors.read()
    if done.returncode:
        sys.exit(f"{Path(argv[0]).name} ended with {done.returncode}: {said[-600:]}")
    return said
