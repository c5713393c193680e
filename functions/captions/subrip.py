"""SubRip (`.srt`), which has no standard: read as players read it. Pure."""

from __future__ import annotations

import re
from typing import Final

from functions.captions import track
from functions.captions.track import Cue, LineError

_TIME: Final = r"([0-9]{1,3}):([0-5]?[0-9]):([0-5]?[0-9])[,.]([0-9]{1,3})"
_TIMING: Final = re.compile(rf"(?P<start>{_TIME})\s*-->\s*(?P<end>{_TIME})(?:\s.*)?", re.ASCII)
_ONE_TIME: Final = re.compile(_TIME, re.ASCII)
_COUNTER: Final = re.compile(r"[0-9]{1,7}", re.ASCII)
# what editors of other formats leave in SubRip: {\an8} puts a cue to the top, others change fonts
_PLACE: Final = re.compile(r"\{\\an?([1-9])\}")
_OVERRIDE: Final = re.compile(r"\{\\[^{}]*\}")
_TOP: Final = "789"  # as on a keyboard's number pad
_MIDDLE: Final = "456"
_NEITHER: Final = "this is neither WebVTT nor SubRip: a timing such as 00:00:01,000 --> 00:00:04,000 is missing."


def read(text: str) -> list[Cue]:
    """Return the cues of a SubRip file, in its order.

    Empty lines inside of a cue are left out, and a missing one before the next is no matter: the timing counts.

    Args:
        text: The file, without a byte order mark, lines ended by line feeds.

    Raises:
        LineError: a line is wrong; nothing is skipped in silence but what never shows.
    """
    lines = [line.strip() for line in text.split("\n")]
    timings = [number for number, line in enumerate(lines) if "-->" in line]
    first = next((number for number, line in enumerate(lines) if line), 0)
    if not timings or first < timings[0] - 1 or (first < timings[0] and not _COUNTER.fullmatch(lines[first])):
        raise LineError(first + 1, _NEITHER)
    cues: list[Cue] = []
    for at, following in zip(timings, [*timings[1:], len(lines) + 1], strict=True):
        counted = following <= len(lines) and following - 1 > at and _COUNTER.fullmatch(lines[following - 1])
        cues += _cue(at, lines[at], lines[at + 1 : following - 1 if counted else following])
    return cues


def _cue(at: int, timing: str, said: list[str]) -> list[Cue]:
    match = _TIMING.fullmatch(timing)
    if match is None:
        raise LineError(at + 1, "this is no timing such as 00:00:01,000 --> 00:00:04,000.")
    start, end = (_ONE_TIME.fullmatch(match[name]) for name in ("start", "end"))
    assert start is not None  # noqa: S101 - the whole has matched
    assert end is not None  # noqa: S101
    times = track.milliseconds(start), track.milliseconds(end)
    text = "\n".join(said)
    return track.cue(at + 1, times, _settings(text), _OVERRIDE.sub("", text))


def _settings(text: str) -> str:
    place = _PLACE.search(text)
    if place and place[1] in _TOP:
        return "line:0"
    return "line:50%" if place and place[1] in _MIDDLE else ""
