"""Once a minute: no film stays in between. What lost its worker is queued again, a few times, then fails."""

from functions import log
from functions.catalogue import deletion, retirement, work
from functions.catalogue.film import Film
from functions.transcoding import notify, queue


def sweep() -> None:
    """See to the films that nobody works on though somebody should, finish interrupted deletions, remove media left."""
    for film in work.overdue():
        try:
            _see_to(film)
        except Exception:  # noqa: BLE001 - one film's trouble must not cost the others their turn; it has the next
            log.exception("watchdog_failed", film_id=film.id)
    deletion.resume()
    retirement.sweep()


def _see_to(film: Film) -> None:
    failure = work.given_up(film)
    if failure:
        notify.fail(film.id, film.version, failure)
    elif work.requeue(film):
        log.warning("film_requeued", film_id=film.id, version=film.version, attempt=film.attempt)
        queue.put(film.id, film.version)
