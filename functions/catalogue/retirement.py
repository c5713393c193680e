"""Media that nobody is served any more goes, but not at once: for a while there are URLs signed for it.

A version is left when another takes its place, or when its encoding fails. `store` notes that in the same write; the
note (an item of its own, due at a time) is what the watchdog acts on.
"""

from functions import log, settings
from functions.catalogue import clock, layout, making, objects, store
from functions.catalogue.versions import live


def sweep(limit: int = 100) -> int:
    """Remove the media whose time is over; returns of how many versions. Doing it twice is harmless."""
    now = clock.now().timestamp()
    retired = store.retired(limit)
    for film_id, version in retired:
        try:
            _remove(film_id, version, now)
        except Exception:  # noqa: BLE001 - it stays noted, and holds up no other
            log.exception("media_not_removed", film_id=film_id, version=version)
    return len(retired)


def _remove(film_id: int, version: str, now: float) -> None:
    film = store.get(film_id)
    if not store.may_go(film_id, version, now):  # asked after the film: whoever has left it since noted it anew
        return
    if film is None or version not in live(film):
        objects.delete_prefix(settings.current().media_bucket, layout.version_prefix(film_id, version))
        making.forget(film_id, version)
        log.info("media_removed", film_id=film_id, version=version)
    store.forget_retired(film_id, version, until=now)
