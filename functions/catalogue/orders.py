"""The orders of a list: shelves read in one of them, and cursors, which are places in one."""

import base64
import heapq
import json
from collections.abc import Iterable, Iterator
from typing import Final

from pynamodb.indexes import GlobalSecondaryIndex

from functions.catalogue.items import ShelfItem
from functions.errors import InvalidInputError

DEFAULT: Final = "-created_at"

# the contract's names of the orders, and the index attribute behind each
_KEYS: Final = {
    "created_at": "created_key",
    "updated_at": "updated_key",
    "title": "title_key",
    "height": "height_key",
}
_MAX_CURSOR: Final = 4_000
_MAX_PLACE: Final = 1_024  # bytes of a sort key in DynamoDB


def named(order: str) -> str:
    """Return `order` if it is one (with `-`: descending), else the default."""
    return order if order.removeprefix("-") in _KEYS else DEFAULT


def place(entry: ShelfItem, order: str) -> str:
    """Return where a list entry stands in an order; no other entry of a list has the same place."""
    return str(getattr(entry, _key(order)))


def behind(entries: Iterable[ShelfItem], order: str, start: str | None) -> list[ShelfItem]:
    """Return the entries that come after the place `start` (None: all), in order."""
    descending = order.startswith("-")
    found = sorted(entries, key=lambda entry: place(entry, order), reverse=descending)
    if start is None:
        return found
    return [entry for entry in found if (place(entry, order) < start) == descending and place(entry, order) != start]


def read(
    names: Iterable[str], order: str, start: str | None, most: int, *, at_once: int | None = None
) -> Iterator[ShelfItem]:
    """Yield what is on several shelves together, in order, from behind the place `start`; each film once.

    Args:
        names: The shelves, in the order in which they are read.
        order: One of ours.
        start: A place; None: from the beginning.
        most: At least so many entries are yielded, if there are so many.
        at_once: So many are read by one call; None: as many as it takes.
    """
    streams = [_shelf(name, order, start, most, at_once) for name in names]
    merged = heapq.merge(*streams, key=lambda entry: place(entry, order), reverse=order.startswith("-"))
    return _once(merged)


def _once(entries: Iterable[ShelfItem]) -> Iterator[ShelfItem]:
    """Leave out the second entry of a film that went from one shelf to another between two reads."""
    seen = set[int]()
    for entry in entries:
        if int(entry.id) not in seen:
            seen.add(int(entry.id))
            yield entry


def _key(order: str) -> str:
    return _KEYS[order.removeprefix("-")]


def _index(key: str) -> GlobalSecondaryIndex[ShelfItem]:
    indexes: dict[str, GlobalSecondaryIndex[ShelfItem]] = {
        "created_key": ShelfItem.by_created,
        "updated_key": ShelfItem.by_updated,
        "title_key": ShelfItem.by_title,
        "height_key": ShelfItem.by_height,
    }
    return indexes[key]


def _shelf(shelf: str, order: str, start: str | None, most: int, at_once: int | None) -> Iterator[ShelfItem]:
    descending, key = order.startswith("-"), _key(order)
    condition = None
    if start is not None:
        attribute = getattr(ShelfItem, key)
        condition = attribute < start if descending else attribute > start
    return _index(key).query(shelf, condition, scan_index_forward=not descending, limit=most, page_size=at_once)


def cursor(order: str, at: str) -> str:
    """Return the cursor of a place in an order."""
    return base64.urlsafe_b64encode(json.dumps([order, at]).encode()).decode().rstrip("=")


def place_of(sent: str | None, order: str) -> str | None:
    """Return the place that a cursor of this order means; None: there is no cursor.

    Raises:
        InvalidInputError: it is none of ours, or of another order.
    """
    if sent is None:
        return None
    match _decoded(sent[:_MAX_CURSOR]):
        case [str(known), str(at)] if known == order and _is_place(at):
            return at
    raise InvalidInputError({"cursor": ["Invalid cursor."]})


def _is_place(at: str) -> bool:
    """Whether DynamoDB takes it as a key: no empty one, no lone surrogate, at most 1,024 bytes."""
    try:
        return 0 < len(at.encode()) <= _MAX_PLACE
    except UnicodeEncodeError:
        return False


def _decoded(sent: str) -> object:
    try:
        return json.loads(base64.urlsafe_b64decode(sent + "=" * (-len(sent) % 4)))
    except (ValueError, RecursionError):
        return None
