"""Media that nobody is served any more goes, but not at once: for a while there are URLs signed for it.

A version is left when another takes its place, or when its encoding fails. `store` notes that in the same write; the
note (an item of its own, due at a time) is what the watchdog acts on.
"""

from functions import log, settings, turns
from functions.catalogue import clock, layout, making, objects, store
from functions.catalogue.versions import live


def sweep(limit: int = 100) -> int:
    """Remove the media whose time is over; returns of how many versions. Doing it twice is harmless.

    Raises:
        TurnsError: some could not be removed; they stay noted, and held up no other.
    """
    now = clock.now().timestamp()
    removed = turns.each(
        store.retired(limit),
        lambda retired: _remove(*retired, now),
        failure="media_not_removed",
        facts=lambda retired: {"film_id": retired[0], "version": retired[1]},
    )
    return len(removed)


def _remove(film_id: int, version: str, now: float) -> None:
    film = store.get(film_id)
    if not store.may_go(film_id, version, now):  # asked after the film: whoever has left it since noted it anew
        return
    if film is None or version not in live(film):
        objects.delete_prefix(settings.current().media_bucket, layout.version_prefix(film_id, version))
        making.forget(film_id, version)
        log.info("media_removed", film_id=film_id, version=version)
    store.forget_retired(film_id, version, until=now)
