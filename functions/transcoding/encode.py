"""Running the encoding: one ffmpeg, its finished segments taken away while it works, and the result measured."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Final

from functions.catalogue.film import Rendition
from functions.transcoding import command, ladder, process
from functions.transcoding.plan import Plan, RenditionPlan
from functions.transcoding.source import Input
from functions.transcoding.troubles import PassingError, RefusedError, diagnose

STEP: Final = "encode"

_POLL: Final = 0.1  # seconds
_UPLOADS: Final = 4  # at the same time
# Seconds without a new frame after which an encoder is given up: one that ran out of memory may wait for itself.
_STILL: Final = 60.0
# Bytes that wait for S3 in the temporary folder: ffmpeg rests above the first and goes on below the second.
_FULL: Final = 32 << 20
_ROOM: Final = 8 << 20
# Seconds by which a result may be shorter than planned: where the source says how long its picture is, and where not.
_TOLERANCE: Final = 0.1
_COARSE_TOLERANCE: Final = 2.0

_PREMATURE: Final = "stream ends prematurely"


@dataclass(frozen=True)
class Reached:
    """How far an encoding is, in seconds of film: `encoded` by ffmpeg, `stored` per rendition."""

    encoded: float
    stored: Mapping[str, float]


@dataclass
class _Made:
    """A rendition while it is made: duration and size of each of its segments."""

    plan: RenditionPlan
    folder: Path
    durations: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    read_at: int = 0

    def fresh(self) -> Iterator[Path]:
        """Yield the segments that the playlist names since the last call."""
        playlist = self.folder / command.PLAYLIST
        try:
            written_at = playlist.stat().st_mtime_ns
        except FileNotFoundError:
            return
        if written_at == self.read_at:
            return
        self.read_at = written_at
        lines = playlist.read_text().splitlines()
        declared = [float(line[8:].rstrip(",")) for line in lines if line.startswith("#EXTINF:")]
        names = [line for line in lines if line and not line.startswith("#")]
        for duration, name in list(zip(declared, names, strict=True))[len(self.durations) :]:
            segment = self.folder / name
            self.durations.append(duration)
            self.sizes.append(segment.stat().st_size)
            yield segment


def encode(
    plan: Plan,
    source: Input,
    store: Callable[[str, Path], None],
    report: Callable[[Reached], None],
) -> tuple[Rendition, ...]:
    """Encode a film.

    Args:
        plan: What to make.
        source: Of what.
        store: Keeps a finished segment: gets the rendition's name and the file. Called from other threads.
        report: Told several times a second how far we are; what it raises ends the encoding and is passed on.

    Returns:
        What was made, lowest rendition first.

    Raises:
        RefusedError: the source cannot be encoded, or is shorter than it claims.
        PassingError: the source could not be read to its end, or a segment not be stored.
    """
    with tempfile.TemporaryDirectory(prefix="videoflix-encode-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        made = [_Made(rendition, folder / rendition.name) for rendition in plan.renditions]
        for rendition in made:
            rendition.folder.mkdir()
        with _uploading(made, store) as uploads:
            done = _run(command.encode(plan, source, process.executable("ffmpeg")), folder, uploads, report)
            # its segments too are worth keeping until we know: a retry writes the same ones again
            uploads.finish(lambda: report(Reached(plan.duration, uploads.stored())))
    _judge(plan, done, min(sum(rendition.durations) for rendition in made))
    return tuple(_measured(plan, rendition) for rendition in reversed(made))


def _run(argv: list[str], folder: Path, uploads: _Uploads, report: Callable[[Reached], None]) -> process.Finished:
    encoded = 0.0

    def on_line(line: str) -> None:
        nonlocal encoded
        name, _, value = line.strip().partition("=")
        if name == "out_time_us" and value.isdecimal():
            encoded = int(value) / 1_000_000

    resting, seen, moved_at = False, 0.0, time.monotonic()
    with process.start(argv, folder=folder, on_line=on_line) as child:
        while not child.wait(_POLL):
            uploads.collect()
            if not resting and uploads.waiting > _FULL:
                child.pause()
                resting = True
            elif resting and uploads.waiting < _ROOM:
                child.resume()
                resting = False
            if resting or encoded > seen:
                seen, moved_at = encoded, time.monotonic()
            elif time.monotonic() - moved_at > _STILL:
                raise PassingError("the encoder stood still")
            report(Reached(encoded, uploads.stored()))
        return child.finished()


class _Uploads:
    """The finished segments on their way; each file is removed once it is stored."""

    def __init__(self, made: list[_Made], store: Callable[[str, Path], None], pool: ThreadPoolExecutor) -> None:
        self._made = made
        self._store = store
        self._pool = pool
        self._running: dict[Future[None], int] = {}

    @property
    def waiting(self) -> int:
        """Bytes that are not stored yet."""
        return sum(self._running.values())

    def collect(self) -> None:
        """Send what is finished since the last call.

        Raises:
            PassingError: an earlier one could not be stored.
        """
        for rendition in self._made:
            for segment in rendition.fresh():
                task = self._pool.submit(self._move, rendition.plan.name, segment)
                self._running[task] = rendition.sizes[-1]
        for task in [task for task in self._running if task.done()]:
            del self._running[task]
            task.result()

    def _move(self, rendition: str, segment: Path) -> None:
        self._store(rendition, segment)
        segment.unlink()

    def finish(self, report: Callable[[], None]) -> None:
        """Send the rest and wait until all is stored."""
        self.collect()
        while self._running:
            report()
            next(iter(self._running)).exception(timeout=None)
            self.collect()

    def stored(self) -> dict[str, float]:
        """Return the seconds of each rendition that are stored or on their way."""
        return {rendition.plan.name: sum(rendition.durations) for rendition in self._made}


@contextmanager
def _uploading(made: list[_Made], store: Callable[[str, Path], None]) -> Iterator[_Uploads]:
    pool = ThreadPoolExecutor(_UPLOADS, thread_name_prefix="upload")
    try:
        yield _Uploads(made, store, pool)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _judge(plan: Plan, done: process.Finished, seconds: float) -> None:
    """Refuse a result that is not the whole film: ffmpeg ends with 0 at a cut-off file and at a lost connection."""
    if done.code < 0:
        raise RefusedError("too_heavy", STEP)  # a limit's signal: nobody else kills it before we have read this
    if done.code:
        raise diagnose(done.errors, STEP, otherwise="broken")
    if seconds < plan.duration - (_TOLERANCE if plan.exact else _COARSE_TOLERANCE):
        if _PREMATURE in done.errors.lower():
            raise PassingError("the connection to the source was lost")
        raise RefusedError("truncated", STEP)


def _measured(plan: Plan, made: _Made) -> Rendition:
    return Rendition(
        name=made.plan.name,
        width=made.plan.width,
        height=made.plan.height,
        frame_rate=float(plan.frame_rate),
        codecs=ladder.codecs(made.plan.level),
        peak_bandwidth=peak(made.durations, made.sizes),
        average_bandwidth=round(sum(made.sizes) * 8 / sum(made.durations)),
        segments=tuple(made.durations),
    )


def peak(durations: list[float], sizes: list[int]) -> int:
    """Return the peak segment bit rate, in bits per second (RFC 8216, section 4.1).

    It is the largest bit rate of any contiguous set of segments that lasts 0.5 to 1.5 target durations.
    """
    target = max(1, round(max(durations)))
    ends = [0.0, *accumulate(durations)]
    bytes_before = [0, *accumulate(sizes)]
    best = bytes_before[-1] * 8 / ends[-1]  # never below the average, which it may be in a short film
    for first in range(len(durations)):
        for after in range(first + 1, len(ends)):
            seconds = ends[after] - ends[first]
            if seconds > 1.5 * target:
                break
            if seconds >= 0.5 * target:
                best = max(best, (bytes_before[after] - bytes_before[first]) * 8 / seconds)
    return round(best)
