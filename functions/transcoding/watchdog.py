"""Once a minute: no film stays in between. Whose execution was lost is tried again, a few times, then fails."""

from collections.abc import Callable
from typing import Final

from functions import log, turns
from functions.accounts import people
from functions.catalogue import deletion, replaced, reservation, retirement, wishes, work
from functions.catalogue.film import Film, State
from functions.transcoding import dispatch, notify


def sweep() -> None:
    """See to films whose file, execution, poster or mail is late, start those that wait, finish deletions and removals.

    Raises:
        TurnsError: a part failed, or one of its films did; the others had their turn. An alarm counts such rounds.
    """
    turns.each(_PARTS, lambda part: part(), failure="watchdog_part_failed", facts=lambda part: {"part": _name(part)})


def _name(part: Callable[[], object]) -> str:
    return f"{part.__module__}.{part.__name__}"


def _see_to_late() -> None:
    turns.each(work.overdue(), _see_to, failure="watchdog_failed", facts=lambda film: {"film_id": film.id})


def _see_to(film: Film) -> None:
    if film.state is State.UPLOADING and reservation.wait_on(film.id):
        return
    status = dispatch.status(film.execution) if film.execution else None
    if status == dispatch.RUNNING:
        work.extend(film)
        return
    # started, but the word of it was lost; or the whole stack was, with what it remembered
    unheard = film.state is State.QUEUED and status is None
    failure = work.never_started(film) if unheard else work.given_up(film)
    if failure:
        notify.fail(film.id, film.version, failure)
    elif unheard:
        work.extend(film)
        dispatch.run(film)
    else:
        log.warning("execution_lost", film_id=film.id, execution=film.execution, status=status)
        work.release(film.id, film.version, film.execution, retry_in=0, reason="interrupted")


def _forget_those_who_left() -> None:
    deletion.sweep(lambda person_id: people.get(person_id) is not None)


_PARTS: Final[tuple[Callable[[], object], ...]] = (
    _see_to_late,
    notify.sweep,
    dispatch.tidy,
    dispatch.fill,
    deletion.resume,
    _forget_those_who_left,
    retirement.sweep,
    replaced.sweep,
    wishes.sweep,
)
