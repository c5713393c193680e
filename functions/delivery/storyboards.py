"""The storyboard of a film as a track of WebVTT: for each stretch of time, which part of which sheet shows it.

The form is the one that players know (`<address>#xywh=x,y,w,h`, W3C Media Fragments, section 4.2.2).
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Final

from functions.catalogue import layout
from functions.catalogue.film import BOARD_COLUMNS
from functions.delivery import signing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from functions.catalogue.film import Film, Storyboard

CONTENT_TYPE: Final = "text/vtt; charset=utf-8"


def track(film: Film) -> str:
    """Return the track of the published version's storyboard, the sheets as absolute signed URLs.

    They live as long as those of the film's segments. A film without a storyboard has a track without cues.
    """
    lines = ["WEBVTT", ""]
    if film.storyboard and film.published_version:
        lines += _cues(film, film.storyboard, film.published_version)
    return "\n".join(lines)


def _cues(film: Film, board: Storyboard, version: str) -> Iterator[str]:
    sign = signing.signer(lasts=round(film.duration or 0, 3))
    end = round((film.duration or 0) * 1000)
    for number, (address, place) in zip(count(), _tiles(film.id, board, version, sign), strict=False):
        begins, ends = round(number * board.interval * 1000), round((number + 1) * board.interval * 1000)
        if begins >= end:  # the source said that it was longer than it is
            return
        across, down = place % BOARD_COLUMNS * board.width, place // BOARD_COLUMNS * board.height
        yield f"{_clock(begins)} --> {_clock(min(ends, end))}"
        yield f"{address}#xywh={across},{down},{board.width},{board.height}\n"


def _tiles(film_id: int, board: Storyboard, version: str, sign: signing.Sign) -> Iterator[tuple[str, int]]:
    """Yield each picture's sheet and its place there."""
    for name, pictures in board.sheets:
        address = sign(layout.picture_key(film_id, version, name))
        for place in range(pictures):
            yield address, place


def _clock(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"
