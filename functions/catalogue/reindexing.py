"""List entries and search words that a film should have and has not: it was stored before they existed.

For operators. Whatever changes a film meanwhile wins: words are put only where there are none, and the entries are
written in one transaction that holds only if the film is still the one that was read. Else the film is looked at anew.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from functions.catalogue import store, word_index, writing
from functions.catalogue.film import Film
from functions.catalogue.items import RECORD, FilmItem, ShelfItem, film_key, shelf_items
from functions.errors import ConflictError

_TRIES: Final = 5


@dataclass(frozen=True, kw_only=True)
class Gap:
    """What is wrong with what leads to a film.

    Attributes:
        entries: List entries that are missing or say something else than the film.
        missing: Words that do not lead to the film.
        left: Words that lead to it and stand in neither title nor description.
    """

    film: Film
    entries: tuple[ShelfItem, ...]
    missing: tuple[str, ...]
    left: tuple[str, ...]


def gap(film: Film) -> Gap | None:
    """Compare a film with what leads to it; None: all is as it should be."""
    kept = ShelfItem.query(film_key(film.id), ShelfItem.sk.startswith("shelf#"), consistent_read=True)
    stored = {item.sk: _said(item) for item in kept}
    entries = tuple(entry for entry in shelf_items(film) if stored.get(entry.sk) != _said(entry))
    missing, left = word_index.differences(film)
    return Gap(film=film, entries=entries, missing=missing, left=left) if entries or missing or left else None


def _said(entry: ShelfItem) -> dict[str, object]:
    """Return what an entry says; numbers by their value, as DynamoDB writes 12 where 12.0 was stored."""
    values = entry.serialize()
    return {name: Decimal(value["N"]) if "N" in value else value for name, value in values.items()}


def mend(film_id: int) -> bool:
    """Write what `gap` finds; False if the film is gone or nothing was wrong any more. Doing so twice is fine.

    Raises:
        ConflictError: others kept changing the film; try later.
    """
    for _ in range(_TRIES):
        film = store.get(film_id)
        found = gap(film) if film else None
        if found is None:
            return False
        word_index.put_missing(found.film, found.missing)
        if writing.attempt(functools.partial(_write, found)):
            word_index.drop(found.film, found.left)
            return True
    raise ConflictError("The video is being changed. Try again.")


def gaps() -> Iterator[Gap | None]:
    """Yield for every film, by id, what is wrong with what leads to it. Reads the whole catalogue, by key."""
    return map(gap, store.all_films())


def _write(found: Gap) -> None:
    unchanged = FilmItem.revision == found.film.revision
    with writing.transaction() as transaction:
        transaction.condition_check(FilmItem, film_key(found.film.id), RECORD, condition=unchanged)
        for entry in found.entries:
            transaction.save(entry)
