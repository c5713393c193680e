"""What a source is: ffprobe's answer as typed facts, and the refusal of what cannot or may not be encoded."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import msgspec

from functions.catalogue.film import MAX_SECONDS
from functions.transcoding import display, process, reach, times
from functions.transcoding.display import AS_STORED, Orientation
from functions.transcoding.source import MAX_PIXELS, Input
from functions.transcoding.troubles import PassingError, RefusedError, diagnose, heed

STEP: Final = "probe"

MIN_SIDE: Final = 16
MIN_RATE, MAX_RATE = Fraction(1, 2), Fraction(1000)

_SECONDS: Final = 40.0
_SLACK: Final = Fraction(1, 100)  # 29.97 announced as 30 is fine; ffprobe's guesses of a rate differ by less

# Containers whose files may be put one behind the other, by their bytes, and are still read.
_JOINABLE: Final = frozenset({"mpegts", "mpeg"})
# Sounds each of whose packets says how many channels it has, and containers that let AAC do so.
_SELF_TOLD: Final = frozenset({"ac3", "eac3", "dts", "truehd", "mp2", "mp3", "aac_latm"})
_SELF_TELLING: Final = frozenset({"mpegts", "flv"})
_EXACT: Final = Fraction(1, 100_000)  # nanoseconds, and ffprobe's fractions: 60000/1001 is read as 19001/317
# Containers that give each stream the whole file's duration, or none.
_WHOLE: Final = frozenset({"asf", "flv"})
_USUAL_RATE: Final = Fraction(30)  # of what browsers record
# Seconds for which a source is read through: as long as a step lasts where nothing can be encoded before, as each try
# would read as much again; else for as long as knowing its end is worth.
_NEEDED: Final = 900.0
_WORTH: Final = 300.0

# Demuxed and recognised, but this build has no software decoder (it lists `av1`, which needs a GPU).
_UNDECODABLE: Final = frozenset({"av1"})
_UNHEARD: Final = frozenset({"4gv", "ac4", "celt", "codec2", "lc3", "mpegh_3d_audio", "smv", "sonicls", "unknown"})

_INTERLACED: Final = frozenset({"tt", "bb", "tb", "bt"})

_ENTRIES: Final = (
    "format=duration,start_time,format_name,size"
    ":stream=index,codec_type,codec_name,width,height,sample_aspect_ratio,pix_fmt,field_order,color_space"
    ",color_transfer,color_primaries,r_frame_rate,avg_frame_rate,start_time,duration,channels,channel_layout,sample_rate,time_base"
    ":stream_disposition=attached_pic,default:stream_tags=DURATION:stream_side_data=" + ",".join(display.FACTS)
)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """The picture of a source.

    Attributes:
        index: The stream's number in the file.
        codec: ffmpeg's name of it.
        width: Pixels as stored, before rotation.
        height: Pixels as stored.
        crop: Pixels of the width and of the height that are not to be seen, as the container says.
        sample_aspect: Width of a stored pixel by its height.
        rotation: Degrees, a multiple of 90 from 0 to 270, by which the picture is to be turned for viewing.
        frame_rate: Frames per second; of a variable rate, the one whose grid holds all frames.
        interlaced: Whether each frame is made of two fields.
        progressive: Whether the file says that none is; many say neither.
        orientation: How the picture is to be turned and mirrored for viewing, or None for another angle.
        pixel_format: ffmpeg's name of it.
        matrix: Colour matrix as tagged, or None.
        transfer: Transfer characteristic as tagged, or None.
        primaries: Colour primaries as tagged, or None.
        ends: Seconds from the film's beginning to the end of its last picture, or None where the file does not say.
    """

    index: int
    codec: str
    width: int
    height: int
    sample_aspect: Fraction
    rotation: int
    frame_rate: Fraction
    interlaced: bool
    pixel_format: str
    matrix: str | None
    transfer: str | None
    primaries: str | None
    ends: float | None
    progressive: bool = False
    crop: tuple[int, int] = (0, 0)
    orientation: Orientation | None = AS_STORED

    @property
    def seen(self) -> tuple[int, int]:
        """Width and height of what is to be seen, in pixels as stored, before rotation."""
        return self.width - self.crop[0], self.height - self.crop[1]


@dataclass(frozen=True, kw_only=True)
class Sound:
    """The sound of a source.

    Attributes:
        index: The stream's number in the file.
        channels: How many.
        rate: Samples per second.
        exact: Whether the container counts the sound's times in samples. Matroska counts milliseconds: whoever begins
            to read in the middle is up to half of one beside.
        changing: Whether each packet says by itself how many channels it has, so that it may be another number later.
    """

    index: int
    channels: int
    rate: int
    exact: bool
    changing: bool = False


@dataclass(frozen=True, kw_only=True)
class SourceInfo:
    """What we know of a source before encoding it.

    Attributes:
        container: ffmpeg's first name of it, e.g. `mov`.
        duration: Seconds, of its longest stream.
        size: Bytes of the file, or None where its server does not say.
        keyframes_apart: Seconds from one keyframe to the next, at most, where a seek may end between two.
    """

    container: str
    duration: float
    picture: Picture
    sound: Sound | None
    size: int | None = None
    keyframes_apart: float = 0.0


def probe(
    source: Input,
    check: Callable[[], None] = lambda: None,
) -> SourceInfo:
    """Look at a source.

    Args:
        source: What to look at.
        check: Called while waiting; what it raises ends the tools.

    Raises:
        RefusedError: the film cannot be encoded, whatever one tries.
        PassingError: the source could not be read now.
    """
    argv = [
        process.executable("ffprobe"),
        "-v", "error",
        # a refusal needs no text that came with the file, so only these facts are asked for
        "-show_entries", _ENTRIES,
        "-of", "json",
        *source.arguments,
    ]  # fmt: skip
    try:
        done = process.run(argv, seconds=_SECONDS, check=check)
    except process.TooSlowError:
        # a store that answers slowly looks the same; whoever is slow at each attempt fails in the end, too
        raise PassingError(f"{STEP}: it takes too long to look at") from None
    if done.code != 0:
        raise diagnose(done, STEP, otherwise="not_a_video")
    facts = _decoded(done.output)
    try:
        return _in_order(_completed(facts, source, check), source, check)
    except RefusedError as refusal:
        if refusal.code != "broken":
            raise
        raise diagnose(done, STEP, otherwise="broken") from None


def _decoded(output: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(output, type=dict[str, Any])
    except msgspec.DecodeError:
        raise RefusedError("broken", STEP) from None  # cut off: thousands of streams


def _completed(facts: Mapping[str, Any], source: Input, check: Callable[[], None]) -> SourceInfo:
    """Read what a source is; the source itself, too, where its header leaves out what only the packets tell."""
    endless = _number(facts.get("format", {}), "duration") is None
    picture = _picture_stream(facts) or {}
    untimed = _untimed(picture)
    # no longer than a film may be, so that its header can be read
    info = read(facts, duration=MAX_SECONDS, average=_USUAL_RATE if untimed else None)
    averaged = info.container == "matroska" and _averaged(picture)
    if not (endless or untimed or averaged or _outlasted(info)):
        return info
    heard = info.sound.index if info.sound else None
    reached, done = reach.look(source, info.picture.index, heard, check, seconds=_NEEDED if endless else _WORTH)
    if endless:
        _insist(reached, done)
    elif done:
        heed(done, STEP)
    average = (reached.average or _USUAL_RATE) if untimed else None
    info = read(facts, duration=reached.film, average=average)
    if averaged:
        info = _placed(info, reached)
    return _ended(info, reached) if done and not done.code else info


def _untimed(picture: Mapping[str, Any]) -> bool:
    """Whether a header tells nothing but the clock that its pictures are timed by, as what browsers record."""
    grid = _ratio(picture.get("r_frame_rate"))
    return grid is not None and grid > _GRIDS[-1] and not _ratio(picture.get("avg_frame_rate"))


def _averaged(picture: Mapping[str, Any]) -> bool:
    """Whether a header names a rate that is not usual: Matroska has room for one, a variable one's average.

    Programs write that when they copy a recording into it; ffprobe then gives it for both.
    """
    rate = _ratio(picture.get("avg_frame_rate"))
    if not rate or rate > _GRIDS[-1] or rate != _ratio(picture.get("r_frame_rate")):
        return False
    return all(abs(rate - usual) > _EXACT * usual for usual in _GRIDS)


def _placed(info: SourceInfo, reached: reach.Reach) -> SourceInfo:
    """Give each picture a place of its own: at the rate that is named, if it has one, else at the lowest usual one."""
    rate = min((info.picture.frame_rate, *_GRIDS), key=reached.lost)
    return dataclasses.replace(info, picture=dataclasses.replace(info.picture, frame_rate=rate))


def _outlasted(info: SourceInfo) -> bool:
    """Whether sound may outlast the picture, and the container does not tell them apart."""
    return info.sound is not None and (info.picture.ends is None or info.container in _WHOLE)


def _insist(reached: reach.Reach, done: process.Finished | None) -> None:
    """Insist that a source without a length was read through."""
    if done is None and reached.film <= MAX_SECONDS:
        # as above: the store may be slow, and not the film long
        raise PassingError(f"{STEP}: it takes too long to read through")
    if done and done.code:
        raise diagnose(done, STEP, otherwise="no_duration")


def _in_order(info: SourceInfo, source: Input, check: Callable[[], None]) -> SourceInfo:
    if info.container not in _JOINABLE:
        return info
    found = times.look(source, info.picture.index, check)
    if found.anew:
        raise RefusedError("times_begin_anew", STEP)
    return dataclasses.replace(info, keyframes_apart=found.apart)


def _ended(info: SourceInfo, reached: reach.Reach) -> SourceInfo:
    """Say when the picture ends, if the sound goes on: to the film's end, or the file is cut off."""
    if not reached.outlasted or reached.sound < info.duration - reach.LONGER:
        return info
    return dataclasses.replace(info, picture=dataclasses.replace(info.picture, ends=reached.picture))


def read(facts: Mapping[str, Any], *, duration: float | None = None, average: Fraction | None = None) -> SourceInfo:
    """Turn ffprobe's answer (decoded JSON) into typed facts. Pure.

    Args:
        facts: The answer.
        duration: Seconds of the film, where the answer has none.
        average: Frames a second, where the answer has none.

    Raises:
        RefusedError: the film cannot be encoded.
    """
    stream = _picture_stream(facts)
    if stream is None:
        raise RefusedError("no_picture" if facts.get("streams") else "not_a_video", STEP)
    file = facts.get("format", {})
    start, said, size = (_number(file, name) for name in ("start_time", "duration", "size"))
    duration = duration if said is None else said
    if duration is None or duration <= 0:
        raise RefusedError("no_duration", STEP)
    container = str(file.get("format_name", "")).partition(",")[0]
    info = SourceInfo(
        container=container,
        duration=duration,
        picture=_picture(stream, start or 0.0, average),
        sound=_sound(facts),
        size=None if size is None else int(size),
    )
    _accept(info)
    if info.picture.ends is not None and info.picture.ends > duration:
        # the container counts its streams more coarsely, or leaves the last frame's duration out
        return dataclasses.replace(info, duration=info.picture.ends)
    return info


def _accept(info: SourceInfo) -> None:
    picture = info.picture
    refusals = {
        "too_small_picture": min(picture.seen) < MIN_SIDE,
        "too_large_picture": picture.width * picture.height > MAX_PIXELS,
        "bad_frame_rate": not MIN_RATE <= picture.frame_rate <= MAX_RATE,
        "too_long": max(info.duration, picture.ends or 0) > MAX_SECONDS,
    }
    for code, applies in refusals.items():
        if applies:
            raise RefusedError(code, STEP)


def _picture_stream(facts: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the picture to encode: the default one, else the first; the cover picture of a song is none."""
    pictures = [
        stream
        for stream in facts.get("streams", [])
        if stream.get("codec_type") == "video" and not stream.get("disposition", {}).get("attached_pic")
    ]
    return next(iter(sorted(pictures, key=_preference)), None)


def _preference(stream: Mapping[str, Any]) -> bool:
    return not stream.get("disposition", {}).get("default")


def _sound(facts: Mapping[str, Any]) -> Sound | None:
    # a stream that cannot be decoded would fail the whole film: it plays with another sound, or without
    sounds = [stream for stream in facts.get("streams", []) if stream.get("codec_type") == "audio" and _heard(stream)]
    best = next(iter(sorted(sounds, key=_preference)), None)
    if best is None:
        return None
    rate, tick = int(best.get("sample_rate") or 0), _ratio(best.get("time_base"))
    exact = bool(rate and tick and (1 / tick / rate).denominator == 1)
    container = str(facts.get("format", {}).get("format_name", "")).partition(",")[0]
    return Sound(
        index=int(best["index"]),
        channels=int(best["channels"]),
        rate=rate,
        exact=exact,
        changing=_changing(best, container),
    )


def _changing(stream: Mapping[str, Any], container: str) -> bool:
    told = stream["codec_name"] in _SELF_TOLD or (stream["codec_name"] == "aac" and container in _SELF_TELLING)
    # of a stream that is announced and has no packets, nobody knows the layout
    return told and _tag(stream, "channel_layout") is not None


def _heard(stream: Mapping[str, Any]) -> bool:
    return stream.get("codec_name", "unknown") not in _UNHEARD and int(stream.get("channels", 0)) > 0


def _picture(stream: Mapping[str, Any], start: float, average: Fraction | None) -> Picture:
    codec = str(stream.get("codec_name") or "unknown")
    if codec in _UNDECODABLE or codec == "unknown":
        raise RefusedError("unsupported_codec", STEP)
    width, height = int(stream.get("width", 0)), int(stream.get("height", 0))
    if not width or not height:
        raise RefusedError("broken", STEP)
    interlaced = stream.get("field_order") in _INTERLACED
    average = _ratio(stream.get("avg_frame_rate")) or average
    return Picture(
        index=int(stream["index"]),
        codec=codec,
        width=width,
        height=height,
        sample_aspect=_ratio(stream.get("sample_aspect_ratio")) or Fraction(1),
        rotation=display.rotation(stream),
        crop=display.crop(stream),
        orientation=display.orientation(stream),
        frame_rate=frame_rate(_ratio(stream.get("r_frame_rate")), average, interlaced),
        interlaced=interlaced,
        pixel_format=str(stream.get("pix_fmt") or "unknown"),
        matrix=_tag(stream, "color_space"),
        transfer=_tag(stream, "color_transfer"),
        primaries=_tag(stream, "color_primaries"),
        ends=_ends(stream, start),
        progressive=stream.get("field_order") == "progressive",
    )


def _tag(stream: Mapping[str, Any], name: str) -> str | None:
    value = stream.get(name)
    return str(value) if value and value not in ("unknown", "reserved", "unspecified") else None


def frame_rate(grid: Fraction | None, average: Fraction | None, interlaced: bool) -> Fraction:
    """Return a source's frames per second.

    Args:
        grid: The lowest rate that has a place for every timestamp (ffprobe's `r_frame_rate`); of interlaced films it
            counts fields, of films timed in milliseconds it may be 1,000.
        average: Frames by duration.
        interlaced: Whether frames are made of two fields.

    Raises:
        RefusedError: the file names no rate at all.
    """
    if not average:
        average = grid
    if not grid:
        grid = average
    if not grid or not average:
        raise RefusedError("bad_frame_rate", STEP)
    if abs(grid - average) <= _SLACK * average:
        return grid
    if interlaced:
        return average
    if abs(grid - 2 * average) <= _SLACK * grid:
        return _meant(average)
    if average < grid <= _GRIDS[-1]:
        return grid
    # no grid to speak of: the common rate that is meant, else the next that loses no frame
    meant = _meant(average)
    return meant if meant in _GRIDS else next((rate for rate in _GRIDS if rate >= average), average)


def _meant(average: Fraction) -> Fraction:
    """Return the common rate that an average is nearly, else the average: it was counted over a whole film."""
    nearest = min(_GRIDS, key=lambda rate: abs(rate - average))
    return nearest if abs(nearest - average) <= _SLACK * average else average


_GRIDS: Final = (
    Fraction(24_000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30_000, 1001),
    Fraction(30),
    Fraction(50),
    Fraction(60_000, 1001),
    Fraction(60),
)


def _ratio(text: object) -> Fraction | None:
    """Read `16:11` or `30000/1001`; None for nonsense and zero."""
    match = re.fullmatch(r"(\d{1,12})[:/](\d{1,12})", str(text))
    if not match or not int(match[1]) or not int(match[2]):
        return None
    return Fraction(int(match[1]), int(match[2]))


def _number(facts: Mapping[str, Any], name: str) -> float | None:
    try:
        seconds = float(facts[name])
    except (KeyError, ValueError):
        return None
    return seconds if math.isfinite(seconds) else None


# a tag holds whatever its writer likes: thousands of digits, which Python makes no number of, or those of other scripts
_CLOCK: Final = re.compile(r"([0-9]{1,9}):([0-9]{2}):([0-9]{2}(?:\.[0-9]+)?)")


def _ends(stream: Mapping[str, Any], start: float) -> float | None:
    # Matroska counts from the film's beginning: 00:01:02.500000000. Before the duration, which of a picture that comes
    # late, or alone, is the whole file's
    match = _CLOCK.fullmatch(str(stream.get("tags", {}).get("DURATION", "")))
    if match:
        return int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3]) - start
    duration = _number(stream, "duration")
    return None if duration is None else duration + (_number(stream, "start_time") or 0.0) - start
