"""The steps of the state machine (infra/engine.yaml): prepare, encode a chunk, publish; give up; a poster on demand.

Each may run twice, late, or beside its own double. A step answers normally also when it finds that the film is not
its execution's any more, or cannot be made: that is noted with the film, and the steps that follow find nothing to do.
It raises only what may pass, for the state machine to try again.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from functions import log
from functions.catalogue import layout, making, objects, store, work
from functions.catalogue.film import Film
from functions.settings import current
from functions.transcoding import (
    allowance,
    chunks,
    costs,
    dispatch,
    notify,
    pictures,
    plan,
    posters,
    probe,
    publishing,
    scan,
    sound,
    source,
)
from functions.transcoding.plan import Plan
from functions.transcoding.storage import Shelf
from functions.transcoding.troubles import LeaseLostError, PassingError, RefusedError

_BEAT: Final = 2.0  # seconds between two looks whether the film is still wanted
_RETRY_IN: Final = 60  # seconds until a trouble that several tries did not outlast may have passed


@dataclass(frozen=True, kw_only=True)
class Order:
    """What every step is told.

    Attributes:
        film_id: Which film.
        version: Which version of it; an older one than the film's is left alone.
        execution: On whose behalf.
    """

    film_id: int
    version: str
    execution: str


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """What a step knows of the Lambda that it runs in.

    Attributes:
        worker: A name that no other invocation has.
        deadline: Returns the seconds that are left.
    """

    worker: str
    deadline: Callable[[], float]


def run(event: Mapping[str, Any], invocation: Invocation) -> dict[str, Any]:
    """Run the step that `event` names.

    Raises:
        PassingError: it could not be done now.
        KeyError: there is no such step.
    """
    film = event["film"]
    order = Order(film_id=int(film["film_id"]), version=str(film["version"]), execution=str(film["execution"]))
    began = time.monotonic()
    with log.bound(film_id=order.film_id, version=order.version, execution=order.execution, step=event["step"]):
        answer = _STEPS[event["step"]](order, event, invocation)
        log.info("step_done", seconds=round(time.monotonic() - began, 3))
    return answer


class _Watch:
    """Looks now and then whether the film is still wanted, and whether there is time."""

    def __init__(self, order: Order, invocation: Invocation, step: str) -> None:
        self._order, self._invocation, self._step = order, invocation, step
        self._looked_at = time.monotonic()

    def check(self) -> None:
        """Stop if it is time to.

        Raises:
            RefusedError: the time allowed is over.
            LeaseLostError: the film is not ours any more.
        """
        if self._invocation.deadline() <= 0:
            raise RefusedError("took_too_long", self._step)
        if time.monotonic() - self._looked_at >= _BEAT:
            self._looked_at = time.monotonic()
            if work.wanted(self._order.film_id, self._order.version, self._order.execution) is None:
                raise LeaseLostError


def _guarded(order: Order, action: Callable[[], dict[str, Any]], otherwise: dict[str, Any]) -> dict[str, Any]:
    """Do a step's work; what ends the film for good is noted with it."""
    try:
        return action()
    except RefusedError as refusal:
        _discard(order)
        notify.fail(order.film_id, order.version, refusal, execution=order.execution)
    except LeaseLostError:
        log.info("lease_lost")
    return otherwise


def _discard(order: Order) -> None:
    """Remove what was stored of a version that will not be published, while it is ours."""
    film = work.wanted(order.film_id, order.version, order.execution)
    try:
        if film and film.published_version != order.version:
            objects.delete_prefix(current().media_bucket, layout.version_prefix(order.film_id, order.version))
            making.forget(order.film_id, order.version)
    except (BotoCoreError, ClientError, PynamoDBException, RuntimeError):
        log.exception("media_not_discarded")


def _prepare(order: Order, _event: Mapping[str, Any], invocation: Invocation) -> dict[str, Any]:
    film = work.claim(order.film_id, order.version, order.execution)
    if film is None:
        log.info("nothing_to_claim")
        return {"chunks": []}
    return _guarded(order, lambda: _prepared(film, order, invocation), {"chunks": []})


def _prepared(film: Film, order: Order, invocation: Invocation) -> dict[str, Any]:
    began = time.monotonic()
    watch = _Watch(order, invocation, probe.STEP)
    opened = source.of_object(current().uploads_bucket, film.source.key, seconds=invocation.deadline() + 60)
    info = probe.probe(opened, watch.check)
    kept = making.look(film.id, film.version)
    if kept is None:
        allowance.count(film.owner_id, info.duration, probe.STEP)
    draft = chunks.draft(_planned(kept, info, opened, watch))
    known = making.begin(film.id, film.version, draft, instead_of=kept.draft if kept else None)
    planned = chunks.plan_of(known.draft)  # of two who plan at the same time, one's counts
    numbers = range(len(planned.chunks))
    left = [number for number in numbers if number not in known.chunks or not known.chunks[number].made]
    event = f"encoding: {len(numbers)} chunks" if len(numbers) > 1 else "encoding"
    height = round(plan.shown_size(info.picture)[1])
    if not work.encoding(film.id, film.version, order.execution, height=height, event=event):
        raise LeaseLostError
    _poster(film, planned, opened, watch)
    if planned.sound.once and left:
        sound.make(planned, opened, Shelf(film.id, film.version), watch.check)
    seconds = time.monotonic() - began
    log.metrics("prepared", prepare_seconds=round(seconds, 3), chunks=len(left))
    return {"chunks": left, "gb_seconds": costs.gb_seconds(seconds)}


def _planned(kept: making.Making | None, info: probe.SourceInfo, opened: source.Input, watch: _Watch) -> Plan:
    upscale, largest = current().autotranscode_policy == "relaxed", current().largest_rung
    if kept:
        # whether to copy was decided by an earlier attempt, and what it made depends on that
        earlier, anew = chunks.plan_of(kept.draft), plan.make(info, upscale=upscale, largest=largest)
        if earlier.without_copies().renditions == anew.renditions:
            return earlier
    take = kept.draft.take + 1 if kept else 0
    planned = scan.planned(opened, info, upscale=upscale, largest=largest, check=watch.check)
    return dataclasses.replace(planned, take=take)


def _poster(film: Film, planned: Plan, opened: source.Input, watch: _Watch) -> None:
    # a wish that the source does not meet, as it may for a picture that is held at its end, is met after publishing
    for at in dict.fromkeys((film.poster_at, None)):
        drawn = pictures.of_source(planned, opened, watch.check, at=at)
        if drawn:
            posters.keep(Shelf(film.id, film.version), at, drawn)
            return


def _encode(order: Order, event: Mapping[str, Any], invocation: Invocation) -> dict[str, Any]:
    film = work.wanted(order.film_id, order.version, order.execution)
    if film is None:
        log.info("not_wanted")
        return {}
    watch = _Watch(order, invocation, "encode")
    task = chunks.Task(film=film, number=int(event["chunk"]), worker=invocation.worker)
    return _guarded(order, lambda: _encoded(task, order, invocation, watch), {})


def _encoded(task: chunks.Task, order: Order, invocation: Invocation, watch: _Watch) -> dict[str, Any]:
    try:
        return chunks.make(task, seconds=invocation.deadline(), check=watch.check)
    except LeaseLostError:
        if work.wanted(order.film_id, order.version, order.execution) and _is_nobodys(order, task.number):
            # another worker gave up copying, and with that all chunks that were begun: this one is to be made anew
            raise PassingError("the chunk is to be made by another plan") from None
        raise


def _is_nobodys(order: Order, number: int) -> bool:
    known = making.look(order.film_id, order.version)
    return known is None or number not in known.chunks


def _publish(order: Order, event: Mapping[str, Any], _invocation: Invocation) -> dict[str, Any]:
    spent = float(event.get("prepared", {}).get("gb_seconds", 0))
    answer = _guarded(order, lambda: publishing.publish(order.film_id, order.version, order.execution, spent=spent), {})
    dispatch.ended(order.execution)
    notify.of_end(order.film_id)
    return answer


def _give_up(order: Order, event: Mapping[str, Any], _invocation: Invocation) -> dict[str, Any]:
    """Several tries did not help: the film waits for its next attempt, or fails if that was the last."""
    # the error's name only: its text may hold anything
    log.warning("given_up", error=str(event.get("error", {}).get("Error", "unknown")))
    film = store.get(order.film_id)
    if film and film.version == order.version and film.execution == order.execution and not film.state.finished:
        failure = work.given_up(film)
        if failure:
            notify.fail(order.film_id, order.version, failure, execution=order.execution)
        else:
            work.release(order.film_id, order.version, order.execution, retry_in=_RETRY_IN, reason="a passing trouble")
    dispatch.ended(order.execution)
    notify.of_end(order.film_id)
    return {}


def _draw_poster(order: Order, event: Mapping[str, Any], invocation: Invocation) -> dict[str, Any]:
    def check() -> None:
        if invocation.deadline() <= 0:
            raise PassingError("no time is left")

    seconds = event["seconds"]
    posters.make(order.film_id, order.version, None if seconds is None else float(seconds), check)
    return {}


_STEPS: Final[Mapping[str, Callable[[Order, Mapping[str, Any], Invocation], dict[str, Any]]]] = {
    "prepare": _prepare,
    "encode": _encode,
    "publish": _publish,
    "give_up": _give_up,
    "poster": _draw_poster,
}
