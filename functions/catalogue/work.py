"""Who works on a film, how far they are, and how it ends. Conditional writes decide every race.

A worker holds a lease: it may write as long as nobody took the film from it. Each write renews the lease; when it is
over, the watchdog gives the film to the next worker, and the old one learns at its next write that it has to stop.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from functions.catalogue import clock, store
from functions.catalogue.film import Failure, Film, Progress, Rendition, State
from functions.catalogue.intake import QUEUE_PATIENCE
from functions.catalogue.timeline import extended

LEASE_SECONDS: Final = 60
MAX_ATTEMPTS: Final = 3
MAX_WAIT: Final = timedelta(days=2)
"""How long a film may wait for its first worker (a long backlog is no failure, an endless one is)."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a worker made: everything about the version that viewers get."""

    renditions: tuple[Rendition, ...]
    thumbnail: str | None
    duration: float
    height: int


@dataclass(frozen=True, kw_only=True)
class Published:
    """A film as published, and the version that it replaced, whose media may go (None: there was none)."""

    film: Film
    previous_version: str | None


def _lease(now: datetime) -> float:
    return now.timestamp() + LEASE_SECONDS


def _held(film: Film, version: str, worker: str) -> bool:
    return film.version == version and film.state.in_work and film.worker == worker


def claim(film_id: int, version: str, worker: str) -> Film | None:
    """Take a film to work on it, for one lease.

    Args:
        film_id: Which film.
        version: The version that the message named.
        worker: A name that no other invocation has.

    Returns:
        The film, or None: it is finished, superseded or deleted, somebody has it, or it was tried often enough.
    """

    def step(film: Film) -> Film | None:
        now = clock.now()
        if _held(film, version, worker):
            return film  # our own claim, whose answer was lost
        free = film.state is State.QUEUED or (film.state.in_work and film.lease_expires_at <= now.timestamp())
        if film.version != version or not free or film.attempt >= MAX_ATTEMPTS:
            return None
        return replace(
            film,
            state=State.PROBING,
            worker=worker,
            lease_expires_at=_lease(now),
            attempt=film.attempt + 1,
            percent=0,
            progress={},
            timeline=extended(film.timeline, now, "probing"),
        )

    return store.change(film_id, step)


def _further(known: Mapping[str, Progress], new: Mapping[str, Progress]) -> dict[str, Progress]:
    merged = dict(known)
    for name, progress in new.items():
        percent = max(progress.percent, merged[name].percent if name in merged else 0)
        merged[name] = Progress(percent=_percent(percent), state=progress.state)
    return merged


def _percent(value: float) -> float:
    return round(min(max(value, 0), 100), 2)


def advance(
    film_id: int,
    version: str,
    worker: str,
    *,
    state: State,
    percent: float,
    progress: Mapping[str, Progress],
    height: int | None = None,
    event: str | None = None,
) -> bool:
    """Say how far the work is, and renew the lease.

    Args:
        film_id: Which film.
        version: What the worker claimed.
        worker: Who claimed it.
        state: `PROBING` or `ENCODING` (after which `PROBING` counts as `ENCODING`); a change is told in the timeline.
        percent: 0 to 100; less than before counts as before.
        progress: Per rendition; those not named stay.
        height: Pixels of the source's picture, once known.
        event: Something else for the timeline.

    Returns:
        False: the film is not this worker's any more; stop.

    Raises:
        ValueError: `state` is none that a worker goes through; `publish`, `fail` and `release` end the work.
    """
    if not state.in_work:
        raise ValueError(state)

    def step(film: Film) -> Film | None:
        if not _held(film, version, worker):
            return None
        now = clock.now()
        reached = State.ENCODING if film.state is State.ENCODING else state
        events = [reached.value] if reached is not film.state else []
        return replace(
            film,
            state=reached,
            percent=max(film.percent, _percent(percent)),
            progress=_further(film.progress, progress),
            height=film.height if height is None else height,
            lease_expires_at=_lease(now),
            timeline=extended(film.timeline, now, *events, *([event] if event else [])),
        )

    return store.change(film_id, step) is not None


def publish(film_id: int, version: str, worker: str, outcome: Outcome) -> Published | None:
    """Give viewers the finished version: one write flips everything.

    Returns:
        None: the film is not this worker's any more, and nothing changed.
    """

    def step(film: Film) -> Film | None:
        if film.state is State.READY and (film.published_version, film.worker) == (version, worker):
            return film  # our own write, whose answer was lost
        if not _held(film, version, worker):
            return None
        now = clock.now()
        done = {r.name: Progress(percent=100, state=State.READY) for r in outcome.renditions}
        return replace(
            film,
            state=State.READY,
            percent=100,
            progress=done,
            published_version=version,
            previous_version=film.published_version,
            renditions=outcome.renditions,
            thumbnail=outcome.thumbnail,
            duration=outcome.duration,
            height=outcome.height,
            failure=None,
            lease_expires_at=0,
            updated_at=now,
            timeline=extended(film.timeline, now, "ready"),
        )

    film = store.change(film_id, step)
    return Published(film=film, previous_version=film.previous_version) if film else None


def fail(film_id: int, version: str, failure: Failure, *, worker: str | None = None) -> bool:
    """End the work on a version with a reason. Viewers keep what was published before.

    Args:
        film_id: Which film.
        version: Which version failed.
        failure: Why.
        worker: Who worked on it; None for somebody who found it abandoned or unfit, which a live lease refuses.

    Returns:
        Whether the film has failed so now (also if it had before); False: it is not yours to fail.
    """

    def step(film: Film) -> Film | None:
        now = clock.now()
        if film.version == version and film.state is State.FAILED and film.failure == failure:
            return film
        if worker is None:
            held = film.state.in_work and film.lease_expires_at > now.timestamp()
            yours = film.version == version and not film.state.finished and not held
        else:
            yours = _held(film, version, worker)
        if not yours:
            return None
        timeline = extended(film.timeline, now, f"failed: {failure.code}")
        return replace(film, state=State.FAILED, failure=failure, lease_expires_at=0, timeline=timeline)

    return store.change(film_id, step) is not None


def release(film_id: int, version: str, worker: str, *, retry_in: int, reason: str) -> bool:
    """Give the film back after a passing trouble: the watchdog queues it again in `retry_in` seconds.

    Args:
        film_id: Which film.
        version: What the worker claimed.
        worker: Who claimed it.
        retry_in: Seconds.
        reason: A few words for the timeline; no tool's output.

    Returns:
        False: the film is not this worker's any more.
    """

    def step(film: Film) -> Film | None:
        if not _held(film, version, worker):
            return None
        now = clock.now()
        return replace(
            film,
            state=State.QUEUED,
            worker=None,
            lease_expires_at=now.timestamp() + retry_in,
            timeline=extended(film.timeline, now, f"retry: {reason}"),
        )

    return store.change(film_id, step) is not None


def overdue(limit: int = 100) -> list[Film]:
    """Return the unfinished films that nobody works on though somebody should, longest waiting first."""
    return store.overdue(store.WORK, limit)


def given_up(film: Film) -> Failure | None:
    """Return why an overdue film shall fail rather than be queued once more; None: it gets another chance."""
    if film.state is State.UPLOADING:
        return Failure(code="never_uploaded", message="No file was uploaded. Upload it again.", step="upload")
    if film.attempt >= MAX_ATTEMPTS:
        message = "The conversion was interrupted several times. Try again, or upload the film again."
        return Failure(code="worker_lost", message=message, step=_step(film))
    if film.attempt == 0 and film.queued_at and clock.now() - film.queued_at > MAX_WAIT:
        message = "The conversion could not be started. Try again later."
        return Failure(code="never_started", message=message, step="queue")
    return None


def _step(film: Film) -> str:
    return "encode" if film.state is State.ENCODING else "probe" if film.state is State.PROBING else "queue"


def requeue(film: Film) -> bool:
    """Take an overdue film from its lost worker. If this answers True, put a message on the queue.

    Args:
        film: As `overdue` read it; if it changed since, nothing happens.
    """

    def step(current: Film) -> Film | None:
        if current.revision != film.revision:
            return None
        now = clock.now()
        events = ["retried"] if current.attempt else []  # waiting in a long queue is nothing to tell
        return replace(
            current,
            state=State.QUEUED,
            worker=None,
            lease_expires_at=now.timestamp() + QUEUE_PATIENCE,
            timeline=extended(current.timeline, now, *events),
        )

    return store.change(film.id, step) is not None
