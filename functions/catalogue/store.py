"""Films in DynamoDB: read, created, changed and removed by conditional writes. Others decide what a film becomes.

Two writers may meet on one film at any time (an event and its duplicate, a worker and the watchdog, an owner's edit).
Each reads the film, makes the next one of it and writes that under the condition that nobody wrote in between
(`revision`); the loser reads again and decides anew. A film and its list entries change in one transaction.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import msgspec
from pynamodb.expressions.update import Action

from functions.catalogue import clock, notes, versions, word_index, writing
from functions.catalogue.film import Film, Listing, Source, State
from functions.catalogue.items import (
    RECORD,
    AnyItem,
    CounterItem,
    FilmItem,
    NoteItem,
    ShelfItem,
    SourceItem,
    film_item,
    film_key,
    film_of,
    retired_key,
    shelf_items,
    source_key,
)
from functions.errors import ConflictError

WORK: Final = "work"
QUEUE: Final = "queue"
DELETION: Final = "deletion"
_RETIRED: Final = "media"
_REPLACED: Final = "replaced"
FAILED: Final = "failed"

_TRIES: Final = 20
_TOMBSTONE_SECONDS: Final = 15 * 24 * 3600  # longer than an event waits, as a dead letter or not (14 days and hours)
_REPLACED_SECONDS: Final = 60  # in which whoever replaced a file deletes it
_COUNTER: Final = ("counter", "films")
_BATCH: Final = 100  # items in one BatchGetItem


@dataclass(frozen=True)
class Ownership:
    """Whose an uploaded key is: the film's id and, if that film was deleted, the source that it had, and since when.

    Of a key that the server chose, `spent` says that its file has arrived, or that its upload was cancelled. `left` is
    the last source that the film had here before it got one under another key, also if it came back since.
    """

    film_id: int
    deleted: Source | None
    spent: bool = False
    left: Source | None = None
    deleted_at: datetime | None = None


def _read(film_id: int) -> FilmItem | None:
    try:
        return FilmItem.get(film_key(film_id), RECORD, consistent_read=True)
    except FilmItem.DoesNotExist:
        return None


def get(film_id: int) -> Film | None:
    """Return the film as it is now (strongly consistent), or None if there is none or it is being deleted."""
    item = _read(film_id)
    return film_of(item) if item and item.unfinished != DELETION else None


def get_all(film_ids: Iterable[int]) -> Iterator[Film]:
    """Yield films as `get` returns them, in this order and without those that are not there; reads a hundred a call."""
    ids = iter(film_ids)
    while some := list(itertools.islice(ids, _BATCH)):
        items = _existing(some)
        there = [film_id for film_id in some if film_id in items and items[film_id].unfinished != DELETION]
        yield from (film_of(items[film_id]) for film_id in there)


def _existing(film_ids: list[int]) -> dict[int, FilmItem]:
    found = FilmItem.batch_get([(film_key(film_id), RECORD) for film_id in film_ids], consistent_read=True)
    return {int(item.id): item for item in found}


def all_films() -> Iterator[Film]:
    """Yield every film, by id. For operators: reads the whole catalogue."""
    yield from get_all(range(1, last_id() + 1))


def last_id() -> int:
    """Return the last film id that was given, 0 if none was."""
    try:
        return int(CounterItem.get(*_COUNTER, consistent_read=True).last)
    except CounterItem.DoesNotExist:
        return 0


def skip_to(film_id: int) -> None:
    """Give only ids above `film_id` from now on, if that is not so already."""
    lower = CounterItem.last.does_not_exist() | (CounterItem.last < film_id)
    counter = CounterItem(*_COUNTER)
    writing.attempt(lambda: counter.update(actions=[CounterItem.last.set(film_id)], condition=lower))


def next_id() -> int:
    """Return a film id that nobody else gets."""
    counter = CounterItem(*_COUNTER)
    counter.update(actions=[CounterItem.last.add(1)])
    return int(counter.last)


def ownership(key: str) -> Ownership | None:
    """Return whose the uploaded object `key` is."""
    try:
        item = SourceItem.get(source_key(key), RECORD, consistent_read=True)
    except SourceItem.DoesNotExist:
        return None
    deleted, left = _source(item.deleted_source), _source(item.left_source)
    spent = item.arrived is not None or bool(item.cancelled)
    return Ownership(int(item.film_id), deleted, spent=spent, left=left, deleted_at=item.deleted_at)


def _source(kept: object) -> Source | None:
    return msgspec.convert(kept, Source) if kept else None


def own(key: str, film_id: int) -> bool:
    """Give a key that nobody has to a film; what is uploaded there becomes its content. False: somebody has it."""
    item = SourceItem(pk=source_key(key), film_id=film_id)
    return writing.attempt(lambda: item.save(condition=SourceItem.pk.does_not_exist()))


def disown(key: str, film_id: int) -> None:
    """Free a key that belongs to a film which is no more (and left no tombstone there)."""
    theirs = (SourceItem.film_id == film_id) & SourceItem.deleted_source.does_not_exist()
    writing.attempt(lambda: SourceItem(pk=source_key(key), sk=RECORD).delete(condition=theirs))


def _unfinished(film: Film) -> str | None:
    if film.state is State.FAILED:
        return FAILED
    if film.state is State.QUEUED and film.execution is None:
        return QUEUE
    return WORK if film.lease_expires_at and not film.state.finished else None


def create(film: Film) -> bool:
    """Store a new film, its list entries and the ownership of its source's key.

    Returns:
        False, and nothing stored, if the key belongs to a film already.
    """

    def write() -> None:
        with writing.transaction() as transaction:
            transaction.save(film_item(film, unfinished=_unfinished(film)), condition=FilmItem.pk.does_not_exist())
            transaction.save(
                SourceItem(pk=source_key(film.source.key), film_id=film.id),
                condition=SourceItem.pk.does_not_exist() | SourceItem.deleted_source.exists(),
            )
            for entry in shelf_items(film):
                transaction.save(entry)

    if word_index.store(None, film, lambda: writing.attempt(write)):
        return True
    if _read(film.id) is None:
        _delete_others(film.id)  # its words: nobody else ever gets this id
    return False


def _listing(film: Film) -> tuple[object, ...]:
    return tuple(getattr(film, name) for name in Listing.__dataclass_fields__)


def _retired(before: Film, after: Film) -> list[NoteItem]:
    now = clock.now().timestamp()
    return [
        NoteItem(pk=film_key(after.id), sk=retired_key(version), unfinished=_RETIRED, lease_expires_at=now + stays)
        for version, stays in versions.left(before, after).items()
    ]


def _replace(before: Film, after: Film, *, telling: bool = False) -> bool:
    item = film_item(after, unfinished=_unfinished(after))
    unchanged = FilmItem.revision == before.revision
    entries = [] if _listing(before) == _listing(after) else shelf_items(after)
    others = [*entries, *_retired(before, after)]
    left = before.source if before.source.key != after.source.key and before.source.etag else None
    if telling:
        others.append(notes.note(after.id, notes.TELLING, within=notes.TELLING_SECONDS))
    if not others and left is None:
        return writing.attempt(lambda: item.save(condition=unchanged))

    def write() -> None:
        with writing.transaction() as transaction:
            transaction.save(item, condition=unchanged)
            for other in others:
                transaction.save(other)
            if left:
                transaction.update(SourceItem(pk=source_key(left.key)), actions=_leaving(left))

    return word_index.store(before, after, lambda: writing.attempt(write))


def _leaving(source: Source) -> list[Action]:
    return [
        SourceItem.left_source.set(msgspec.to_builtins(source)),
        SourceItem.unfinished.set(_REPLACED),
        SourceItem.lease_expires_at.set(clock.now().timestamp() + _REPLACED_SECONDS),
    ]


def change(film_id: int, step: Callable[[Film], Film | None], *, telling: bool = False) -> Film | None:
    """Make the next film out of the present one, and store it if nobody was faster; else ask `step` again.

    Args:
        film_id: Which film.
        step: Pure: gets the film, answers what it becomes, or None to leave it. May be asked several times.
        telling: Whether the film's owner is to be told of it, which is noted in the same write (`notes.TELLING`).

    Returns:
        The film as stored, or None if there is none or `step` left it.

    Raises:
        ConflictError: others kept writing; try later.
    """
    for _ in range(_TRIES):
        before = get(film_id)
        after = step(before) if before else None
        if before is None or after is None or after == before:
            return after
        if not before.state.may_become(after.state):
            raise AssertionError(f"{before.state} must not become {after.state}")
        after = replace(after, revision=before.revision + 1)
        if _replace(before, after, telling=telling):
            return after
    raise ConflictError("The video is being changed. Try again.")


def overdue(kind: str, limit: int) -> list[Film]:
    """Return the films that wait for somebody (`WORK`, `QUEUE`, `DELETION`) and whose time is over, oldest first."""
    now = clock.now().timestamp()
    ids = [film_id for film_id, _ in notes.due(kind, now, limit)]
    items = _existing(ids)  # the index may be behind: the item itself decides
    return [
        film_of(items[film_id])
        for film_id in ids
        if film_id in items and items[film_id].unfinished == kind and items[film_id].lease_expires_at <= now
    ]


def failed(limit: int | None = None) -> list[Film]:
    """Return the films that failed, latest first; at most `limit`."""
    ids = [int(item.pk.partition("#")[2]) for item in _failed_keys(limit)]
    items = _existing(ids)
    return [film_of(items[film_id]) for film_id in ids if film_id in items and items[film_id].unfinished == FAILED]


def _failed_keys(limit: int | None) -> Iterator[FilmItem]:
    return FilmItem.by_lease.query(FAILED, scan_index_forward=False, limit=limit)


def retired(limit: int) -> list[tuple[int, str]]:
    """Return films and their versions whose media has been left for long enough to be removed, oldest first."""
    due = notes.due(_RETIRED, clock.now().timestamp(), limit)
    return [(film_id, sk.removeprefix(retired_key(""))) for film_id, sk in due]


def expect_retirement(film_id: int, version: str, *, due: float) -> None:
    """Note before a version is stored that it is to be removed at `due` (epoch seconds), unless it is served by then.

    What is stored before the film names it could else be forgotten in between.
    """
    NoteItem(pk=film_key(film_id), sk=retired_key(version), unfinished=_RETIRED, lease_expires_at=round(due)).save()


def is_retired(film_id: int, version: str) -> bool:
    """Whether it is noted that a version's media is to be removed."""
    return notes.stands(film_id, retired_key(version))


def may_go(film_id: int, version: str, now: float) -> bool:
    """Whether a version's media has been left for long enough; `retired`, which says so first, may be behind."""
    return notes.is_due(film_id, retired_key(version), now)


def forget_retired(film_id: int, version: str, *, until: float) -> None:
    """Take the note away that a version is to be removed, unless it was left anew, with a time after `until`."""
    notes.forget(film_id, retired_key(version), until=until)


def replaced(limit: int) -> list[tuple[int, Source]]:
    """Return the sources that films left for others under other keys and that may be there still, oldest first."""
    now = clock.now().timestamp()
    keys = [key for key, _ in notes.due_items(_REPLACED, now, limit)]
    return [(owned.film_id, owned.left) for owned in map(ownership, keys) if owned and owned.left]


def forget_replaced(key: str, *, until: float) -> None:
    """Take the note away that a source was left at a key, unless another was, with a time after `until`."""
    item, old = SourceItem(pk=source_key(key)), SourceItem.lease_expires_at <= until
    done: list[Action] = [SourceItem.unfinished.remove(), SourceItem.lease_expires_at.remove()]
    writing.attempt(lambda: item.update(done, condition=old))


def begin_deletion(film_id: int, *, resume_at: float, after_work: float = 0) -> Film | None:
    """Take a film out of every list and away from its worker; only its record is left, for `end_deletion`.

    Its key becomes free, but a late event of the deleted source brings nothing back.

    Args:
        film_id: Which film.
        resume_at: Epoch seconds at which `overdue(DELETION)` names it, if this deletion was interrupted.
        after_work: Seconds more that a film in work waits, for its worker's end.

    Returns:
        The film as it was, also when an earlier deletion had begun; None if there is none.
    """
    for _ in range(_TRIES):
        item = _read(film_id)
        if item is None:
            return None
        film = film_of(item)
        waits = after_work if film.state.in_work else 0
        if item.unfinished == DELETION or _hide(film, resume_at + waits):
            return film
    raise ConflictError("The video is being changed. Try again.")


def _hide(film: Film, resume_at: float) -> bool:
    gone: list[Action] = [
        FilmItem.unfinished.set(DELETION),
        FilmItem.lease_expires_at.set(resume_at),
        FilmItem.revision.set(film.revision + 1),
    ]
    now = clock.now()
    tombstone = SourceItem(
        pk=source_key(film.source.key),
        film_id=film.id,
        deleted_source=msgspec.to_builtins(film.source),
        deleted_at=now,
        expires_at=int(now.timestamp()) + _TOMBSTONE_SECONDS,
    )

    def write() -> None:
        with writing.transaction() as transaction:
            transaction.update(FilmItem(film_key(film.id), RECORD), gone, condition=FilmItem.revision == film.revision)
            transaction.save(tombstone)
            for entry in shelf_items(film):
                transaction.delete(ShelfItem(pk=entry.pk, sk=entry.sk))

    return writing.attempt(write)


def end_deletion(film_id: int) -> None:
    """Remove the record of a film whose objects are gone, and before it whatever else is kept about the film."""
    record = _read(film_id)
    if record is None or record.unfinished != DELETION:
        return
    _delete_others(film_id)
    writing.attempt(lambda: FilmItem(pk=film_key(film_id), sk=RECORD).delete(condition=FilmItem.unfinished == DELETION))


def _delete_others(film_id: int) -> None:
    """Delete every item about a film but its record, and what leads to media that a late worker may still store."""
    items = AnyItem.query(film_key(film_id), consistent_read=True)
    others = [item for item in items if item.sk != RECORD and not item.sk.startswith(retired_key(""))]
    with AnyItem.batch_write() as batch:
        for item in others:
            batch.delete(item)
