"""From what a source is to what is made of it. Pure: a plan is data, and the same source has the same plan."""

from __future__ import annotations

import bisect
import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from functions.transcoding import ladder
from functions.transcoding.display import Orientation
from functions.transcoding.ladder import LADDER, Rung
from functions.transcoding.probe import Picture, Sound, SourceInfo

FIRST_SEGMENT: Final = 2
"""Seconds of the first segment: a short one, so that the beginning is fetchable soon."""
SEGMENT: Final = 6
"""Seconds of the others. A keyframe every 6 s takes 19 % fewer bytes than one every 2 s."""
LONGEST_SEGMENT: Final = 10.5
"""Seconds, where the source's own keyframes are kept: x264's usual distance is 250 frames, 10.43 s at 23.976."""
SHORTEST_SEGMENT: Final = 1
"""Seconds; a shorter rest joins the segment before it, for a last segment of one frame would have no sound."""

CHUNK_COST: Final = 93.0
"""CPU seconds that a chunk shall take: a minute of 1080p24, some 47 s of wall time on two cores. Long enough that
starting costs little, short enough that a Lambda's 900 s hold six times as much and that a retry loses little."""
_SHORTEST_CHUNK, _LONGEST_CHUNK = 12.0, 600.0  # seconds of film

# CPU seconds for a million pixels (bench/transcode.py prints them): decoding and scaling a source, encoding
_DECODING: Final = 0.006
_ENCODING: Final = 0.015

_SOUGHT: Final = frozenset({"mov", "matroska"})
"""Containers with an index: a seek ends at the keyframe before the time that is asked for."""
_LEAD: Final = 1.0  # seconds read before a chunk: decoders of sound need some packets until they are right
_UNSOUGHT_LEAD: Final = 12.0  # where a seek may end between two keyframes: longer than any usual distance of them

_TILES: Final = 100  # pictures of a film's storyboard, about
_TILE_SECONDS: Final = (1, 10)
_TILE_SIDE: Final = 160  # pixels of the long side

_HAIR: Final = Fraction(1, 20)
"""Part of the highest frame rate by which a film may exceed it, as recordings of old consoles do (60.0988): a frame is
left out now and then, instead of every second one."""

_FREEZE_RATE: Final = 120  # frames per second up to which the last picture may be repeated one by one
_FREEZE_SECONDS: Final = 600
_LAST_PACKET: Final = 0.05
"""Seconds of sound beyond the picture's end that are nothing but its last packet, which encoders fill up (2,048 samples
at 44.1 kHz are 46 ms): no picture is held for that, and a picture that is copied may stay as it is."""
_ROUNDING: Final = 0.5
"""Seconds that the last picture may stay beyond the end: how long it lasts is what containers say least exactly."""

_PLACED: Final = frozenset({*range(1, 9), 10, 12, 14, 16, 24})
"""Numbers of channels of which ffmpeg knows a usual layout, where the file names none."""

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
        orientation: How frames are turned and mirrored, once they are scaled; None: ffmpeg crops or turns them before.
        colour: How colours are carried over.
        freeze: Seconds for which the last picture may stay: until the sound is over, and for a moment of rounding.
            Less than what a truncated file lacks, so that this is still seen.
    """

    index: int
    deinterlace: bool
    colour: Colour
    freeze: float
    orientation: Orientation | None = None


@dataclass(frozen=True, kw_only=True)
class CopyPlan:
    """How the source's own packets become a rendition.

    Attributes:
        codec: RFC 6381 name of the picture's codec, as the source's parameter set says it: `avc1.640028`.
        delay: Frames by which decoding has to begin before showing.
    """

    codec: str
    delay: int


@dataclass(frozen=True, kw_only=True)
class CopiedTop:
    """A source whose own picture can be the highest rendition (`copying` decides it).

    Attributes:
        copy: How.
        level: H.264 level that it states.
        average: Bits per second of the whole picture.
        peak: Bits per second of its heaviest segment.
        starts: Number of the first frame of each segment: keyframes of the source.
    """

    copy: CopyPlan
    level: str
    average: int
    peak: int
    starts: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class RenditionPlan:
    """One encode, or the source's own picture.

    Attributes:
        name: Of the rendition, e.g. `480p`.
        width: Pixels, even.
        height: Pixels, even.
        level: H.264 level, e.g. `3.1`.
        cap: Bits per second.
        buffer: Bits that may come on top of it; 0 for a copy, whose peak is known.
        copied: How the source's packets are taken over; None: it is encoded.
    """

    name: str
    width: int
    height: int
    level: str
    cap: int
    buffer: int
    copied: CopyPlan | None = None

    @property
    def codecs(self) -> str:
        """The CODECS attribute, with the sound (RFC 6381, section 3.3)."""
        return f"{self.copied.codec},{ladder.SOUND_CODEC}" if self.copied else ladder.codecs(self.level)


@dataclass(frozen=True, kw_only=True)
class BoardPlan:
    """The storyboard: small pictures at even distances, many in one sheet.

    Attributes:
        step: Frames from one picture to the next, counted from the film's first.
        width: Pixels of a picture.
        height: Pixels of a picture.
    """

    step: int
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class SoundPlan:
    """What happens to the sound.

    Attributes:
        index: The stream's number in the source; None: silence.
        rate: Samples per second of the renditions.
        once: Whether the whole film's sound is encoded before its chunks: because the source's times are too coarse
            for a chunk to begin on the sample, so that two chunks would meet with a click, or it is `changing`.
        changing: Whether its channels may change within the film. Containers that count samples have one description
            for all.
        pair: Whether only the first two channels are heard, because nobody knows where the others belong.
    """

    index: int | None
    rate: int
    once: bool
    changing: bool = False
    pair: bool = False


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """A part of a film that one ffmpeg makes, in all renditions; chunks share no frame and leave none out.

    Attributes:
        number: Counted from 0.
        first_segment: Number in the whole film of its first segment.
        starts: Number in the whole film of the first frame of each of its segments.
        end: Number of the first frame after it.
        last: Whether the film ends with it.
    """

    number: int
    first_segment: int
    starts: tuple[int, ...]
    end: int
    last: bool

    @property
    def begin(self) -> int:
        """Number in the whole film of its first frame."""
        return self.starts[0]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All that is decided before ffmpeg starts.

    Attributes:
        frame_rate: Of every rendition, constant.
        frames: How many each rendition has.
        exact: Whether the source says how long its picture is: then fewer frames mean that its end is missing.
        starts: Number of the first frame of each segment, the same for all renditions.
        chunks: Number of the first segment of each chunk.
        lead: Seconds that a chunk is read from before its first frame.
        video: What happens to the picture.
        sound: What happens to the sound.
        board: The storyboard.
        renditions: Largest first: each is scaled from the one before it.
        take: How many plans of the same version were given up before.
    """

    frame_rate: Fraction
    frames: int
    exact: bool
    starts: tuple[int, ...]
    chunks: tuple[int, ...]
    lead: float
    video: VideoPlan
    sound: SoundPlan
    board: BoardPlan
    renditions: tuple[RenditionPlan, ...]
    take: int = 0

    @property
    def duration(self) -> float:
        """Seconds of every rendition."""
        return float(self.frames / self.frame_rate)

    @property
    def encoded(self) -> tuple[RenditionPlan, ...]:
        """The renditions that are not copied, largest first."""
        return tuple(made for made in self.renditions if made.copied is None)

    def without_copies(self) -> Plan:
        """Return the plan that takes this one's place: every rendition is encoded, and cut at the same frames."""
        rungs = {rung.name: rung for rung in LADDER}
        renditions = tuple(
            _rendition(rungs[made.name], made.width, made.height, self.frame_rate) for made in self.renditions
        )
        return dataclasses.replace(self, renditions=renditions, take=self.take + 1)

    def chunk(self, number: int) -> Chunk:
        """Return chunk `number`, counted from 0."""
        first = self.chunks[number]
        last = number + 1 == len(self.chunks)
        after = len(self.starts) if last else self.chunks[number + 1]
        return Chunk(
            number=number,
            first_segment=first,
            starts=self.starts[first:after],
            end=self.frames if last else self.starts[after],
            last=last,
        )

    def seconds(self, frames: int) -> float:
        """Return how long so many frames last."""
        return float(frames / self.frame_rate)


def make(
    info: SourceInfo,
    *,
    upscale: bool = False,
    largest: int = 1080,
    chunk_cost: float = CHUNK_COST,
    copied: CopiedTop | None = None,
) -> Plan:
    """Plan a film.

    Args:
        info: What the source is.
        upscale: Whether rungs larger than the source are made too (`AUTOTRANSCODE_POLICY=relaxed`).
        largest: Lines of the highest rung (`LARGEST_RUNG`).
        chunk_cost: CPU seconds that a chunk shall take.
        copied: The source's own picture, if it shall be the highest rendition.
    """
    rate = _frame_rate(info.picture.frame_rate)
    ends = info.duration if info.picture.ends is None else info.picture.ends
    rest = _rest(info.duration - ends, info.picture)
    frames = max(1, round((ends + rest) * rate))
    starts = copied.starts if copied else segment_starts(frames, rate)
    renditions = _renditions(info.picture, rate, upscale=upscale, largest=largest)
    if copied:
        renditions = _with_copy(copied, renditions)
    costing = cost(info.picture, [each for each in renditions if each.copied is None], rate)
    length = min(max(chunk_cost / costing, _SHORTEST_CHUNK), _LONGEST_CHUNK)
    chunks = chunk_starts(starts, frames, length * rate)
    return Plan(
        frame_rate=rate,
        frames=frames,
        exact=info.picture.ends is not None,
        starts=starts,
        chunks=chunks,
        lead=_LEAD if info.container in _SOUGHT else max(_UNSOUGHT_LEAD, info.keyframes_apart + _LEAD),
        video=VideoPlan(
            index=info.picture.index,
            deinterlace=info.picture.interlaced,
            colour=_colour(info.picture),
            freeze=rest + _ROUNDING if info.picture.frame_rate <= _FREEZE_RATE else 0.0,
            orientation=None if any(info.picture.crop) else info.picture.orientation,
        ),
        sound=_sound(info.sound, chunks),
        board=_board(renditions[-1], frames, rate),
        renditions=renditions,
    )


def cost(picture: Picture, renditions: Sequence[RenditionPlan], rate: Fraction) -> float:
    """Return the CPU seconds that a second of film takes, about."""
    decoded = picture.width * picture.height * picture.frame_rate
    encoded = sum(made.width * made.height for made in renditions) * rate
    return max(0.01, float(decoded) / 1e6 * _DECODING + float(encoded) / 1e6 * _ENCODING)


def _sound(sound: Sound | None, chunks: Sequence[int]) -> SoundPlan:
    if sound is None:
        return SoundPlan(index=None, rate=ladder.SOUND_RATES[0], once=False)
    # a rate that players take is kept: resampling costs time, and its filter would start anew with each chunk
    kept = sound.rate in ladder.SOUND_RATES
    rate = sound.rate if kept else ladder.SOUND_RATES[0]
    pair = sound.channels not in _PLACED
    changing = sound.changing and not sound.exact and not pair
    once = changing or (len(chunks) > 1 and not (sound.exact and kept))
    return SoundPlan(index=sound.index, rate=rate, once=once, changing=changing, pair=pair)


def _board(smallest: RenditionPlan, frames: int, rate: Fraction) -> BoardPlan:
    least, most = _TILE_SECONDS
    seconds = min(max(math.ceil(frames / rate / _TILES), least), most)
    factor = Fraction(_TILE_SIDE, max(smallest.width, smallest.height))
    return BoardPlan(
        step=max(1, math.ceil(seconds * rate)),
        width=_even(smallest.width * factor),
        height=_even(smallest.height * factor),
    )


def _frame_rate(source: Fraction) -> Fraction:
    """Return the source's frame rate, halved until players like it (Apple's HLS authoring rules: at most 60)."""
    while source > ladder.MAX_FRAME_RATE * (1 + _HAIR):
        source /= 2
    return min(source, Fraction(ladder.MAX_FRAME_RATE))


def _rest(seconds: float, picture: Picture) -> float:
    """Return for how long the sound goes on after the picture, as far as the picture will be held."""
    # the caps bound the work that a header can ask for
    possible = picture.frame_rate <= _FREEZE_RATE and seconds <= _FREEZE_SECONDS
    return seconds if possible and seconds > _LAST_PACKET else 0.0


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


def chunk_starts(starts: Sequence[int], frames: int, length: Fraction | float) -> tuple[int, ...]:
    """Return the number of each chunk's first segment: chunks of nearly equal length, cut between segments.

    Args:
        starts: Number of the first frame of each segment.
        frames: How many the film has.
        length: Frames that a chunk should have.
    """
    number = max(1, round(frames / length))
    wanted = [bisect.bisect_left(starts, frames * part / number) for part in range(number)]
    return tuple(sorted({first for first in wanted if first < len(starts)}))


def _renditions(picture: Picture, rate: Fraction, *, upscale: bool, largest: int) -> tuple[RenditionPlan, ...]:
    width, height = shown_size(picture)
    lines = min(width, height)
    most = ladder.ALWAYS if upscale else lines
    rungs = [rung for rung in LADDER if rung.lines <= min(largest, max(most, lines))]
    if not rungs:
        # smaller than the lowest rung: its own size, under that rung's name
        return (_rendition(LADDER[0], *_within(width, height, Fraction(1), math.floor), rate),)
    return tuple(_rendition(rung, *_within(width, height, rung.lines / lines), rate) for rung in reversed(rungs))


def _with_copy(copied: CopiedTop, renditions: Sequence[RenditionPlan]) -> tuple[RenditionPlan, ...]:
    """Return the renditions with the highest one copied, and each of the others lighter than the one above it."""
    top = dataclasses.replace(renditions[0], copied=copied.copy, level=copied.level, cap=copied.peak, buffer=0)
    # players take the heaviest for the best
    lighter = [
        _capped(each, int(ladder.beside_copy(copied.average, below))) for below, each in enumerate(renditions) if below
    ]
    return (top, *lighter)


def _capped(made: RenditionPlan, most: int) -> RenditionPlan:
    cap = min(made.cap, most)
    return dataclasses.replace(made, cap=cap, buffer=made.buffer * cap // made.cap)


def shown_size(picture: Picture) -> tuple[Fraction, Fraction]:
    """Return width and height as a viewer sees them: cropped, in square pixels, turned."""
    width, height = map(Fraction, picture.seen)
    if picture.sample_aspect < 1:  # stretch, rather than throw away what is there
        height /= picture.sample_aspect
    else:
        width *= picture.sample_aspect
    return (height, width) if picture.rotation % 180 else (width, height)


def _within(
    width: Fraction, height: Fraction, factor: Fraction, whole: Callable[[Fraction], int] = round
) -> tuple[int, int]:
    factor = min(factor, ladder.MAX_SIDE / max(width, height))
    return _even(width * factor, whole), _even(height * factor, whole)


def _even(length: Fraction, whole: Callable[[Fraction], int] = round) -> int:
    return max(2, 2 * whole(length / 2))


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
    assumed = assumed_matrix(picture)
    return Colour(matrix=assumed, assume=assumed, to_sdr=False)


def assumed_matrix(picture: Picture) -> str:
    """Return what players take an untagged picture of this size for."""
    return "bt709" if min(picture.width, picture.height) >= _HD_LINES else "smpte170m"
