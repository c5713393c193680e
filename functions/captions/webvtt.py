"""WebVTT (W3C WebVTT: The Web Video Text Tracks Format): reading it strictly, writing it clean. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from functions.captions import track
from functions.captions.track import Cue, LineError
from functions.catalogue import timestamps

_ARROW: Final = "-->"
_TIME: Final = r"(?:([0-9]{2,3}):)?([0-5][0-9]):([0-5][0-9])\.([0-9]{3})"
_TIMING: Final = re.compile(rf"(?P<start>{_TIME})[ \t]+-->[ \t]+(?P<end>{_TIME})(?P<settings>[ \t].*)?", re.ASCII)
_ONE_TIME: Final = re.compile(_TIME, re.ASCII)
_NO_TIMING: Final = "this is no cue timing such as 00:00:01.000 --> 00:00:04.000."
_PERCENT: Final = r"(?:100(?:\.0+)?|[0-9]{1,2}(?:\.[0-9]+)?)%"
# section 4.4; regions are left out, as are the settings that name one
_SETTINGS: Final = {
    "vertical": re.compile(r"rl|lr"),
    "line": re.compile(rf"(?:-?[0-9]{{1,3}}|{_PERCENT})(?:,(?:start|center|end))?", re.ASCII),
    "position": re.compile(rf"{_PERCENT}(?:,(?:line-left|center|line-right))?", re.ASCII),
    "size": re.compile(_PERCENT, re.ASCII),
    "align": re.compile(r"start|center|end|left|right"),
}
# what stands in a file besides cues: comments, style sheets and regions, none of which viewers get
_NO_CUES: Final = re.compile(r"(NOTE([ \t].*)?|STYLE[ \t]*|REGION[ \t]*)", re.DOTALL)


def is_webvtt(text: str) -> bool:
    """Whether `text` begins as WebVTT has to (section 4.1): the word, then a space, a tab or the line's end."""
    return re.match(r"WEBVTT(?:[ \t\n]|$)", text) is not None


def read(text: str) -> list[Cue]:
    """Return the cues of a WebVTT file, in its order.

    Args:
        text: The file, without a byte order mark, lines ended by line feeds.

    Raises:
        LineError: a line is wrong; nothing is skipped in silence but what never shows.
    """
    cues: list[Cue] = []
    for first, lines in _blocks(text.split("\n")):
        if first == 1:  # the header: what it says is for other players than ours
            _refuse_timings(first, lines)
        elif not _NO_CUES.fullmatch(lines[0]):
            cues += _cue(first, lines)
    return cues


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield what stands between empty lines, with the number of its first line."""
    first, block = 1, list[str]()
    for number, line in enumerate([*lines, ""], start=1):
        if line:
            block.append(line)
        else:
            if block:
                yield first, block
            first, block = number + 1, []


def _cue(first: int, lines: list[str]) -> list[Cue]:
    at = next((number for number, line in enumerate(lines[:2]) if _ARROW in line), None)  # an identifier may come first
    if at is None:
        raise LineError(first, _NO_TIMING)
    match = _TIMING.fullmatch(lines[at].strip())
    if match is None:
        raise LineError(first + at, _NO_TIMING)
    said = lines[at + 1 :]
    _refuse_timings(first + at + 1, said)
    return track.cue(first + at, _times(match), settings(match["settings"] or ""), "\n".join(said))


def _refuse_timings(first: int, lines: Sequence[str]) -> None:
    for number, line in enumerate(lines, start=first):
        if _ARROW in line:
            raise LineError(number, "an empty line is missing before this cue.")


def _times(match: re.Match[str]) -> tuple[int, int]:
    start, end = (_ONE_TIME.fullmatch(match[name]) for name in ("start", "end"))
    assert start is not None  # noqa: S101 - the whole has matched
    assert end is not None  # noqa: S101
    return track.milliseconds(start), track.milliseconds(end)


def settings(said: str) -> str:
    """Return those of a cue's settings that are valid, each once."""
    kept: dict[str, str] = {}
    for word in said.split():
        name, _, value = word.partition(":")
        if name in _SETTINGS and _SETTINGS[name].fullmatch(value):
            kept.setdefault(name, value)
    return " ".join(f"{name}:{value}" for name, value in kept.items())


def write(cues: Sequence[Cue]) -> str:
    """Return the cues as a WebVTT segment of an HLS rendition (RFC 8216, section 3.5)."""
    ticks = timestamps.FIRST * timestamps.TICKS
    lines = ["WEBVTT", f"X-TIMESTAMP-MAP=MPEGTS:{ticks},LOCAL:{_spelled(0)}", ""]
    for cue in cues:
        timing = f"{_spelled(cue.start)} {_ARROW} {_spelled(cue.end)}"
        lines += (f"{timing} {cue.settings}".rstrip(), cue.text, "")
    return "\n".join(lines)


def _spelled(milliseconds: int) -> str:
    seconds, fraction = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{fraction:03d}"
