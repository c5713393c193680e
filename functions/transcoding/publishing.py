"""The last step: what all chunks made becomes one film, is checked as a whole, and is given to viewers."""

from __future__ import annotations

import time
from itertools import chain, product
from typing import TYPE_CHECKING, Any

from functions import log
from functions.catalogue import clock, layout, making, objects, store, work
from functions.catalogue.film import Audit, Cost, Rendition, Storyboard
from functions.delivery import playlists
from functions.settings import current
from functions.transcoding import audit, chunks, costs, dispatch, ladder, measure
from functions.transcoding.storage import Shelf
from functions.transcoding.troubles import LeaseLostError, PassingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from functions.catalogue.film import Film
    from functions.catalogue.making import Making
    from functions.transcoding.chunks import Made
    from functions.transcoding.plan import Plan


def publish(film_id: int, version: str, execution: str, *, spent: float) -> dict[str, Any]:
    """Publish a film whose chunks are finished. Doing it again finishes what was interrupted.

    Args:
        film_id: Which film.
        version: Which version of it.
        execution: Who has it.
        spent: GB-seconds of the steps before, chunks left out.

    Raises:
        RefusedError: what was made is not as it should be.
        PassingError: chunks are missing, or storage did not answer.
        LeaseLostError: the film is not this execution's any more.
    """
    film = store.get(film_id)
    if film is None or not work.is_published(film, version, execution):
        film = _published(film_id, version, execution, spent)
    dispatch.poster(film)  # its owner may have wished for another one meanwhile
    making.forget(film_id, version)
    return {}


def _published(film_id: int, version: str, execution: str, spent: float) -> Film:
    began = time.monotonic()
    if work.wanted(film_id, version, execution) is None:
        raise LeaseLostError
    known = making.look(film_id, version)
    if known is None or not known.finished:
        raise PassingError("not every chunk is finished")
    outcome = _outcome(film_id, version, known, lambda: spent + costs.gb_seconds(time.monotonic() - began))
    film = work.publish(film_id, version, execution, outcome)
    if film is None:
        raise LeaseLostError
    waited = (clock.now() - film.queued_at).total_seconds() if film.queued_at else 0.0
    log.metrics(
        "film_ready",
        ready_seconds=round(waited, 3),
        film_seconds=outcome.duration,
        gb_seconds_total=round(outcome.cost.gb_seconds, 3),
        stored_bytes=outcome.cost.bytes,
        chunks=len(known.chunks),
    )
    return film


def _outcome(film_id: int, version: str, known: Making, spent: Callable[[], float]) -> work.Outcome:
    plan = chunks.plan_of(known.draft)
    parts = [chunks.read(known.chunks[number].made or {}) for number in range(len(plan.chunks))]
    renditions = _renditions(plan, parts)
    shelf = Shelf(film_id, version)
    for made in renditions:
        names = map(layout.segment_name, range(len(made.segments)))
        shelf.put_playlist(made.folder, playlists.complete(made.segments, names))
    objects.delete_prefix(current().media_bucket, layout.sound_prefix(film_id, version))
    _forget_earlier_takes(film_id, version, plan.take)
    stored = _stored(film_id, version)
    sizes = {made.name: _sizes(stored, film_id, version, made) for made in renditions}
    audit.film(renditions, sizes)
    pictures = {key.removeprefix(layout.version_prefix(film_id, version)) for key in stored}
    thumbnail = next((name for name in sorted(pictures) if name.startswith("thumbnail")), None)
    return work.Outcome(
        renditions=renditions,
        thumbnail=thumbnail,
        poster=layout.poster_name(thumbnail) if thumbnail else None,
        storyboard=_storyboard(plan, parts, pictures),
        duration=round(max(sum(made.segments) for made in renditions), 6),
        audit=Audit(
            at=clock.now(), segments=sum(map(len, sizes.values())), seconds=round(sum(renditions[0].segments), 6)
        ),
        cost=_cost(parts, stored, spent()),
    )


def _forget_earlier_takes(film_id: int, version: str, take: int) -> None:
    """Remove what was made by plans that were given up: since then, viewers have been given nothing of it."""
    for earlier, rung in product(range(take), ladder.LADDER):
        folder = layout.rendition_folder(rung.name, earlier)
        objects.delete_prefix(current().media_bucket, layout.rendition_prefix(film_id, version, folder))


def _renditions(plan: Plan, parts: list[Made]) -> tuple[Rendition, ...]:
    return tuple(
        measure.rendition(
            plan,
            made,
            list(chain.from_iterable(part.renditions[made.name].durations for part in parts)),
            list(chain.from_iterable(part.renditions[made.name].sizes for part in parts)),
        )
        for made in reversed(plan.renditions)
    )


def _storyboard(plan: Plan, parts: list[Made], stored: set[str]) -> Storyboard:
    return Storyboard(
        interval=plan.seconds(plan.board.step),
        width=plan.board.width,
        height=plan.board.height,
        # a source that is shorter than it said has no last one
        sheets=tuple(sheet for part in parts for sheet in part.sheets if sheet[0] in stored),
    )


def _stored(film_id: int, version: str) -> dict[str, int]:
    found = objects.listed(current().media_bucket, layout.version_prefix(film_id, version))
    return {stored.key: stored.size for stored in found}


def _sizes(stored: dict[str, int], film_id: int, version: str, made: Rendition) -> list[int]:
    names = map(layout.segment_name, range(len(made.segments)))
    return [stored.get(layout.segment_key(film_id, version, made.folder, name), 0) for name in names]


def _cost(parts: list[Made], stored: dict[str, int], spent: float) -> Cost:
    gb_seconds = sum(part.gb_seconds for part in parts) + spent
    calls = 2 + len(parts)
    return Cost(
        gb_seconds=round(gb_seconds, 3),
        chunks=len(parts),
        requests=calls + len(stored),
        bytes=sum(stored.values()),
        usd=costs.usd(gb_seconds=gb_seconds, calls=calls, puts=len(stored), chunks=len(parts)),
    )
