"""Films are removed with everything that was made of them. What is interrupted, or left to it, `resume` finishes."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Final

from functions import log, settings, turns
from functions.catalogue import (
    caption_files,
    clock,
    intake,
    layout,
    notes,
    objects,
    positions,
    queries,
    reservation,
    store,
)
from functions.catalogue.film import Film

_RESUME_AFTER: Final = 15 * 60  # seconds; longer than any Lambda lives
_RESUME_FOR: Final = timedelta(seconds=20)  # of the 60 that the watchdog has for all its parts
_FORGET_FOR: Final = timedelta(seconds=10)  # of the 29 that a call may take
_AT_ONCE: Final = 8


def delete(film_id: int) -> bool:
    """Remove a film: out of every list at once, then its media and its source, then the record.

    A worker learns of it at its next word and may store a segment until then: so the record of a film that was in
    work stays for `resume`, which looks again when no worker can be left. So does that of one that tens of thousands
    have watched, until all of them are forgotten.

    Returns:
        False if there is no such film.
    """
    film = store.begin_deletion(film_id, resume_at=clock.now().timestamp() + _RESUME_AFTER)
    if film is None:
        return False
    _remove(film)
    if not film.state.in_work:
        _end(film, clock.now() + _FORGET_FOR)
    return True


def forget_person(person_id: int) -> None:
    """Take every film that a person owns out of every list, and forget how far they have watched others'.

    Of many films that alone takes seconds, so what is stored of them is left to `resume`. What is stored at this
    moment may be overlooked: `look_again` has it found.
    """
    films = list(queries.owned_by(person_id))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        taken = [pool.submit(_take_away, film.id) for film in films]
    for one in taken:  # all had their turn
        one.result()
    positions.forget_viewer(person_id)


def _take_away(film_id: int) -> None:
    store.begin_deletion(film_id, resume_at=clock.now().timestamp(), after_work=_RESUME_AFTER)


def look_again(person_id: int) -> None:
    """See to it that a person who is about to leave is forgotten once more, when no call of theirs can be under way."""
    notes.write(person_id, notes.LEFT, within=_RESUME_AFTER)


def sweep(is_somebody: Callable[[int], bool]) -> None:
    """Forget those who left, once more. Doing it twice is harmless.

    Args:
        is_somebody: Says of a person's id whether they have an account: whoever broke off leaving has, with new films.
    """

    def see_to(person_id: int) -> None:
        if not is_somebody(person_id):
            forget_person(person_id)

    notes.see_to(notes.LEFT, see_to)


def resume(limit: int = 100) -> int:
    """Finish deletions that were interrupted, left for later or had to wait for a worker's end; returns how many.

    What there is no time for waits for the next run, so that somebody's thousand films hold up nothing else, and
    neither does one with a hundred thousand viewers.

    Raises:
        TurnsError: films could not be deleted; they are tried again in a minute.
    """
    until = clock.now() + _RESUME_FOR
    films = store.overdue(store.DELETION, limit)
    in_time = itertools.takewhile(lambda _: clock.now() < until, films)

    def finish(film: Film) -> bool:
        _remove(film)
        return _end(film, until)

    return sum(turns.each(in_time, finish, failure="film_not_deleted", facts=lambda film: {"film_id": film.id}))


def _remove(film: Film) -> None:
    objects.delete_prefix(settings.current().media_bucket, layout.film_prefix(film.id))
    _delete_files(film)
    reservation.drop(film.id)
    # keys of the film's own: a file may have arrived that nobody has registered yet, or have been replaced half
    objects.delete_prefix(settings.current().uploads_bucket, intake.folder(film.id))


def _end(film: Film, until: datetime) -> bool:
    if not positions.forget_film(film.id, until=until):
        return False
    store.end_deletion(film.id)
    log.info("film_deleted", film_id=film.id)
    return True


def _delete_files(film: Film) -> None:
    """Delete the film's source and captions, unless their place is another film's by now, or is kept for the next."""
    owned = store.ownership(film.source.key)
    if owned is None or owned.film_id == film.id:
        until, source = owned.deleted_at if owned else None, film.source
        objects.delete_same(settings.current().uploads_bucket, source.key, source.etag, until=until)
        _delete_captions(film, until)


def _delete_captions(film: Film, until: datetime | None) -> None:
    """Delete the files that the film's captions come from, unless another film's source stands beside them as well."""
    files = {caption.source_key for caption in film.captions if caption.source_key}
    for file in files | {file for file, _ in caption_files.beside(film.source.key)}:
        place = caption_files.place(file)
        if place and not any(other != film.id and store.get(other) for other in caption_files.films(place.stem)):
            objects.delete_until(settings.current().uploads_bucket, file, until)
