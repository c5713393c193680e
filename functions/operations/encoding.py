"""Films are encoded again: those that failed, those that were never started, and those that somebody wants anew."""

import contextlib
from collections.abc import Iterable, Iterator
from typing import Final

from functions.catalogue import clock, intake, objects, reservation, store
from functions.catalogue.film import Film
from functions.errors import ConflictError, NotFoundError
from functions.settings import current
from functions.transcoding import dispatch

_MAY_HELP: Final = frozenset({dispatch.NOT_STARTED.code, "worker_lost", "never_started"})
"""Failures that say nothing of the film itself. To try the others again without a new file is in vain."""


def start(film_id: int) -> Film:
    """Have a film encoded from its source, under a new version; viewers keep the published one until that is ready.

    Raises:
        NotFoundError: there is no such film.
        ConflictError: it is being encoded, or waits for it, or has no file that was announced.
    """
    made: Film | None = None

    def step(film: Film) -> Film:
        nonlocal made
        if made and (film.version, film.queued_at) == (made.version, made.queued_at):
            return film  # our own write, whose answer was lost
        made = _queued(film)
        return made

    film = store.change(film_id, step)
    if film is None:
        raise NotFoundError("Video not found.")
    dispatch.begin(film.id, film.version)
    return film


def check(film: Film) -> None:
    """Check that a film may be encoded again now.

    Raises:
        ConflictError: as `start` says.
    """
    if not film.state.finished:
        raise ConflictError("Transcode already in progress.")
    if not film.source.etag:
        raise ConflictError("No file was uploaded yet.")
    if film.failure == reservation.NOT_ANNOUNCED:
        raise ConflictError("The file is none that was announced. Begin a new upload.")


def check_failed(film: Film) -> None:
    """Check that there is something to try again.

    Raises:
        ConflictError: the film has not failed.
    """
    if film.failure is None:
        raise ConflictError("This video has not failed.")


def free(films: Iterable[Film]) -> list[int]:
    """Return the ids of those films that `start_those_free` would start."""
    found = []
    for film in films:
        with contextlib.suppress(ConflictError):
            check(film)
            found.append(film.id)
    return found


def has_lost_source(film: Film) -> bool:
    """Whether a film's source is gone: encoded again, it would only fail."""
    return film.source.etag != "" and objects.etag(current().uploads_bucket, film.source.key) is None


def start_those_free(film_ids: Iterable[int]) -> list[int]:
    """Start films; those that somebody works on, or that were deleted since they were looked at, are left out."""
    started = []
    for film_id in film_ids:
        with contextlib.suppress(ConflictError, NotFoundError):
            start(film_id)
            started.append(film_id)
    return started


def _queued(film: Film) -> Film:
    check(film)
    return intake.queued(film, film.source, clock.now(), "queued")


def is_missing(film: Film) -> bool:
    """Whether nothing of a film plays, nobody is at it, and encoding it may help."""
    return film.published_version is None and film.failure is not None and film.failure.code in _MAY_HELP


def missing(films: Iterable[Film]) -> Iterator[Film]:
    """Yield those of `films` that `is_missing` is true of."""
    return filter(is_missing, films)
