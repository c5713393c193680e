"""The poster: a picture of the film that is not black, or the one that its owner chose; small and large at once."""

from __future__ import annotations

import dataclasses
import math
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Final

from functions import log
from functions.catalogue import layout
from functions.catalogue.film import Rendition
from functions.transcoding import process
from functions.transcoding.command import picture_filters, scaled
from functions.transcoding.plan import Plan
from functions.transcoding.source import Input
from functions.transcoding.storage import Shelf
from functions.transcoding.troubles import PassingError

_THUMBNAIL: Final = 640  # pixels of the long side
_POSTER: Final = 1280
# Bytes at most: a page shows many thumbnails at once, and a grainy picture takes ten times as many as a plain one.
_THUMBNAIL_BYTES: Final = 20_000
_POSTER_BYTES: Final = 150_000
# How a picture is encoded, best first: ffmpeg's quality (2 best, 31 worst) and a filter. The last takes the noise away,
# which is what fills more bytes than there may be even at a low quality.
_VARIANTS: Final = ((4, "null"), (6, "null"), (9, "null"), (13, "null"), (20, "null"), (13, "gblur=sigma=2"))
_SEARCHED: Final = 120  # seconds of film
_SECONDS: Final = 20.0  # of work, for each try
_MEMORY: Final = 1 << 30  # the fps filter fills it with a file of absurd frame durations

# Of the pictures twice a second that are bright enough (mean luma above 40 of 255), the one most like its neighbours.
_BRIGHT: Final = (
    "fps=2:eof_action=pass",  # or a film of one keyframe has none, for it lasts less than half a second
    "signalstats",
    "metadata=select:key=lavfi.signalstats.YAVG:value=40:function=greater",
    "thumbnail=12",
)


@dataclass(frozen=True)
class Drawn:
    """A picture of a film as JPEG, in two sizes."""

    thumbnail: bytes
    poster: bytes


@dataclass(frozen=True)
class _Try:
    """How a picture is looked for.

    Attributes:
        options: Of the input.
        filters: What chooses from the pictures that are decoded.
        feed: What is read through a pipe; None: the input names what it reads.
    """

    options: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    feed: Callable[[], Iterable[bytes]] | None = None


# only keyframes are decoded: quick, and enough of them in two minutes
_KEYFRAMES: Final = ("-skip_frame", "nokey", "-t", str(_SEARCHED))


def of_source(
    plan: Plan, source: Input, check: Callable[[], None] = lambda: None, *, at: float | None = None
) -> Drawn | None:
    """Return a picture of a film that is going to be made, or None where none could be decoded.

    Args:
        plan: What is known of the picture.
        source: The film.
        check: Called while waiting; what it raises ends the search and is passed on.
        at: Seconds into the film of the picture that is wanted, and no other; None: one that is not black.

    Raises:
        PassingError: somebody killed the tool.
    """
    largest = plan.renditions[0]
    # JPEG (JFIF) is BT.601 with full range
    colour = dataclasses.replace(plan.video.colour, matrix="bt601")
    scale = scaled(*_within(largest.width, largest.height, _POSTER), colour, full_range=True)
    first = (f"[0:{plan.video.index}]", [*picture_filters(plan.video), scale])
    if at is None:
        # a dark film, a short one, or one whose keyframes tell nothing: its first picture
        tries = [_Try(options=_KEYFRAMES, filters=_BRIGHT), _Try(options=("-t", str(_SEARCHED)))]
    else:
        # half a frame before the last one, which is found there however its time is rounded
        last = max(0.0, plan.duration - 1.5 / float(plan.frame_rate))
        tries = [_Try(options=("-ss", f"{min(at, last):.3f}"))]
    small = _within(largest.width, largest.height, _THUMBNAIL)
    return _first(tries, lambda each: _drawn(each, source.arguments, first, small, check))


def of_renditions(
    renditions: Iterable[Rendition], shelf: Shelf, check: Callable[[], None], *, at: float | None
) -> Drawn | None:
    """Return a picture of a published film, or None where none could be decoded.

    Args:
        renditions: What is published.
        shelf: Where it lies.
        check: As of `of_source`.
        at: As of `of_source`.

    Raises:
        PassingError: the media bucket did not answer, or somebody killed the tool.
    """
    made = _large_enough(renditions)
    width, height = _within(made.width, made.height, _POSTER)
    first = ("[0:v]", [f"scale={width}:{height}:flags=bicubic:out_color_matrix=bt601:out_range=full"])
    if at is None:
        beginning = _fed(shelf, made, 0, sum(end < _SEARCHED for end in accumulate(made.segments)) + 1)
        tries = [_Try(options=_KEYFRAMES, filters=_BRIGHT, feed=beginning), _Try(feed=_fed(shelf, made, 0, 1))]
    else:
        tries = [_at(shelf, made, at)]
    small = _within(made.width, made.height, _THUMBNAIL)
    return _first(tries, lambda each: _drawn(each, ("-f", "mpegts", "-i", "pipe:0"), first, small, check))


def _large_enough(renditions: Iterable[Rendition]) -> Rendition:
    by_size = sorted(renditions, key=lambda made: max(made.width, made.height))
    return next((made for made in by_size if max(made.width, made.height) >= _POSTER), by_size[-1])


def _at(shelf: Shelf, made: Rendition, at: float) -> _Try:
    """Return the try for the picture that is seen at a time: counted in frames, which no rounded time can miss."""
    begins = [round(seconds * made.frame_rate) for seconds in accumulate(made.segments, initial=0.0)]
    frame = min(math.floor(at * made.frame_rate + 0.001), begins[-1] - 1)
    number = max(place for place, begin in enumerate(begins[:-1]) if begin <= frame)
    return _Try(filters=(f"select=gte(n\\,{frame - begins[number]})",), feed=_fed(shelf, made, number, number + 1))


def _fed(shelf: Shelf, made: Rendition, first: int, end: int) -> Callable[[], Iterator[bytes]]:
    names = [layout.segment_name(number) for number in range(first, min(end, len(made.segments)))]
    return lambda: shelf.segments(made.folder, names)


def _within(width: int, height: int, side: int) -> tuple[int, int]:
    factor = min(1.0, side / max(width, height))
    return max(2, 2 * round(width * factor / 2)), max(2, 2 * round(height * factor / 2))


def _first(tries: Iterable[_Try], draw: Callable[[_Try], Drawn | None]) -> Drawn | None:
    found = next((drawn for each in tries if (drawn := draw(each))), None)
    if found is None:
        log.warning("no_poster")
    return found


def _drawn(
    each: _Try,
    arguments: tuple[str, ...],
    first: tuple[str, list[str]],
    small: tuple[int, int],
    check: Callable[[], None],
) -> Drawn | None:
    pad, filters = first
    large = ",".join([*filters, "setsar=1", *each.filters, "split=2[poster][large]"])
    resized = f"[large]scale={small[0]}:{small[1]}:flags=bicubic[thumbnail]"
    with tempfile.TemporaryDirectory(prefix="videoflix-poster-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        argv = [
            process.executable("ffmpeg"),
            "-hide_banner", "-nostdin",
            "-loglevel", "error",
            *each.options,
            *arguments,
            "-filter_complex", ";".join([f"{pad}{large}", resized, *_variants("thumbnail"), *_variants("poster")]),
            *_outputs("thumbnail", folder),
            *_outputs("poster", folder),
        ]  # fmt: skip
        feed = each.feed() if each.feed else None
        try:
            done = process.run(argv, seconds=_SECONDS, check=check, memory=_MEMORY, feed=feed)
        except process.TooSlowError:
            return None
        if done.killed:
            # another picture in its place would stand for ever under the name of this one
            raise PassingError("the poster's tool was killed")
        thumbnail = _best(folder, "thumbnail", _THUMBNAIL_BYTES)
        poster = _best(folder, "poster", _POSTER_BYTES)
        return Drawn(thumbnail, poster) if thumbnail and poster else None


def _variants(name: str) -> list[str]:
    """Return the filters that hand a picture out once for each variant."""
    copies = "".join(f"[{name}copy{number}]" for number in range(len(_VARIANTS)))
    made = [f"[{name}copy{number}]{how}[{name}{number}]" for number, (_, how) in enumerate(_VARIANTS)]
    return [f"[{name}]split={len(_VARIANTS)}{copies}", *made]


def _outputs(name: str, folder: Path) -> list[str]:
    """Return the outputs of a picture, one for each variant: to encode it is nothing beside finding it."""
    words = []
    for number, (quality, _) in enumerate(_VARIANTS):
        words += ["-map", f"[{name}{number}]", "-map_metadata", "-1", "-frames:v", "1", "-q:v", str(quality)]
        # one file, not a numbered row of them
        words += ["-f", "image2", "-update", "1", str(_file(folder, name, number))]
    return words


def _best(folder: Path, name: str, most: int) -> bytes:
    """Return the best variant of a picture that has at most so many bytes, else the last; empty: there is none."""
    files = [_file(folder, name, number) for number in range(len(_VARIANTS))]
    made = [file.read_bytes() for file in files if file.is_file()]
    return next((data for data in made if len(data) <= most), made[-1] if made else b"")


def _file(folder: Path, name: str, number: int) -> Path:
    return folder / f"{name}-{number}.jpg"
