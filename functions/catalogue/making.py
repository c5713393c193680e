"""An encoding while it is made: what it will be, and how far each of its chunks is. Gone once it is published.

Many workers write here at the same time, each an item of its own, so that nobody waits for anybody; the film's record
changes only at the turning points (`work`). What is finished here is not made again by the next attempt.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

import msgspec
from pynamodb.expressions.update import Action

from functions.catalogue import writing
from functions.catalogue.film import Film, State
from functions.catalogue.items import AnyItem, MakingItem, film_key, making_key
from functions.catalogue.timestamps import lasting

_ENCODED: Final = 0.98
"""The part of the whole that is done when the last frame is encoded: then come the audit and the playlists."""


@dataclass(frozen=True, kw_only=True)
class DraftRendition:
    """A rendition that is going to be.

    Attributes:
        width: Pixels.
        height: Pixels.
        codecs: RFC 6381 names.
        bandwidth: Bits per second that its peak will not exceed (RFC 8216, 4.3.4.2, BANDWIDTH).
        copied: Whether it is the source's own picture instead of an encoding.
    """

    name: str
    width: int
    height: int
    codecs: str
    bandwidth: int
    copied: bool = False


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What an encoding is going to make.

    Attributes:
        frame_rate: Frames per second, e.g. `24000/1001`.
        frames: How many the film has.
        starts: Number of the first frame of each segment.
        chunks: Number of the first segment of each chunk.
        renditions: Lowest first.
        plan: All of it, as the transcoder reads it.
        take: How many drafts of the version were given up before.
    """

    frame_rate: str
    frames: int
    starts: tuple[int, ...]
    chunks: tuple[int, ...]
    renditions: tuple[DraftRendition, ...]
    plan: dict[str, Any]
    take: int = 0

    @property
    def rate(self) -> float:
        """Frames per second."""
        return float(Fraction(self.frame_rate))

    @property
    def duration(self) -> float:
        """Seconds."""
        return float(self.frames / Fraction(self.frame_rate))

    def segments(self) -> tuple[float, ...]:
        """Return the seconds of each segment, exactly as they will be published."""
        rate = Fraction(self.frame_rate)
        return tuple(lasting(begin, end, rate) for begin, end in pairwise((*self.starts, self.frames)))


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """How far a chunk is.

    Attributes:
        frames: How many are encoded.
        stored: How many segments of each rendition are stored, without a gap.
        made: What the transcoder notes about a finished chunk; None while it is none.
    """

    number: int
    frames: int
    stored: dict[str, int]
    made: dict[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class Making:
    """An encoding: its draft, and its chunks by number as far as somebody began them."""

    draft: Draft
    chunks: Mapping[int, Chunk]

    @property
    def finished(self) -> bool:
        """Whether every chunk is."""
        return all(number in self.chunks and self.chunks[number].made for number in range(len(self.draft.chunks)))

    @property
    def playable(self) -> bool:
        """Whether the beginning of every rendition can be fetched."""
        return all(self.available(made.name) for made in self.draft.renditions)

    def available(self, rendition: str) -> int:
        """Return how many segments of a rendition can be fetched, from the film's first on without a gap."""
        firsts = (*self.draft.chunks, len(self.draft.starts))
        for number in range(len(self.draft.chunks)):
            chunk = self.chunks.get(number)
            stored = 0 if chunk is None else chunk.stored.get(rendition, 0)
            if stored < firsts[number + 1] - firsts[number]:  # the last one may end sooner than its source said
                return firsts[number] + stored
        return len(self.draft.starts)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far something is: `percent` from 0 to 100."""

    percent: float
    state: State


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far a film is.

    Attributes:
        percent: Of the whole.
        renditions: Each of them, by name.
        playable: Whether there is something to play, be it of the version that is encoded or of an earlier one.
    """

    percent: float
    renditions: dict[str, Progress]
    playable: bool


def begin(film_id: int, version: str, draft: Draft, *, instead_of: Draft | None = None) -> Making:
    """Note what is going to be made, unless somebody else was faster.

    Args:
        film_id: Which film.
        version: Which version of it.
        draft: What is going to be made.
        instead_of: The draft that it takes the place of; chunks that were made by that one are forgotten.

    Returns:
        The draft that counts, and what is made of it already.
    """
    known = look(film_id, version)
    if known and (known.draft == draft or known.draft != instead_of):
        return known
    if known:
        forget(film_id, version)
    else:
        _forget_chunks(film_id, version)  # an interrupted `forget` left them
    item = MakingItem(pk=film_key(film_id), sk=_draft_key(version), draft=msgspec.to_builtins(draft))
    if writing.attempt(lambda: item.save(condition=MakingItem.pk.does_not_exist())):
        return Making(draft=draft, chunks={})
    return begin(film_id, version, draft, instead_of=instead_of)


def look(film_id: int, version: str) -> Making | None:
    """Return the encoding of a version (strongly consistent); None: it is not begun, or over."""
    draft: Draft | None = None
    chunks: dict[int, Chunk] = {}
    for item in _items(film_id, version):
        if item.draft is not None:
            draft = msgspec.convert(item.draft, Draft)
        else:
            chunk = _chunk(item)
            chunks[chunk.number] = chunk
    return None if draft is None else Making(draft=draft, chunks=chunks)


def begin_chunk(film_id: int, version: str, number: int, worker: str) -> Chunk | None:
    """Take a chunk to make it; whoever had it learns so at the next word.

    Args:
        film_id: Which film.
        version: Which version of it.
        number: Which chunk.
        worker: A name that no other invocation has.

    Returns:
        The chunk as it is: what whoever had it has stored stays stored. None: it is finished.
    """
    item = MakingItem(pk=film_key(film_id), sk=_chunk_key(version, number))
    frames, stored = MakingItem.frames, MakingItem.stored
    actions: list[Action] = [MakingItem.worker.set(worker), frames.set(frames | 0), stored.set(stored | {})]
    if not writing.attempt(lambda: item.update(actions=actions, condition=MakingItem.made.does_not_exist())):
        return None
    return _chunk(item)


def advance_chunk(
    film_id: int, version: str, number: int, worker: str, *, frames: int, stored: Mapping[str, int]
) -> bool:
    """Say how far a chunk is. False: it is not this worker's any more, or finished."""
    item = _said(film_id, version, number, worker, frames=frames, stored=dict(stored))
    unfinished = MakingItem.made.does_not_exist()  # a word may be late
    return writing.attempt(lambda: item.save(condition=(MakingItem.worker == worker) & unfinished))


def finish_chunk(
    film_id: int,
    version: str,
    number: int,
    worker: str,
    *,
    frames: int,
    stored: Mapping[str, int],
    made: Mapping[str, Any],
) -> bool:
    """Say that a chunk is finished, and what came of it. False: it is not this worker's any more."""
    item = _said(film_id, version, number, worker, frames=frames, stored=dict(stored), made=dict(made))
    # also after an answer that was lost: the same worker may write the same thing again
    return writing.attempt(lambda: item.save(condition=MakingItem.worker == worker))


def forget(film_id: int, version: str) -> None:
    """Remove everything about the encoding of a version; its media stays."""
    # the draft first, by itself: whoever looks meanwhile finds all chunks, or no encoding; and whoever took a chunk
    # while there was a draft loses it
    AnyItem(film_key(film_id), _draft_key(version)).delete()
    _forget_chunks(film_id, version)


def standing(film: Film) -> Standing:
    """Return how far a film is."""
    published = film.published_version is not None
    if film.state is State.READY:
        done = {made.name: Progress(percent=100.0, state=State.READY) for made in film.renditions}
        return Standing(percent=100.0, renditions=done, playable=published)
    making = look(film.id, film.version) if film.state is State.ENCODING else None
    if making is None:
        return Standing(percent=0.0, renditions={}, playable=published)
    return _standing(making, playable=published or making.playable)


def _forget_chunks(film_id: int, version: str) -> None:
    keys = [(item.pk, item.sk) for item in _items(film_id, version) if item.sk != _draft_key(version)]
    with AnyItem.batch_write() as batch:
        for pk, sk in keys:
            batch.delete(AnyItem(pk, sk))


def _standing(making: Making, *, playable: bool) -> Standing:
    draft, chunks = making.draft, making.chunks.values()
    segments = len(draft.starts)
    encoded = min(1.0, sum(chunk.frames for chunk in chunks) / draft.frames)
    stored = {
        made.name: sum(chunk.stored.get(made.name, 0) for chunk in chunks) / segments for made in draft.renditions
    }
    return Standing(
        percent=_percent(_ENCODED * encoded),
        renditions={name: Progress(percent=_percent(part), state=State.ENCODING) for name, part in stored.items()},
        playable=playable,
    )


def _percent(part: float) -> float:
    return round(100 * min(max(part, 0.0), 1.0), 2)


def _items(film_id: int, version: str) -> Iterable[MakingItem]:
    mine = MakingItem.sk.startswith(making_key(version))
    return MakingItem.query(film_key(film_id), mine, consistent_read=True)


def _draft_key(version: str) -> str:
    return f"{making_key(version)}draft"


def _chunk_key(version: str, number: int) -> str:
    return f"{making_key(version)}{number:05d}"


def _said(film_id: int, version: str, number: int, worker: str, **values: Any) -> MakingItem:  # noqa: ANN401 - an item's
    return MakingItem(pk=film_key(film_id), sk=_chunk_key(version, number), worker=worker, **values)


def _chunk(item: MakingItem) -> Chunk:
    return Chunk(
        number=int(item.sk.rpartition("#")[2]),
        frames=int(item.frames or 0),
        stored=dict(item.stored or {}),
        made=item.made,
    )
