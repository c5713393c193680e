"""Posters that owners wish for and that are drawn after the answer: a wish that cannot be met does not stay for ever.

The state machine tries to draw it a few times. If viewers do not see it by then, or all of that was lost, the wish is
taken back: the film says again which poster it has, its timeline says why, and its owner may wish anew.
"""

from dataclasses import replace
from typing import Final

from functions import log
from functions.catalogue import clock, layout, notes, store
from functions.catalogue.film import Film
from functions.catalogue.timeline import extended

_PATIENCE: Final = 15 * 60
"""Seconds; longer than any Lambda lives, and than the state machine goes on trying."""


def expect(film_id: int) -> None:
    """Note that a poster is about to be wished for or drawn. For nothing it is harmless."""
    notes.write(film_id, notes.POSTER, within=_PATIENCE)


def sweep() -> None:
    """Take back the wishes that were not met in time. Doing it twice is harmless."""
    notes.see_to(notes.POSTER, _see_to)


def _see_to(film_id: int) -> None:
    film = store.get(film_id)
    if film and not film.state.finished:
        expect(film_id)  # what is being encoded has the poster, or has it drawn when it is published
    elif store.change(film_id, _taken_back):
        log.warning("poster_not_drawn", film_id=film_id)


def _taken_back(film: Film) -> Film | None:
    shown = layout.thumbnail_time(film.thumbnail)
    met = film.thumbnail == layout.thumbnail_name(film.poster_at) or film.poster_at == shown
    if met or not film.state.finished or film.published_version is None:
        return None
    now = clock.now()
    if not notes.is_due(film.id, notes.POSTER, now.timestamp()):
        return None  # somebody wished anew, which is noted before it is stored
    event = "poster: it could not be drawn"
    return replace(film, poster_at=shown, updated_at=now, timeline=extended(film.timeline, now, event))
