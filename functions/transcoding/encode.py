"""Running the encoding of a chunk: one ffmpeg, its finished segments taken away while it works."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Final

from functions.catalogue import timestamps
from functions.catalogue.layout import segment_name
from functions.catalogue.timestamps import lasting
from functions.transcoding import command, process
from functions.transcoding.plan import Chunk, Plan, RenditionPlan
from functions.transcoding.source import Input
from functions.transcoding.troubles import PassingError, RefusedError, diagnose

STEP: Final = "encode"

_POLL: Final = 0.1  # seconds
_UPLOADS: Final = 4  # at the same time
# Seconds without a new frame and without work after which an encoder is given up: one that ran out of memory may wait
# for itself. It works without a new frame while it decodes from a keyframe that is far before its chunk.
_STILL: Final = 60.0
_WORK: Final = 1.0  # seconds of processors; whoever waits looks about, too
# Bytes that wait for S3 in the temporary folder: ffmpeg rests above the first and goes on below the second.
_FULL: Final = 32 << 20
_ROOM: Final = 8 << 20
# Seconds by which a result may be shorter than planned: where the source says how long its picture is, and where not.
_TOLERANCE: Final = 0.1
_COARSE_TOLERANCE: Final = 2.0

_PREMATURE: Final = "stream ends prematurely"


@dataclass(frozen=True)
class Reached:
    """How far a chunk is: frames that ffmpeg encoded, and the segments of each rendition that are stored."""

    frames: int
    stored: Mapping[str, int]


@dataclass(frozen=True)
class Segments:
    """What was made of one rendition: seconds and bytes of each segment."""

    durations: tuple[float, ...]
    sizes: tuple[int, ...]


@dataclass
class _Made:
    """A rendition while it is made: duration and size of each of its segments, and which of them are stored.

    `first` is the number of its first segment. `begin` is when it begins, in seconds, if its playlist counts that
    segment from zero.
    """

    plan: RenditionPlan
    folder: Path
    first: int
    durations: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    begin: float = 0.0
    stored: set[Path] = field(default_factory=set)
    read_at: int = 0

    def fresh(self, *, ended: bool) -> Iterator[Path]:
        """Yield the segments that were finished since the last call. Once ffmpeg has `ended`, all are."""
        playlist = self.folder / command.PLAYLIST
        try:
            written_at = playlist.stat().st_mtime_ns
        except FileNotFoundError:
            return
        # it may be written twice within a tick of the file system's clock: its time does not tell that nothing came
        if written_at == self.read_at and not ended:
            return
        lines = playlist.read_text().splitlines()
        declared = [float(line[8:].rstrip(",")) for line in lines if line.startswith("#EXTINF:")]
        declared[:1] = [first - self.begin for first in declared[:1]]
        names = [line for line in lines if line and not line.startswith("#")]
        for duration, name in list(zip(declared, names, strict=True))[len(self.durations) :]:
            segment = self.folder / name
            if not (ended or self._is_whole(segment)):
                return
            self.durations.append(duration)
            self.sizes.append(segment.stat().st_size)
            yield segment
        self.read_at = written_at

    def _is_whole(self, segment: Path) -> bool:
        # the muxer that cuts copied packets names a segment and then writes up to 256 KB of it, as no trailer follows
        # that would have them written; it closes one segment before it opens the next
        return self.plan.copied is None or segment.with_name(segment_name(int(segment.stem) + 1)).exists()


def encode(
    plan: Plan,
    chunk: Chunk,
    source: Input,
    store: Callable[[str, Path], None],
    report: Callable[[Reached], None],
    *,
    sound: Input | None = None,
) -> dict[str, Segments]:
    """Encode a chunk.

    Args:
        plan: What to make.
        chunk: Which part of it.
        source: Of what.
        store: Keeps a finished file: gets the name of its folder (a rendition's, or `storyboard`) and the file.
            Called from other threads.
        report: Told several times a second how far we are; what it raises ends the encoding and is passed on.
        sound: The chunk's sound, where it was encoded before.

    Returns:
        What was made of each rendition, by its name.

    Raises:
        RefusedError: the source cannot be encoded, or is shorter than it claims.
        PassingError: the source could not be read to its end, or a file not be stored.
    """
    with tempfile.TemporaryDirectory(prefix="videoflix-encode-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        begin = timestamps.FIRST + plan.seconds(chunk.begin)
        made = [
            # the muxer that cuts copied packets takes zero for the first segment's beginning
            _Made(rendition, folder / rendition.name, chunk.first_segment, begin=begin if rendition.copied else 0.0)
            for rendition in plan.renditions
        ]
        board = folder / command.BOARD
        for each in (board, *(rendition.folder for rendition in made)):
            each.mkdir()
        with _uploading(made, store) as uploads:
            argv = command.encode(plan, chunk, source, process.executable("ffmpeg"), sound=sound)
            done = _run(argv, folder, uploads, report)
            # its segments too are worth keeping until we know: a retry writes the same ones again
            uploads.finish(lambda: report(Reached(chunk.end - chunk.begin, uploads.stored())))
        _judge(plan, chunk, done, min(sum(rendition.durations) for rendition in made))
        for sheet in sorted(board.iterdir()):
            store(command.BOARD, sheet)
    return {each.plan.name: Segments(_exactly(plan, chunk, each.durations), tuple(each.sizes)) for each in made}


def _exactly(plan: Plan, chunk: Chunk, declared: list[float]) -> tuple[float, ...]:
    """Return the seconds of each segment: ffmpeg's word counts its frames, for its last one is a sum of rounded ones.

    At 60000/1001 frames a second that is off by half a tick a frame.
    """
    begins = accumulate((round(seconds * plan.frame_rate) for seconds in declared), initial=chunk.begin)
    return tuple(lasting(begin, end, plan.frame_rate) for begin, end in pairwise(begins))


def _run(argv: list[str], folder: Path, uploads: _Uploads, report: Callable[[Reached], None]) -> process.Finished:
    frames = 0

    def on_line(line: str) -> None:
        nonlocal frames
        name, _, value = line.strip().partition("=")
        if name == "frame" and value.isdecimal():
            frames = int(value) + 1

    resting, seen, worked, moved_at = False, 0, 0.0, time.monotonic()
    with process.start(argv, folder=folder, on_line=on_line) as child:
        while not child.wait(_POLL):
            uploads.collect()
            if not resting and uploads.waiting > _FULL:
                child.pause()
                resting = True
            elif resting and uploads.waiting < _ROOM:
                child.resume()
                resting = False
            if resting or frames > seen or child.worked() - worked > _WORK:
                seen, worked, moved_at = frames, child.worked(), time.monotonic()
            elif time.monotonic() - moved_at > _STILL:
                raise PassingError("the encoder stood still")
            report(Reached(frames, uploads.stored()))
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

    def collect(self, *, ended: bool = False) -> None:
        """Send what was finished since the last call. Once ffmpeg has `ended`, all is.

        Raises:
            PassingError: an earlier one could not be stored.
        """
        for rendition in self._made:
            for segment in rendition.fresh(ended=ended):
                task = self._pool.submit(self._move, rendition, segment)
                self._running[task] = rendition.sizes[-1]
        for task in [task for task in self._running if task.done()]:
            del self._running[task]
            task.result()

    def _move(self, rendition: _Made, segment: Path) -> None:
        self._store(rendition.plan.name, segment)
        rendition.stored.add(segment)
        segment.unlink()

    def finish(self, report: Callable[[], None]) -> None:
        """Send the rest and wait until all is stored.

        Raises:
            PassingError: one could not be stored.
        """
        self.collect(ended=True)
        while self._running:
            report()
            wait(self._running, timeout=_POLL, return_when=FIRST_COMPLETED)
            self.collect()

    def stored(self) -> dict[str, int]:
        """Return how many segments of each rendition are stored, from the first one on without a gap."""
        return {made.plan.name: _in_a_row(made) for made in self._made}


def _in_a_row(made: _Made) -> int:
    arrived = sorted(int(segment.stem) for segment in made.stored.copy())
    return next((place for place, number in enumerate(arrived) if number != made.first + place), len(arrived))


@contextmanager
def _uploading(made: list[_Made], store: Callable[[str, Path], None]) -> Iterator[_Uploads]:
    pool = ThreadPoolExecutor(_UPLOADS, thread_name_prefix="upload")
    try:
        yield _Uploads(made, store, pool)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _judge(plan: Plan, chunk: Chunk, done: process.Finished, seconds: float) -> None:
    """Refuse a result that is not the whole chunk: ffmpeg ends with 0 at a cut-off file and at a lost connection."""
    if done.code:
        # a signal that nobody sent from outside is a limit's
        raise diagnose(done, STEP, otherwise="too_heavy" if done.code < 0 else "broken")
    tolerance = _TOLERANCE if plan.exact or not chunk.last else _COARSE_TOLERANCE
    if seconds < plan.seconds(chunk.end - chunk.begin) - tolerance:
        if _PREMATURE in done.errors.lower():
            raise PassingError("the connection to the source was lost")
        raise RefusedError("truncated", STEP)
