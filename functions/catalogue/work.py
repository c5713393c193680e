"""The turning points of an encoding: started, taken up, published, failed, tried again. Conditional writes decide.

Each attempt is one execution of the state machine, whose name is drawn from film, version and attempt: whoever acts
for an attempt names it, and what was superseded, deleted or taken from it meanwhile answers "not yours". How far an
encoding is stands elsewhere (`making`).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from functions.catalogue import clock, store
from functions.catalogue.film import Audit, Cost, Failure, Film, Rendition, State, Storyboard
from functions.catalogue.timeline import extended

LEASE_SECONDS: Final = 60
"""Seconds after which somebody looks whether the execution of a film still runs."""
MAX_ATTEMPTS: Final = 3
MAX_WAIT: Final = timedelta(days=2)
"""How long a film that was given to an execution may wait for the state machine to hear of it. An outage is no failure
of the film, an endless one is. The time in the queue does not count: who waits there has others before it."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What was made: everything about the version that viewers get."""

    renditions: tuple[Rendition, ...]
    thumbnail: str | None
    storyboard: Storyboard | None
    duration: float
    audit: Audit
    cost: Cost
    poster: str | None = None


def execution_name(film_id: int, version: str, attempt: int) -> str:
    """Return the name of the execution that is attempt number `attempt`, counted from 1, at a version."""
    return f"film-{film_id}-{version}-{attempt}"


def film_of(execution: str) -> int:
    """Return the id of the film that an execution works on."""
    return int(execution.split("-")[1])


def _lease(now: datetime) -> float:
    return now.timestamp() + LEASE_SECONDS


def _held(film: Film, version: str, execution: str) -> bool:
    return film.version == version and film.state.in_work and film.execution == execution


def start(film_id: int, version: str) -> Film | None:
    """Give a film that waits to its next execution.

    Returns:
        The film, whose `execution` is to be started now, if nobody has done so; None: it does not wait any more.
    """

    def step(film: Film) -> Film | None:
        if film.version != version or film.state is not State.QUEUED:
            return None
        if film.execution is not None:
            return film  # our own write, whose answer was lost, or that of somebody who is about to start it, too
        now, attempt = clock.now(), film.attempt + 1
        name = execution_name(film_id, version, attempt)
        return replace(film, attempt=attempt, execution=name, started_at=now, lease_expires_at=_lease(now))

    return store.change(film_id, step)


def claim(film_id: int, version: str, execution: str) -> Film | None:
    """Take up a film that was started.

    Returns:
        The film, also if this execution had taken it up before; None: it is finished, superseded or deleted, or
        another execution has it.
    """

    def step(film: Film) -> Film | None:
        if _held(film, version, execution):
            return film
        if film.version != version or film.execution != execution or film.state is not State.QUEUED:
            return None
        now = clock.now()
        return replace(
            film,
            state=State.PROBING,
            lease_expires_at=_lease(now),
            timeline=extended(film.timeline, now, "probing"),
        )

    return store.change(film_id, step)


def encoding(film_id: int, version: str, execution: str, *, height: int, event: str) -> bool:
    """Say that the source is known and the encoding begins.

    Args:
        film_id: Which film.
        version: Which version of it.
        execution: Who has it.
        height: Pixels of the source's picture.
        event: For the timeline.

    Returns:
        False: the film is not this execution's any more.
    """

    def step(film: Film) -> Film | None:
        if not _held(film, version, execution):
            return None
        if film.state is State.ENCODING:
            return film
        now = clock.now()
        return replace(
            film,
            state=State.ENCODING,
            height=height,
            lease_expires_at=_lease(now),
            timeline=extended(film.timeline, now, event),
        )

    return store.change(film_id, step) is not None


def wanted(film_id: int, version: str, execution: str) -> Film | None:
    """Return the film if this execution still has it; None: stop, nobody waits for what you make."""
    film = store.get(film_id)
    return film if film and _held(film, version, execution) else None


def publish(film_id: int, version: str, execution: str, outcome: Outcome) -> Film | None:
    """Give viewers the finished version: one write flips everything, and notes that the owner is to be told.

    Returns:
        The film as published; None: it is not this execution's any more, and nothing changed.
    """

    def step(film: Film) -> Film | None:
        if is_published(film, version, execution):
            return film  # our own write, whose answer was lost
        if not _held(film, version, execution):
            return None
        now = clock.now()
        return replace(
            film,
            state=State.READY,
            published_version=version,
            renditions=outcome.renditions,
            thumbnail=outcome.thumbnail,
            poster=outcome.poster,
            storyboard=outcome.storyboard,
            duration=outcome.duration,
            audit=outcome.audit,
            cost=outcome.cost,
            failure=None,
            lease_expires_at=0,
            updated_at=now,
            timeline=extended(film.timeline, now, "ready"),
        )

    return store.change(film_id, step, telling=True)


def is_published(film: Film, version: str, execution: str) -> bool:
    """Whether an execution has published what it made."""
    return film.state is State.READY and (film.published_version, film.execution) == (version, execution)


def fail(film_id: int, version: str, failure: Failure, *, execution: str | None = None, telling: bool = False) -> bool:
    """End the work on a version with a reason. Viewers keep what was published before.

    Args:
        film_id: Which film.
        version: Which version failed.
        failure: Why.
        execution: Who has it; None for somebody who found it abandoned or unfit, which a live lease refuses.
        telling: Whether the owner is to be told, which is noted with it.

    Returns:
        Whether the film has failed so now (also if it had before); False: it is not yours to fail.
    """

    def step(film: Film) -> Film | None:
        now = clock.now()
        if film.version == version and film.state is State.FAILED and film.failure == failure:
            return film
        if execution is None:
            held = film.state.in_work and film.lease_expires_at > now.timestamp()
            yours = film.version == version and not film.state.finished and not held
        else:
            yours = film.version == version and film.execution == execution and not film.state.finished
        if not yours:
            return None
        return failed(film, failure, now)

    return store.change(film_id, step, telling=telling) is not None


def failed(film: Film, failure: Failure, now: datetime) -> Film:
    """Return the film with the work on its version ended for a reason."""
    timeline = extended(film.timeline, now, f"failed: {failure.code}")
    return replace(film, state=State.FAILED, failure=failure, lease_expires_at=0, timeline=timeline)


def release(film_id: int, version: str, execution: str | None, *, retry_in: int, reason: str) -> bool:
    """Give a film up after a passing trouble: in `retry_in` seconds it may be started again.

    Args:
        film_id: Which film.
        version: Which version of it.
        execution: Who had it; None: the first release, which had no executions.
        retry_in: Seconds.
        reason: A few words for the timeline; no tool's output.

    Returns:
        False: the film is not this execution's any more.
    """

    def step(film: Film) -> Film | None:
        if film.version != version or film.execution != execution or film.state.finished:
            return None
        now = clock.now()
        return replace(
            film,
            state=State.QUEUED,
            execution=None,
            lease_expires_at=now.timestamp() + retry_in,
            timeline=extended(film.timeline, now, f"retry: {reason}"),
        )

    return store.change(film_id, step) is not None


def waiting(limit: int = 100) -> list[Film]:
    """Return the films that wait to be started, longest waiting first."""
    return store.overdue(store.QUEUE, limit)


def overdue(limit: int = 100) -> list[Film]:
    """Return the films that somebody should look after, longest waiting first: their file or execution is late."""
    return store.overdue(store.WORK, limit)


def extend(film: Film) -> bool:
    """Note that the execution of an overdue film runs: it is looked after again in `LEASE_SECONDS`."""

    def step(current: Film) -> Film | None:
        unchanged = current.execution == film.execution and not current.state.finished
        return replace(current, lease_expires_at=_lease(clock.now())) if unchanged else None

    return store.change(film.id, step) is not None


def given_up(film: Film) -> Failure | None:
    """Return why a film whose execution is over shall fail rather than be tried again; None: it gets its chance."""
    if film.state is State.UPLOADING:
        return Failure(code="never_uploaded", message="No file was uploaded. Upload it again.", step="upload")
    if film.attempt >= MAX_ATTEMPTS:
        message = "The conversion was interrupted several times. Try again, or upload the film again."
        return Failure(code="worker_lost", message=message, step=step_of(film))
    return None


def never_started(film: Film) -> Failure | None:
    """Return why a film whose execution never began shall fail; None: it may still begin."""
    if film.started_at and clock.now() - film.started_at > MAX_WAIT:
        message = "The conversion could not be started. Try again later."
        return Failure(code="never_started", message=message, step="queue")
    return None


def step_of(film: Film) -> str:
    """Return the step that a film is in, as failures name it."""
    return "encode" if film.state is State.ENCODING else "probe" if film.state is State.PROBING else "queue"
