"""Files in the uploads bucket that films have left for others, under other keys: they go.

Whoever gives a film another file deletes the former. `store` notes it in the same write, so that the watchdog does if
they broke off.
"""

from functions import settings, turns
from functions.catalogue import clock, intake, objects, store
from functions.catalogue.film import Source


def remove(left: Source) -> None:
    """Delete a file that a film has left, unless by now another one lies there."""
    # at a key of the server's, which is for one file, it may only have been sent again
    until = None if intake.is_reserved(left.key) else left.modified
    objects.delete_same(settings.current().uploads_bucket, left.key, left.etag, until=until)


def sweep(limit: int = 100) -> None:
    """Delete the files that may be left still. Doing it twice is harmless.

    Raises:
        TurnsError: some could not be deleted; they stay noted, and held up no other.
    """
    now = clock.now().timestamp()
    turns.each(
        store.replaced(limit),
        lambda left: _see_to(*left, now),
        failure="replaced_file_not_deleted",
        facts=lambda left: {"film_id": left[0], "key": left[1].key},
    )


def _see_to(film_id: int, left: Source, now: float) -> None:
    film = store.get(film_id)
    if film is None or film.source.key != left.key:  # else it has come back to this key
        remove(left)
    store.forget_replaced(left.key, until=now)
