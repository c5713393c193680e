"""A chunk of a film, made by one worker: encoded, stored while it is encoded, checked as it lies there, noted."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import msgspec

from functions import log
from functions.catalogue import layout, making, objects
from functions.catalogue.film import BOARD_COLUMNS, BOARD_ROWS, Film
from functions.catalogue.making import Draft, DraftRendition
from functions.settings import current
from functions.transcoding import audit, command, costs, encode, measure, sound, source
from functions.transcoding.encode import Reached, Segments
from functions.transcoding.plan import Chunk, Plan
from functions.transcoding.storage import Shelf
from functions.transcoding.troubles import LeaseLostError, PassingError, RefusedError

_BEAT: Final = 2.0  # seconds between two words about progress

# What copied packets may be to blame for: they do not decode, ffmpeg cannot pass them on, some are missing, or they are
# not cut, so that a file grows to its limit. What else a chunk is refused for would only come again, and later.
_COPYING: Final = frozenset({"audit_failed", "broken", "too_heavy", "truncated"})


@dataclass(frozen=True, kw_only=True)
class Task:
    """Which chunk of which film, and who makes it (a name that no other invocation has)."""

    film: Film
    number: int
    worker: str


@dataclass(frozen=True, kw_only=True)
class Made:
    """What is noted of a finished chunk.

    Attributes:
        renditions: Seconds and bytes of each segment.
        sheets: File name of each sheet of the storyboard, and how many pictures it holds.
        gb_seconds: What Lambda charges for it.
    """

    renditions: dict[str, Segments]
    sheets: list[tuple[str, int]]
    gb_seconds: float


def draft(plan: Plan) -> Draft:
    """Return a plan as it is kept while it is carried out."""
    return Draft(
        frame_rate=str(plan.frame_rate),
        frames=plan.frames,
        starts=plan.starts,
        chunks=plan.chunks,
        renditions=tuple(
            DraftRendition(
                name=each.name,
                width=each.width,
                height=each.height,
                codecs=each.codecs,
                bandwidth=measure.bound(plan, each),
                copied=each.copied is not None,
            )
            for each in reversed(plan.renditions)
        ),
        # as JSON gives it back, so that a plan that was kept equals one that is made anew
        plan=msgspec.json.decode(msgspec.json.encode(plan, enc_hook=str)),
        take=plan.take,
    )


def plan_of(kept: Draft) -> Plan:
    """Return the plan that a draft keeps."""
    return msgspec.convert(kept.plan, Plan, dec_hook=lambda _type, text: Fraction(text))


def make(task: Task, *, seconds: float, check: Callable[[], None]) -> dict[str, Any]:
    """Make a chunk, unless it is finished.

    Args:
        task: Which one.
        seconds: How long the source has to stay readable.
        check: Called several times a second; what it raises ends the work.

    Raises:
        RefusedError: the film cannot be made.
        PassingError: it cannot be made now.
        LeaseLostError: somebody else makes it, or nobody needs it any more.
    """
    film, began = task.film, time.monotonic()
    taken = making.begin_chunk(film.id, film.version, task.number, task.worker)
    if taken is None:
        log.info("chunk_was_finished", chunk=task.number)
        return {}
    # not before the chunk is ours: from here on whoever gives the plan up takes the chunk away from us
    known = making.look(film.id, film.version)
    if known is None:
        # somebody is giving the plan up, and may not have seen that we took the chunk: nobody else would make it
        raise PassingError("there is no plan at this moment")
    plan = plan_of(known.draft)
    chunk = plan.chunk(task.number)
    shelf = Shelf(film.id, film.version)
    words = _Words(task, taken, check)
    opened = source.of_object(current().uploads_bucket, film.source.key, seconds=seconds + 60)
    heard = _sound(film, plan, chunk, seconds)
    try:
        made = encode.encode(plan, chunk, opened, _storing(shelf, plan, chunk), words.reached, sound=heard)
        encoded = time.monotonic()
        audit.chunk(plan, chunk, made, shelf, check)
    except RefusedError as refusal:
        if plan.encoded == plan.renditions or refusal.code not in _COPYING:
            raise
        # damage that decoders get over, but that is not to be handed on: from here on the film is encoded as a whole
        log.warning("copy_given_up", chunk=task.number, code=refusal.code)
        making.begin(film.id, film.version, draft(plan.without_copies()), instead_of=known.draft)
        raise PassingError("the source's own packets did not pass") from None
    gb_seconds = costs.gb_seconds(time.monotonic() - began)
    words.finished(chunk, Made(renditions=made, sheets=_sheets(plan, chunk), gb_seconds=gb_seconds))
    log.metrics(
        "chunk_made",
        encode_seconds=round(encoded - began, 3),
        audit_seconds=round(time.monotonic() - encoded, 3),
        film_seconds=round(plan.seconds(chunk.end - chunk.begin), 3),
        stored_bytes=sum(sum(each.sizes) for each in made.values()),
    )
    return {}


def read(kept: Mapping[str, Any]) -> Made:
    """Return what was noted of a finished chunk."""
    return msgspec.convert(kept, Made)


def _sound(film: Film, plan: Plan, chunk: Chunk, seconds: float) -> source.Input | None:
    if not plan.sound.once:
        return None
    key = layout.sound_key(film.id, film.version, sound.cut(plan), chunk.number)
    if objects.head(current().media_bucket, key) is None:
        raise PassingError("the sound is not there")  # ffmpeg would say that of the film
    return source.of_sound(current().media_bucket, key, seconds=seconds + 60)


def _storing(shelf: Shelf, plan: Plan, chunk: Chunk) -> Callable[[str, Path], None]:
    def store(folder: str, file: Path) -> None:
        if folder == command.BOARD:
            shelf.put_picture(layout.board_name(chunk.number, int(file.stem)), file.read_bytes())
        else:
            shelf.put_segment(layout.rendition_folder(folder, plan.take), file)

    return store


def _sheets(plan: Plan, chunk: Chunk) -> list[tuple[str, int]]:
    """Return the sheets that the storyboard of a chunk has: how many pictures fall into it is plain arithmetic."""
    full, step = BOARD_COLUMNS * BOARD_ROWS, plan.board.step
    pictures = -(-chunk.end // step) - -(-chunk.begin // step)
    return [
        (layout.board_name(chunk.number, number), min(full, pictures - number * full))
        for number in range(-(-pictures // full))
    ]


class _Words:
    """Says how far a chunk is, not too often, and never less than whoever had it before has said."""

    def __init__(self, task: Task, taken: making.Chunk, check: Callable[[], None]) -> None:
        self._task, self._check = task, check
        self._told_at = time.monotonic()
        self._frames, self._stored = taken.frames, taken.stored

    def reached(self, reached: Reached) -> None:
        """Take a word of the encoder's."""
        self._check()
        # a rendition's first segment is worth a word of its own: somebody may be waiting for it
        news = any(count and not self._stored.get(name) for name, count in reached.stored.items())
        if not news and time.monotonic() - self._told_at < _BEAT:
            return
        self._told_at = time.monotonic()
        # a viewer's playlist must not lose a segment that it had: the same one lies there until it is written again
        self._frames = max(self._frames, reached.frames)
        self._stored = {name: max(count, self._stored.get(name, 0)) for name, count in reached.stored.items()}
        task = self._task
        if not making.advance_chunk(
            task.film.id, task.film.version, task.number, task.worker, frames=self._frames, stored=self._stored
        ):
            raise LeaseLostError

    def finished(self, chunk: Chunk, made: Made) -> None:
        """Note that the chunk is finished."""
        task = self._task
        stored = {name: len(segments.sizes) for name, segments in made.renditions.items()}
        if not making.finish_chunk(
            task.film.id,
            task.film.version,
            task.number,
            task.worker,
            frames=chunk.end - chunk.begin,
            stored=stored,
            made=msgspec.to_builtins(made),
        ):
            raise LeaseLostError
