"""How far somebody has watched a film, so that they can go on there. Kept with the viewer, gone with either."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from functions.catalogue import clock, shelves, store, writing
from functions.catalogue.film import Film
from functions.catalogue.items import (
    RECORD,
    WATCHER,
    AnyItem,
    FilmItem,
    PositionItem,
    WatcherItem,
    film_key,
    position_key,
    viewer_key,
    watcher_key,
)
from functions.errors import ConflictError

FINISHED: Final = 0.95
"""The part of a film after which there is nothing to continue: the rest is its credits."""

_TRIES: Final = 10


@dataclass(frozen=True, kw_only=True)
class Position:
    """How far somebody has watched a film: `seconds` from its beginning, at a time (UTC)."""

    film_id: int
    seconds: float
    watched_at: datetime


def goes_on(seconds: float, duration: float) -> bool:
    """Whether somebody who is at `seconds` of a film has begun and not finished it."""
    return 0 < seconds < FINISHED * duration


def put(viewer_id: int, film: Film, seconds: float) -> float | None:
    """Remember how far a viewer is; the latest word counts.

    Returns:
        The second that is kept: within the film. None: the film was deleted meanwhile.

    Raises:
        ConflictError: the film was never ready; or others kept changing it.
    """
    if film.duration is None:
        raise ConflictError("The video is not ready yet.")
    item = _item(viewer_id, film.id, min(max(seconds, 0.0), film.duration), film.duration)
    for _ in range(_TRIES):
        if writing.attempt(lambda: item.save(condition=PositionItem.pk.exists())) or _begun(item):
            return float(item.seconds)
        if store.get(film.id) is None:
            return None
    raise ConflictError("The video is being changed. Try again.")


def _item(viewer_id: int, film_id: int, seconds: float, duration: float) -> PositionItem:
    now = clock.now()
    begun = goes_on(seconds, duration)
    return PositionItem(
        *position_key(viewer_id, film_id),
        viewer_id=viewer_id,
        film_id=film_id,
        seconds=round(seconds, 3),
        watched_at=now,
        shelf=shelves.watching(viewer_id) if begun else None,
        updated_key=shelves.watched_place(now, film_id) if begun else None,
    )


def _begun(item: PositionItem) -> bool:
    """Store a first position, unless the film is gone: its deletion has to find every one."""
    film_id, viewer_id = int(item.film_id), int(item.viewer_id)
    stays = FilmItem.unfinished.does_not_exist() | (FilmItem.unfinished != store.DELETION)

    def write() -> None:
        with writing.transaction() as transaction:
            transaction.condition_check(FilmItem, film_key(film_id), RECORD, condition=FilmItem.pk.exists() & stays)
            transaction.save(item)
            transaction.save(WatcherItem(*watcher_key(viewer_id, film_id), viewer_id=viewer_id))

    return writing.attempt(write)


def get(viewer_id: int, film: Film) -> float:
    """Return the second at which a viewer is, 0 if they have not begun."""
    try:
        item = PositionItem.get(*position_key(viewer_id, film.id), consistent_read=True)
    except PositionItem.DoesNotExist:
        return 0.0
    return float(item.seconds if film.duration is None else min(item.seconds, film.duration))


def of_viewer(viewer_id: int) -> Iterator[Position]:
    """Yield every position of a viewer, by film."""
    for item in PositionItem.query(viewer_key(viewer_id), consistent_read=True):
        yield Position(film_id=int(item.film_id), seconds=float(item.seconds), watched_at=item.watched_at)


def forget_viewer(viewer_id: int) -> None:
    """Delete every position of a viewer."""
    films = [position.film_id for position in of_viewer(viewer_id)]
    with AnyItem.batch_write() as batch:
        for film_id in films:
            batch.delete(AnyItem(*watcher_key(viewer_id, film_id)))
            batch.delete(AnyItem(*position_key(viewer_id, film_id)))


def forget_film(film_id: int, *, until: datetime) -> bool:
    """Delete every position in a film that is being deleted.

    Each goes with the note of its watcher, so that a deletion which takes longer than a Lambda lives goes on where it
    was.

    Args:
        film_id: Which film.
        until: When to stop (UTC), however many are left.

    Returns:
        Whether all are gone.
    """
    watchers = WatcherItem.query(film_key(film_id), WatcherItem.sk.startswith(WATCHER), consistent_read=True)
    with AnyItem.batch_write() as batch:
        for watcher in watchers:
            if clock.now() >= until:
                return False
            batch.delete(AnyItem(*position_key(int(watcher.viewer_id), film_id)))
            batch.delete(AnyItem(watcher.pk, watcher.sk))
    return True
