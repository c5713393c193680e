"""Notes that a film is to be looked after at a certain time, whatever becomes of who wrote them.

Each is an item of its own in the index `unfinished`, one of a kind a film, until it is forgotten. The watchdog acts on
those that are due. A note of the kind `LEFT` is about a person instead, by their id.
"""

from collections.abc import Callable
from typing import Final

from functions import turns
from functions.catalogue import clock, writing
from functions.catalogue.items import FilmItem, NoteItem, film_key

POSTER: Final = "poster"
"""The owner wishes for a poster, or is about to, and it may not be drawn yet."""
TELLING: Final = "telling"
"""The film has ended, and its owner is to be told."""
LEFT: Final = "left"
"""Somebody's account is gone, and what a call that was under way stored for them is to go as well."""
TELLING_SECONDS: Final = 10
"""Seconds after its end in which a film's owner is told, else somebody sees to it: telling twice is telling once."""


def note(film_id: int, kind: str, *, within: float) -> NoteItem:
    """Return the note that somebody looks after a film in `within` seconds, to be written with something else."""
    at = clock.now().timestamp() + within
    return NoteItem(pk=_key(film_id, kind), sk=kind, unfinished=kind, lease_expires_at=at)


def write(film_id: int, kind: str, *, within: float) -> None:
    """Note that somebody looks after a film in `within` seconds."""
    note(film_id, kind, within=within).save()


def stands(film_id: int, kind: str) -> bool:
    """Whether there is such a note, due or not."""
    return _read(film_id, kind) is not None


def is_due(film_id: int, kind: str, now: float) -> bool:
    """Whether the time of such a note is over. The index that says so first may be behind: it was written anew."""
    item = _read(film_id, kind)
    return item is not None and item.lease_expires_at <= now


def _read(film_id: int, kind: str) -> NoteItem | None:
    try:
        return NoteItem.get(_key(film_id, kind), kind, consistent_read=True)
    except NoteItem.DoesNotExist:
        return None


def forget(film_id: int, kind: str, *, until: float) -> None:
    """Take a note away, unless one was written meanwhile for a time after `until` (epoch seconds)."""
    old = NoteItem.lease_expires_at <= until
    writing.attempt(lambda: NoteItem(pk=_key(film_id, kind), sk=kind).delete(condition=old))


def see_to(kind: str, action: Callable[[int], None], limit: int = 100) -> None:
    """Call `action` with each film of which such a note is due, oldest first, and forget the note.

    Raises:
        TurnsError: that raised for some; they stay noted, and held up no other.
    """
    now = clock.now().timestamp()

    def see_to_one(film_id: int) -> None:
        action(film_id)
        forget(film_id, kind, until=now)

    noted = [film_id for film_id, _ in due(kind, now, limit)]
    about = "person_id" if kind == LEFT else "film_id"
    turns.each(noted, see_to_one, failure="note_not_seen_to", facts=lambda number: {about: number, "kind": kind})


def due(kind: str, now: float, limit: int) -> list[tuple[int, str]]:
    """Return film ids and sort keys of the items of a kind whose time is over, oldest first."""
    return [(int(name), sk) for name, sk in due_items(kind, now, limit)]


def due_items(kind: str, now: float, limit: int) -> list[tuple[str, str]]:
    """Return what `due` does of items that are not about a film by its id: what their partition keys name."""
    items = FilmItem.by_lease.query(kind, FilmItem.lease_expires_at <= now, limit=limit)
    return [(item.pk.partition("#")[2], item.sk) for item in items]


def _key(number: int, kind: str) -> str:
    return f"left#{number}" if kind == LEFT else film_key(number)
