"""From what a source is to what is made of it. Pure: a plan is data, and the same source has the same plan."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from functions.transcoding import ladder
from functions.transcoding.ladder import LADDER, Rung
from functions.transcoding.probe import Picture, SourceInfo

FIRST_SEGMENT: Final = 2
"""Seconds of the first segment: a short one, so that the beginning is fetchable soon."""
SEGMENT: Final = 6
"""Seconds of the others. A keyframe every 6 s takes 19 % fewer bytes than one every 2 s."""
SHORTEST_SEGMENT: Final = 1
"""Seconds; a shorter rest joins the segment before it, for a last segment of one frame would have no sound."""

_FREEZE_RATE: Final = 120  # frames per second up to which the last picture may be repeated one by one
_FREEZE_SECONDS: Final = 600
_ROUNDING: Final = 0.5
"""Seconds that the last picture may stay beyond the end: how long it lasts is what containers say least exactly."""

_HDR: Final = frozenset({"smpte2084", "arib-std-b67"})
_KEPT_MATRICES: Final = frozenset({"bt709", "smpte170m", "bt470bg"})
_HD_LINES: Final = 720  # untagged pictures are taken for BT.709 from here on, below for BT.601, as players do


@dataclass(frozen=True, kw_only=True)
class Colour:
    """How colours are carried over.

    Attributes:
        matrix: Of the output: BT.709, or the source's own standard-definition one.
        assume: What an untagged source is taken for; None: its tags say.
        to_sdr: Whether primaries and transfer are converted to BT.709.
    """

    matrix: str
    assume: str | None
    to_sdr: bool


@dataclass(frozen=True, kw_only=True)
class VideoPlan:
    """What happens to the picture before it is scaled.

    Attributes:
        index: The stream's number in the source.
        deinterlace: Whether fields are made into frames.
        colour: How colours are carried over.
        freeze: Seconds for which the last picture may stay: until the sound is over, and for a moment of rounding.
            Less than what a truncated file lacks, so that this is still seen.
    """

    index: int
    deinterlace: bool
    colour: Colour
    freeze: float


@dataclass(frozen=True, kw_only=True)
class RenditionPlan:
    """One encode.

    Attributes:
        name: Of the rendition, e.g. `480p`.
        width: Pixels, even.
        height: Pixels, even.
        level: H.264 level, e.g. `3.1`.
        cap: Bits per second.
        buffer: Bits.
    """

    name: str
    width: int
    height: int
    level: str
    cap: int
    buffer: int


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All that is decided before ffmpeg starts.

    Attributes:
        frame_rate: Of every rendition, constant.
        frames: How many each rendition has.
        exact: Whether the source says how long its picture is: then fewer frames mean that its end is missing.
        starts: Number of the first frame of each segment, the same for all renditions.
        video: What happens to the picture.
        sound: The sound stream's number in the source; None: silence.
        renditions: Largest first: each is scaled from the one before it.
    """

    frame_rate: Fraction
    frames: int
    exact: bool
    starts: tuple[int, ...]
    video: VideoPlan
    sound: int | None
    renditions: tuple[RenditionPlan, ...]

    @property
    def duration(self) -> float:
        """Seconds of every rendition."""
        return float(self.frames / self.frame_rate)


def make(info: SourceInfo, *, upscale: bool = False) -> Plan:
    """Plan a film.

    Args:
        info: What the source is.
        upscale: Whether rungs larger than the source are made too (`AUTOTRANSCODE_POLICY=relaxed`).
    """
    rate = _frame_rate(info.picture.frame_rate)
    ends = info.duration if info.picture.ends is None else info.picture.ends
    rest = _rest(info.duration - ends, info.picture)
    frames = max(1, round((ends + rest) * rate))
    return Plan(
        frame_rate=rate,
        frames=frames,
        exact=info.picture.ends is not None,
        starts=segment_starts(frames, rate),
        video=VideoPlan(
            index=info.picture.index,
            deinterlace=info.picture.interlaced,
            colour=_colour(info.picture),
            freeze=rest + _ROUNDING if info.picture.frame_rate <= _FREEZE_RATE else 0.0,
        ),
        sound=info.sound.index if info.sound else None,
        renditions=_renditions(info.picture, rate, upscale=upscale),
    )


def _frame_rate(source: Fraction) -> Fraction:
    """Return the source's frame rate, halved until players like it (Apple's HLS authoring rules: at most 60)."""
    while source > ladder.MAX_FRAME_RATE:
        source /= 2
    return source


def _rest(seconds: float, picture: Picture) -> float:
    """Return for how long the sound goes on after the picture, as far as the picture will be held."""
    # the caps bound the work that a header can ask for
    possible = picture.frame_rate <= _FREEZE_RATE and seconds <= _FREEZE_SECONDS
    return max(0.0, seconds) if possible else 0.0


def segment_starts(frames: int, rate: Fraction) -> tuple[int, ...]:
    """Return the number of each segment's first frame.

    Args:
        frames: How many the film has.
        rate: Frames per second.
    """
    starts = [0]
    last = frames - SHORTEST_SEGMENT * rate
    seconds = FIRST_SEGMENT
    while (start := math.ceil(seconds * rate)) <= last:
        if start > starts[-1]:
            starts.append(start)
        seconds += SEGMENT
    return tuple(starts)


def _renditions(picture: Picture, rate: Fraction, *, upscale: bool) -> tuple[RenditionPlan, ...]:
    width, height = shown_size(picture)
    lines = min(width, height)
    rungs = [rung for rung in LADDER if upscale or rung.lines <= lines]
    if not rungs:
        # smaller than the lowest rung: its own size, under that rung's name
        return (
            _rendition(LADDER[0], *_within(Fraction(width // 2 * 2), Fraction(height // 2 * 2), Fraction(1)), rate),
        )
    return tuple(_rendition(rung, *_within(width, height, rung.lines / lines), rate) for rung in reversed(rungs))


def shown_size(picture: Picture) -> tuple[Fraction, Fraction]:
    """Return width and height as a viewer sees them: in square pixels, turned."""
    width, height = picture.width * picture.sample_aspect, Fraction(picture.height)
    if picture.sample_aspect < 1:  # stretch, rather than throw away what is there
        width, height = Fraction(picture.width), picture.height / picture.sample_aspect
    return (height, width) if picture.rotation % 180 else (width, height)


def _within(width: Fraction, height: Fraction, factor: Fraction) -> tuple[int, int]:
    factor = min(factor, ladder.MAX_SIDE / max(width, height))
    return _even(width * factor), _even(height * factor)


def _even(length: Fraction) -> int:
    return max(2, 2 * round(length / 2))


def _rendition(rung: Rung, width: int, height: int, rate: Fraction) -> RenditionPlan:
    return RenditionPlan(
        name=rung.name,
        width=width,
        height=height,
        level=ladder.level(width, height, rate, rung.cap),
        cap=rung.cap,
        buffer=rung.buffer,
    )


def _colour(picture: Picture) -> Colour:
    wide = picture.transfer in _HDR or "bt2020" in (picture.primaries or "") or "bt2020" in (picture.matrix or "")
    if wide:
        return Colour(matrix="bt709", assume=None, to_sdr=True)
    if picture.matrix:
        return Colour(matrix=picture.matrix if picture.matrix in _KEPT_MATRICES else "bt709", assume=None, to_sdr=False)
    if not picture.pixel_format.startswith(("yuv", "nv", "p01")):
        return Colour(matrix="bt709", assume=None, to_sdr=False)  # RGB, palettes, grey
    assumed = "bt709" if min(picture.width, picture.height) >= _HD_LINES else "smpte170m"
    return Colour(matrix=assumed, assume=assumed, to_sdr=False)
