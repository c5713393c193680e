"""The check of what was made, before any viewer gets it: what lies in the bucket is read back and decoded.

Every segment decodes, starts on a keyframe and lasts as declared (RFC 8216, section 3), the same in all renditions;
no frame is missing, repeated or late; the sound has no gap, and each segment carries its part of it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Final

from functions import log
from functions.catalogue import layout, timestamps
from functions.catalogue.film import Rendition
from functions.transcoding import ladder, process
from functions.transcoding.encode import Segments
from functions.transcoding.plan import Chunk, Plan
from functions.transcoding.storage import Shelf
from functions.transcoding.troubles import PassingError, RefusedError

STEP: Final = "audit"

_ROUNDING: Final = 2  # ticks
_SECONDS: Final = 300.0  # of work for a chunk
# Apple's HLS authoring rules, 9.: measured values within 10 % of the declared ones.
_BANDWIDTH_TOLERANCE: Final = 1.1


class FaultError(Exception):
    """Something that was made is not as declared; the text is for the log."""


@dataclass
class _Frames:
    """The decoded frames of one rendition of a chunk: their times in ticks, and where keyframes and sounds lie."""

    pictures: list[int] = field(default_factory=list)
    keys: dict[int, int] = field(default_factory=dict)
    sounds: list[int] = field(default_factory=list)
    heard: list[int] = field(default_factory=list)

    def read(self, line: str) -> None:
        """Take a line of ffprobe's: kind, key, time in ticks, place in the stream."""
        kind, key, ticks, place = (*line.strip().split(","), "", "", "", "")[:4]
        if kind == "audio" and ticks.isdecimal():
            self.sounds.append(int(ticks))
            if place.isdecimal():  # of the first in a packet of the stream
                self.heard.append(int(place))
        elif kind == "video":
            if not ticks.isdecimal():
                raise FaultError("a picture has no time")
            self.pictures.append(int(ticks))
            if key == "1" and place.isdecimal():
                self.keys[int(ticks)] = int(place)


def chunk(plan: Plan, part: Chunk, made: Mapping[str, Segments], shelf: Shelf, check: Callable[[], None]) -> None:
    """Check a chunk as it lies in the bucket.

    Args:
        plan: Of the film.
        part: Which chunk.
        made: What was declared of each rendition.
        shelf: Where it lies.
        check: Called while waiting; what it raises ends the check and is passed on.

    Raises:
        RefusedError: it is not as declared.
        PassingError: it could not be read.
    """

    def look(name: str) -> None:
        folder = layout.rendition_folder(name, plan.take)
        frames = _decoded(shelf, folder, part, len(made[name].durations), check)
        _judge(plan, part, made[name], frames)

    with ThreadPoolExecutor(len(made), thread_name_prefix="audit") as pool:
        looks = {name: pool.submit(look, name) for name in made}
    for name, done in looks.items():
        try:
            done.result()
        except FaultError as fault:
            log.warning("audit_failed", rendition=name, chunk=part.number, fault=str(fault))
            raise RefusedError("audit_failed", STEP) from None


def _decoded(shelf: Shelf, folder: str, part: Chunk, segments: int, check: Callable[[], None]) -> _Frames:
    frames, faults = _Frames(), []

    def on_line(line: str) -> None:
        try:
            frames.read(line)
        except FaultError as fault:
            faults.append(fault)

    argv = [
        process.executable("ffprobe"),
        "-v", "error",
        # what it leaves out comes after decoding and can hide no fault: a sixth of the time
        "-skip_loop_filter", "all",
        "-f", "mpegts", "-i", "pipe:0",
        "-show_entries", "frame=media_type,key_frame,pts,pkt_pos",
        "-of", "csv=p=0",
    ]  # fmt: skip
    names = [layout.segment_name(part.first_segment + number) for number in range(segments)]
    try:
        done = process.run(argv, seconds=_SECONDS, check=check, on_line=on_line, feed=shelf.segments(folder, names))
    except process.TooSlowError:
        raise PassingError("the check took too long") from None
    if done.killed:
        raise PassingError("the check was killed")
    if done.code or done.errors or faults:
        # the segments are our own: what a decoder says of them is nobody's text
        raise FaultError(str(faults[0]) if faults else f"it does not decode ({done.code}): {done.errors[:300]}")
    return frames


def _judge(plan: Plan, part: Chunk, made: Segments, frames: _Frames) -> None:
    if len(made.durations) != len(part.starts) and (plan.exact or not part.last):
        raise FaultError("there are not as many segments as planned")
    pictures = sorted(frames.pictures)
    if not pictures:
        raise FaultError("there is no picture")
    expected = [_ticks(plan, part.begin + number) for number in range(len(pictures))]
    if any(abs(seen - due) > _ROUNDING for seen, due in zip(pictures, expected, strict=True)):
        raise FaultError("a picture is missing, repeated or not in its place")
    declared = round(sum(made.durations) * timestamps.TICKS)
    if abs(_ticks(plan, part.begin + len(pictures)) - pictures[0] - declared) > _ROUNDING * len(made.durations):
        raise FaultError("it does not last as declared")
    begins = [0, *accumulate(made.sizes)][:-1]
    _judge_starts(plan, part, begins, frames)
    _judge_sound(plan, begins, frames)


def _ticks(plan: Plan, frame: int) -> int:
    return round((frame / plan.frame_rate + timestamps.FIRST) * timestamps.TICKS)


def _judge_starts(plan: Plan, part: Chunk, begins: list[int], frames: _Frames) -> None:
    for number, start in enumerate(part.starts[: len(begins)]):
        due = _ticks(plan, start)
        near = range(due - _ROUNDING, due + _ROUNDING + 1)
        place = next((frames.keys[tick] for tick in near if tick in frames.keys), None)
        if place is None:
            raise FaultError(f"segment {number} does not start on a keyframe")
        if bisect_right(begins, place) - 1 != number:
            raise FaultError(f"the keyframe of segment {number} lies in another one")


def _judge_sound(plan: Plan, begins: list[int], frames: _Frames) -> None:
    length = ladder.SOUND_FRAME * timestamps.TICKS / plan.sound.rate
    if any(abs(after - before - length) > _ROUNDING for before, after in pairwise(frames.sounds)):
        raise FaultError("the sound has a gap")
    # players wait for it: what came too late lies in a segment behind
    if {bisect_right(begins, place) - 1 for place in frames.heard} != set(range(len(begins))):
        raise FaultError("a segment has no sound")


def film(renditions: tuple[Rendition, ...], stored: Mapping[str, list[int]]) -> None:
    """Check a whole film: what its playlists will say against what lies in the bucket.

    Args:
        renditions: As they will be published.
        stored: Bytes of each segment in the bucket, by rendition.

    Raises:
        RefusedError: they do not agree.
    """
    fault = next((fault for made in renditions if (fault := _fault(made, renditions[0], stored[made.name]))), None)
    if fault:
        log.warning("audit_failed", fault=fault)
        raise RefusedError("audit_failed", STEP)


def _fault(made: Rendition, first: Rendition, sizes: list[int]) -> str | None:
    if len(sizes) != len(made.segments) or 0 in sizes:
        return "segments are missing"
    if made.segments != first.segments:
        return "renditions are not cut alike"
    average = sum(sizes) * 8 / sum(made.segments)
    # the peak of any single segment; `measure.peak` looks at longer windows too
    target = max(1, round(max(made.segments)))
    rates = [size * 8 / length for size, length in zip(sizes, made.segments, strict=True) if length >= target / 2]
    if max(rates, default=average) > made.peak_bandwidth * _BANDWIDTH_TOLERANCE:
        return "BANDWIDTH is too low"
    if not made.average_bandwidth / _BANDWIDTH_TOLERANCE <= average <= made.average_bandwidth * _BANDWIDTH_TOLERANCE:
        return "AVERAGE-BANDWIDTH is not true"
    return None
