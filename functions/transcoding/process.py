"""Running ffmpeg and ffprobe: every child process of the transcoder starts here, and none outlives its caller.

A child gets no credentials and no proxy settings (an empty environment), no standard input, limits on memory and
file size, and a process group of its own that is killed as a whole. What it prints is captured and cut to a bounded
length, never passed on: on the embedded stack a child's output would corrupt Lambda's protocol.
"""

from __future__ import annotations

import collections
import contextlib
import os
import shutil
import signal
import subprocess  # the one place that starts processes; arguments are lists, never a shell's words
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, TextIO, cast

MEMORY: Final = 3 << 30
"""Address space in bytes. On two cores 1080p takes 0.65 GB, 33 megapixels of HEVC 1.2 GB; more cores take more."""

_FILE_BLOCKS: Final = 128 * 2048
"""Largest file a child may write, in ulimit's blocks of 512 bytes: 128 MB, ten times the heaviest segment."""

_LAYER: Final = Path("/opt/bin")  # where a Lambda layer's bin/ is
_LINES: Final = 60  # kept of standard error's beginning and of its end: the cause and the last words
_LINE_LENGTH: Final = 400
_OUTPUT: Final = 2 << 20  # characters kept of standard output
_POLL: Final = 0.1  # seconds

# ulimit before exec: no race with the child and no fork handler in a threaded parent. Memory and file size in the
# units of POSIX sh; a system that cannot limit one of them (macOS: memory) runs without.
_LIMITED: Final = 'ulimit -c 0; ulimit -v "$1"; ulimit -f "$2"; shift 2; exec "$@"'


class TooSlowError(Exception):
    """The child was still running when its time was over."""


@dataclass(frozen=True)
class Finished:
    """How a child ended: its exit code (negative: the signal that ended it) and what it printed."""

    code: int
    output: str
    errors: str

    @property
    def killed(self) -> bool:
        """Whether somebody outside ended it; a limit on its memory or files ends it in other ways."""
        return os.name == "posix" and self.code in (-signal.SIGKILL, -signal.SIGTERM)


def executable(name: str) -> str:
    """Return the path of ffmpeg or ffprobe: from the layer, else from PATH.

    Raises:
        FileNotFoundError: there is none.
    """
    for path in (str(_LAYER), os.environ.get("PATH", "")):
        if found := shutil.which(name, path=path):
            return found
    raise FileNotFoundError(f"{name} is neither in {_LAYER} nor on PATH")


class Child:
    """A running tool. Use `start`, which makes sure that it ends."""

    def __init__(
        self,
        process: subprocess.Popen[str],
        on_line: Callable[[str], None] | None,
        feed: Iterable[bytes] | None,
    ) -> None:
        self._process = process
        self._unfed: BaseException | None = None
        self._head: list[str] = []
        self._tail: collections.deque[str] = collections.deque(maxlen=_LINES)
        self._output: list[str] = []
        self._room = _OUTPUT
        self._listeners = [
            threading.Thread(target=self._read, args=(process.stdout, on_line or self._keep_output), daemon=True),
            threading.Thread(target=self._read, args=(process.stderr, self._keep_error), daemon=True),
        ]
        self._helpers = list(self._listeners)
        if feed is not None:
            stdin = cast(TextIO, process.stdin)
            self._helpers.append(threading.Thread(target=self._feed, args=(stdin, feed), daemon=True))
        for helper in self._helpers:
            helper.start()

    @staticmethod
    def _read(stream: IO[str], keep: Callable[[str], None]) -> None:
        with stream:
            # by bounded pieces: a hostile file can make a tool print one endless line
            while line := stream.readline(64 << 10):
                keep(line)

    def _feed(self, stream: TextIO, feed: Iterable[bytes]) -> None:
        try:
            with stream:
                for piece in feed:
                    stream.buffer.write(piece)
        except BrokenPipeError:
            pass  # it has read enough, or has ended: its exit code tells
        except Exception as error:  # noqa: BLE001 - raised again by `finished`, in the caller's thread
            self._unfed = error

    def _keep_output(self, line: str) -> None:
        self._output.append(line[: self._room])
        self._room -= len(self._output[-1])

    def _keep_error(self, line: str) -> None:
        line = line.rstrip()[:_LINE_LENGTH]
        if len(self._head) < _LINES:
            self._head.append(line)
        else:
            self._tail.append(line)

    def wait(self, seconds: float) -> bool:
        """Wait at most `seconds`; return whether the child has ended.

        For the end of what it prints first, of which the listeners are told: for the child itself `subprocess` looks,
        in the end each 50 ms, which is longer than many a tool takes.
        """
        end = time.monotonic() + seconds
        for listener in self._listeners:
            listener.join(max(0.0, end - time.monotonic()))
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, end - time.monotonic()))
        return self._process.poll() is not None

    def worked(self) -> float:
        """Return the seconds of processors that the child has taken so far; 0 where the system is not Linux."""
        try:
            # the name, in parentheses, may hold anything; behind it, from field 3 on, 14 and 15 are the times (proc(5))
            fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def finished(self) -> Finished:
        """Return how the child ended; call it when it has. What its input's source raised is raised here."""
        for helper in self._helpers:
            helper.join()
        if self._unfed is not None:
            raise self._unfed
        return Finished(self._process.wait(), "".join(self._output), "\n".join([*self._head, *self._tail]))

    def pause(self) -> None:
        """Let the child rest until `resume`, where the system can."""
        self._signal("SIGSTOP")

    def resume(self) -> None:
        """Let a paused child go on."""
        self._signal("SIGCONT")

    def kill(self) -> None:
        """End the child and all that it started, at once."""
        if os.name == "posix":
            self._signal("SIGKILL")
        else:
            self._process.kill()
        self._process.wait()

    def _signal(self, name: str) -> None:
        if os.name == "posix" and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, getattr(signal, name))


def _limited(argv: Sequence[str], memory: int) -> list[str]:
    if os.name != "posix":
        return list(argv)
    return ["/bin/sh", "-c", _LIMITED, "sh", str(memory // 1024), str(_FILE_BLOCKS), *argv]


@contextlib.contextmanager
def start(
    argv: Sequence[str],
    *,
    folder: Path | None = None,
    memory: int = MEMORY,
    on_line: Callable[[str], None] | None = None,
    feed: Iterable[bytes] | None = None,
) -> Iterator[Child]:
    """Start a tool; at the end of the `with` block it is killed if it still runs.

    Args:
        argv: The tool's path and arguments.
        folder: Where it works; default: the root.
        memory: Limit of its address space, in bytes.
        on_line: Called from another thread with each line of its standard output, which is kept otherwise.
        feed: What it reads from its standard input, asked for in another thread; default: nothing.
    """
    keep = {name: os.environ[name] for name in ("SYSTEMROOT", "TMPDIR") if name in os.environ}
    process = subprocess.Popen(
        _limited(argv, memory),
        # never where we happen to be: that folder may be gone
        cwd=folder or Path(sys.executable).anchor,
        env={"LC_ALL": "C", **keep},
        stdin=subprocess.DEVNULL if feed is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        # a group of its own, to be paused and killed as a whole, in our session: whoever ends us by that ends it too
        process_group=0,
    )
    child = Child(process, on_line, feed)
    try:
        yield child
    finally:
        child.kill()


def run(
    argv: Sequence[str],
    *,
    seconds: float,
    check: Callable[[], None] = lambda: None,
    folder: Path | None = None,
    memory: int = MEMORY,
    on_line: Callable[[str], None] | None = None,
    feed: Iterable[bytes] | None = None,
) -> Finished:
    """Run a tool to its end.

    Args:
        argv: The tool's path and arguments.
        seconds: How long it may take.
        check: Called about ten times a second; what it raises ends the tool and is passed on.
        folder: Where it works; default: the root.
        memory: Limit of its address space, in bytes.
        on_line: As of `start`.
        feed: As of `start`.

    Raises:
        TooSlowError: it took longer than `seconds`.
    """
    end = time.monotonic() + seconds
    with start(argv, folder=folder, memory=memory, on_line=on_line, feed=feed) as child:
        while not child.wait(_POLL):
            check()
            if time.monotonic() > end:
                raise TooSlowError
        return child.finished()
