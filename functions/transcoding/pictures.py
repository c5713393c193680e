"""The poster: a picture of the film that is not black."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from functions import log
from functions.transcoding import process
from functions.transcoding.command import picture_filters, scaled
from functions.transcoding.plan import Plan
from functions.transcoding.source import Input

_SIDE: Final = 640  # pixels of the long side
_SEARCHED: Final = 120  # seconds of film
_SECONDS: Final = 20.0  # of work, for each try
_MEMORY: Final = 1 << 30  # the fps filter fills it with a file of absurd frame durations

_Try = tuple[tuple[str, ...], tuple[str, ...]]  # options of the input, filters

# Of the pictures twice a second that are bright enough (mean luma above 40 of 255), the one most like its neighbours.
_BRIGHT: Final = (
    "fps=2",
    "signalstats",
    "metadata=select:key=lavfi.signalstats.YAVG:value=40:function=greater",
    "thumbnail=12",
)


def poster(
    plan: Plan, source: Input, check: Callable[[], None] = lambda: None, *, at: float | None = None
) -> bytes | None:
    """Return a JPEG of the film, or None where no picture could be decoded.

    Args:
        plan: What is known of the picture.
        source: The film.
        check: Called while waiting; what it raises ends the search and is passed on.
        at: Seconds into the film of the picture that is wanted; None: one that is not black.
    """
    chosen: list[_Try] = [] if at is None else [(("-ss", f"{min(at, plan.duration):.3f}"), ())]
    tries: list[_Try] = [
        *chosen,
        # only keyframes are decoded: quick, and enough of them in two minutes
        (("-skip_frame", "nokey"), _BRIGHT),
        # a dark film, a short one, or one whose keyframes tell nothing: its first picture
        ((), ()),
    ]
    for options, filters in tries:
        if picture := _picture(plan, source, options, filters, check):
            return picture
    log.warning("no_poster")
    return None


def _picture(
    plan: Plan, source: Input, options: tuple[str, ...], filters: tuple[str, ...], check: Callable[[], None]
) -> bytes | None:
    with tempfile.TemporaryDirectory(prefix="videoflix-poster-", ignore_cleanup_errors=True) as name:
        target = Path(name) / "poster.jpg"
        argv = [
            process.executable("ffmpeg"),
            "-hide_banner", "-nostdin",
            "-loglevel", "error",
            *options,
            "-t", str(_SEARCHED),
            *source.arguments,
            "-filter_complex", f"[0:{plan.video.index}]{','.join(_graph(plan, filters))}[poster]",
            "-map", "[poster]",
            "-map_metadata", "-1",
            "-frames:v", "1",
            "-q:v", "4",
            # one file, not a numbered row of them
            "-f", "image2", "-update", "1",
            str(target),
        ]  # fmt: skip
        try:
            process.run(argv, seconds=_SECONDS, check=check, memory=_MEMORY)
        except process.TooSlowError:
            return None
        return target.read_bytes() if target.is_file() and target.stat().st_size else None


def _graph(plan: Plan, filters: tuple[str, ...]) -> list[str]:
    largest = plan.renditions[0]
    factor = min(1.0, _SIDE / max(largest.width, largest.height))
    width, height = (max(2, 2 * round(side * factor / 2)) for side in (largest.width, largest.height))
    # JPEG (JFIF) is BT.601 with full range
    colour = dataclasses.replace(plan.video.colour, matrix="bt601")
    return [*picture_filters(plan.video), scaled(width, height, colour, full_range=True), "setsar=1", *filters]
