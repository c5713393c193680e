"""Whether the source's own picture can be the highest rendition as it is, instead of being encoded again. Pure.

It can if nothing would be gained or lost: the same size, rate and colours, about the same bit rate, room below that for
the lower renditions, and keyframes where segments can begin. What stands against it is one sentence for the log; then
the rendition is encoded as all others are.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final

from functions.transcoding import ladder, measure
from functions.transcoding.display import AS_STORED
from functions.transcoding.plan import (
    FIRST_SEGMENT,
    LONGEST_SEGMENT,
    SEGMENT,
    SHORTEST_SEGMENT,
    CopiedTop,
    CopyPlan,
    Plan,
    assumed_matrix,
)
from functions.transcoding.probe import Picture, SourceInfo

LARGEST: Final = 1 << 30
"""Bytes of the largest source that is read through beforehand. The time it takes is added to the film's: at the 75 MB/s
that a Lambda reads from S3, 14 s at most; beyond that, encoding in parallel is sooner done."""

_INDEXED: Final = frozenset({"mov", "matroska"})  # where a seek ends at the keyframe before, and times are the packets'
_HEAVIER: Final = 1.1  # times the cap, on average
_WHOLE_FILE: Final = 2.0  # times the cap: with all its sounds; the picture alone is measured later
_PEAK: Final = 2.0  # times the average (Apple's HLS authoring rules for films on demand)
_HIGHEST_LEVEL: Final = 52  # Apple's HLS authoring rules, 1.4: at most High profile, level 5.2
_PARAMETER_SET: Final = 7  # kind of unit (ITU-T H.264, table 7-1)
_PROFILES: Final = frozenset({66, 77, 100})  # Baseline, Main, High (ITU-T H.264, A.2)

# Frames by which a picture may be beside its place, as containers round: it is put there, as the encoded renditions'
# are. Less than a half, so that all choose the same place.
_BESIDE: Final = 0.25

# The first segment is what a viewer waits for: so much of the film at most, or an ordinary segment.
_FIRST_PART: Final = 0.1

# Seconds between decoding and showing a segment's first picture: hls.js reports a hole (`bufferSeekOverHole`) beyond.
_LONGEST_DELAY: Final = 0.1


def objection(info: SourceInfo, plan: Plan) -> str | None:
    """Return what the header alone has against copying, or None.

    Args:
        info: What the source is.
        plan: Of encoding everything.
    """
    picture, top = info.picture, plan.renditions[0]
    against = {
        "not H.264": picture.codec != "h264",
        # yuvj420p is the same with full range, which the other renditions do not have
        "not 8 bits, 4:2:0, limited range": picture.pixel_format != "yuv420p",
        "not said to be progressive": picture.interlaced or not picture.progressive,
        "turned or mirrored": picture.orientation != AS_STORED,
        "cropped": any(picture.crop),
        "its pixels are not square": picture.sample_aspect != 1,
        "not the size of the highest rendition": (picture.width, picture.height) != (top.width, top.height),
        "not the frame rate of the renditions": picture.frame_rate != plan.frame_rate,
        "other colours than its size suggests": not _usual_colours(picture),
        "a container without an index": info.container not in _INDEXED,
        "it does not say how long its picture is": picture.ends is None,
        "its last picture has to stay": plan.frames != round((picture.ends or 0) * plan.frame_rate),
        "too large to be read beforehand": info.size is None or info.size > LARGEST,
        "its bit rate is too high": (info.size or 0) * 8 / info.duration > _WHOLE_FILE * top.cap,
    }
    return next((reason for reason, applies in against.items() if applies), None)


def _usual_colours(picture: Picture) -> bool:
    # only what players assume anyway: tags of the container alone do not come along with the packets
    return {picture.matrix, picture.primaries, picture.transfer} <= {None, assumed_matrix(picture)}


class Packets:
    """The packets of a source's picture, told one by one in the order of decoding; takes no more than are planned.

    Attributes:
        objection: What they have against copying, as far as they are known.
    """

    def __init__(self, plan: Plan) -> None:
        self.objection: str | None = None
        self.delay = 0
        self._frames, self._rate = plan.frames, float(plan.frame_rate)
        self._seen = bytearray(plan.frames)
        self._ends = array("Q", [0])  # bytes up to each packet
        self._latest = -1
        self._keys = self._messages = 0
        self._closed: list[int] = []
        self._independent: set[int] = set()

    @property
    def complete(self) -> bool:
        """Whether there is one for each planned frame."""
        return len(self._ends) == self._frames + 1

    def packet(self, time: float, size: int, *, key: bool) -> None:
        """Take a packet.

        Args:
            time: When it is shown, in seconds of the film.
            size: Bytes.
            key: Whether it is marked as a keyframe.
        """
        number, place = len(self._ends) - 1, round(time * self._rate)
        steady = 0 <= place < self._frames and abs(time * self._rate - place) <= _BESIDE
        if not steady or self._seen[place]:
            self.objection = "its frame rate is not constant"
            return
        self._seen[place] = 1
        self._ends.append(self._ends[-1] + size)
        self._keys += key
        # a closed group: all that comes before it is shown before it, all that follows is shown after it
        if key and place == number and self._latest < number:
            self._closed.append(number)
        self._latest = max(self._latest, place)
        self.delay = max(self.delay, number - place)

    def independent(self, time: float) -> None:
        """Take note that the picture shown at `time` is an IDR picture: what follows refers to nothing before it."""
        if len(self._independent) < self._frames:
            self._independent.add(round(time * self._rate))

    def message(self) -> None:
        """Take note of a picture with messages (SEI)."""
        self._messages += 1

    @property
    def has_messages(self) -> bool:
        """Whether there are more messages than an encoder's own words at keyframes."""
        return self._messages > self._keys

    def keyframes(self) -> list[int]:
        """Return the numbers of the frames that a segment can start with."""
        return [number for number in self._closed if number in self._independent]

    def sizes(self, starts: Sequence[int]) -> list[int]:
        """Return the bytes of the segments that start there."""
        return [self._ends[after] - self._ends[first] for first, after in pairwise([*starts, self._frames])]


def judge(plan: Plan, packets: Packets, parameters: bytes) -> CopiedTop | str:
    """Return how the picture is copied, or what its packets have against it.

    Args:
        plan: Of encoding everything.
        packets: All packets of the picture.
        parameters: The decoder configuration record of its track.
    """
    stated = parameter_set(parameters)
    starts = segment_starts(packets.keyframes(), plan.frames, plan.frame_rate)
    against = {
        packets.objection or "": packets.objection is not None,
        "frames are missing": not packets.complete,
        "a profile or level that not every player has": stated is None,
        "it is shown long after it is decoded": packets.delay / plan.frame_rate > _LONGEST_DELAY,
        # captions, but also whereabouts: not to be told apart here, so they are not handed on, and not lost either
        "messages come with its pictures": packets.has_messages,
        "its keyframes are too far apart, or pictures refer across them": starts is None,
        "its first segment is too long": starts is not None and not _begins_soon(plan, starts),
    }
    reason = next((reason for reason, applies in against.items() if applies), None)
    if reason or stated is None or starts is None:
        return reason or ""
    lengths = [plan.seconds(after - first) for first, after in pairwise([*starts, plan.frames])]
    sizes, cap = packets.sizes(starts), plan.renditions[0].cap
    average, peak = sum(sizes) * 8 / plan.duration, measure.peak(lengths, sizes)
    if average > _HEAVIER * cap or peak > max(_PEAK * average, cap):
        return "its bit rate is too high"
    if not _leaves_room(plan, average):
        return "its bit rate is too low for lower renditions to stay below it"
    copy = CopyPlan(codec=f"avc1.{stated.hex()}", delay=packets.delay)
    return CopiedTop(copy=copy, level=f"{stated[2] / 10:.1f}", average=round(average), peak=peak, starts=starts)


def _leaves_room(plan: Plan, average: float) -> bool:
    # encoded, the highest rendition is the heaviest by itself: it shows the most of the same picture
    lower = [(each.cap, ladder.beside_copy(average, below)) for below, each in enumerate(plan.renditions) if below]
    return all(room >= ladder.LEAST * cap for cap, room in lower)


def _begins_soon(plan: Plan, starts: Sequence[int]) -> bool:
    first = starts[1] if len(starts) > 1 else plan.frames
    return plan.seconds(first) <= max(SEGMENT, _FIRST_PART * plan.duration)


def parameter_set(record: bytes) -> bytes | None:
    """Return profile, constraints and level (RFC 6381's `avc1.PPCCLL`) where every player has them, else None.

    Args:
        record: AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1).
    """
    # a version, three bytes of a profile, the size of lengths, the number of sequence parameter sets; the first one's
    # length, and itself
    single, kind, stated = record[5:6], record[8:9], record[9:12]
    if record[:1] != b"\1" or not single or single[0] & 0x1F != 1 or not kind or kind[0] & 0x1F != _PARAMETER_SET:
        return None
    known = len(stated) == len("PCL") and stated[0] in _PROFILES and stated[2] <= _HIGHEST_LEVEL
    return stated if known else None


def segment_starts(keyframes: Sequence[int], frames: int, rate: Fraction) -> tuple[int, ...] | None:
    """Choose among keyframes those that start a segment, or return None where they lie too far apart.

    Args:
        keyframes: Their numbers, ascending.
        frames: How many the film has.
        rate: Frames per second.
    """
    if not keyframes or keyframes[0] != 0:
        return None
    starts, wanted = [0], FIRST_SEGMENT
    while True:
        here = starts[-1]
        first = bisect_left(keyframes, here + SHORTEST_SEGMENT * rate)
        last = min(here + LONGEST_SEGMENT * rate, frames - SHORTEST_SEGMENT * rate)
        possible = [*keyframes[first : bisect_right(keyframes, last)]]
        if frames - here <= (LONGEST_SEGMENT + SHORTEST_SEGMENT) * rate:
            possible.append(frames)
        if not possible:
            return None
        chosen = min(possible, key=lambda number: abs(number - here - wanted * rate))
        if chosen == frames:
            return tuple(starts)
        starts.append(chosen)
        wanted = SEGMENT
