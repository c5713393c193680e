"""What a file of captions holds, whatever its format. Pure; times are milliseconds from the film's beginning."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from functions.captions import cue_text
from functions.errors import InvalidInputError

FIELD: Final = "captions"
"""Under which name errors of a file are answered."""

_MOST_CUES: Final = 20_000
_LONGEST_TEXT: Final = 5_000  # characters of one cue, markup included


@dataclass(frozen=True)
class Cue:
    """A text and when it is shown.

    Attributes:
        settings: WebVTT cue settings, valid ones only, e.g. `line:0 align:start`; may be empty.
        text: Clean WebVTT cue text; lines are separated by line feeds, and none is empty.
    """

    start: int
    end: int
    settings: str
    text: str


class LineError(InvalidInputError):
    """A line of the file is wrong; the sentence says which (counted from 1) and why, and repeats nothing of it."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__({FIELD: [f"Line {line}: {problem}"]})


def milliseconds(match: re.Match[str]) -> int:
    """Return the time that a match with the groups hours, minutes, seconds and fraction spells."""
    hours, minutes, seconds, fraction = match.groups()
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int(fraction.ljust(3, "0"))


def cue(line: int, times: tuple[int, int], settings: str, raw: str) -> list[Cue]:
    """Return the cue that says `raw`, or none where it would show nothing.

    Raises:
        LineError: it ends before it begins, or says too much.
    """
    start, end = times
    if end < start:
        raise LineError(line, "the cue ends before it begins.")
    if len(raw) > _LONGEST_TEXT:
        raise LineError(line, f"the cue is longer than {_LONGEST_TEXT} characters.")
    text = cue_text.clean(raw)
    return [Cue(start, end, settings, text)] if text and start < end else []


def ordered(cues: Sequence[Cue]) -> list[Cue]:
    """Return the cues by their beginning, as WebVTT wants them (W3C WebVTT, section 4.1).

    Raises:
        InvalidInputError: there are none, or too many.
    """
    if not cues:
        raise InvalidInputError({FIELD: ["The file has no cues."]})
    if len(cues) > _MOST_CUES:
        raise InvalidInputError({FIELD: [f"The file has more than {_MOST_CUES} cues."]})
    return sorted(cues, key=lambda cue: cue.start)
