"""Files in the uploads bucket that films have left for others, under other keys: they go.

Whoever gives a film another file deletes the former. `store` notes it in the same write, so that the watchdog does if
they broke off.
"""

from functions import log, settings
from functions.catalogue import clock, intake, objects, store
from functions.catalogue.film import Source


def remove(left: Source) -> None:
    """Delete a file that a film has left, unless by now another one lies there."""
    # at a key of the server's, which is for one file, it may only have been sent again
    until = None if intake.is_reserved(left.key) else left.modified
    objects.delete_same(settings.current().uploads_bucket, left.key, left.etag, until=until)


def sweep(limit: int = 100) -> None:
    """Delete the files that may be left still. Doing it twice is harmless."""
    now = clock.now().timestamp()
    for film_id, left in store.replaced(limit):
        try:
            film = store.get(film_id)
            if film is None or film.source.key != left.key:  # else it has come back to this key
                remove(left)
            store.forget_replaced(left.key, until=now)
        except Exception:  # noqa: BLE001 - it stays noted, and holds up no other
            log.exception("replaced_file_not_deleted", film_id=film_id, key=left.key)
