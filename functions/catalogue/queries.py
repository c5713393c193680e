"""The list: which films a viewer sees, in which order, a page at a time. Reads indexes, never scans, never filters."""

import base64
import heapq
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from pynamodb.indexes import GlobalSecondaryIndex

from functions.catalogue import shelves, text
from functions.catalogue.access import Viewer
from functions.catalogue.film import Listing
from functions.catalogue.items import ShelfItem, listing_of
from functions.errors import InvalidInputError

T = TypeVar("T")

DEFAULT_ORDER: Final = "-created_at"
MAX_LIMIT: Final = 1_000

# the contract's names of the orders, and the index attribute behind each
_ORDERS: Final = {
    "created_at": "created_key",
    "updated_at": "updated_key",
    "title": "title_key",
    "height": "height_key",
}
_MAX_CURSOR: Final = 4_000


@dataclass(frozen=True, kw_only=True)
class ListRequest:
    """What a caller wants to see.

    Attributes:
        order: `created_at`, `updated_at`, `title` or `height`, with `-` for descending; anything else: newest first.
        ready_only: Only films that have a published version (one that is being replaced has).
        category: Only these, whatever their case; None or empty: all.
        limit: Films on a page, 1 to 1,000; what is beyond counts as the nearest.
        cursor: `Page.next_cursor` of the page before.
    """

    order: str = DEFAULT_ORDER
    ready_only: bool = True
    category: str | None = None
    limit: int = MAX_LIMIT
    cursor: str | None = None


@dataclass(frozen=True, kw_only=True)
class Page(Generic[T]):
    """Some of what was asked for, and where to go on (None: that was all)."""

    items: list[T]
    next_cursor: str | None


def visible(viewer: Viewer, request: ListRequest) -> Page[Listing]:
    """Return a page of the films that `viewer` may see.

    A cursor is the place of the last film shown, so films that come or go between two pages make none appear twice
    and hide none (one that is moved by an edit may, in the order that it was moved in).

    Raises:
        InvalidInputError: `cursor` is none of ours, or of another order.
    """
    order = request.order if request.order.removeprefix("-") in _ORDERS else DEFAULT_ORDER
    start = None if request.cursor is None else _place(request.cursor, order)
    limit = min(max(request.limit, 1), MAX_LIMIT)
    category = request.category or None
    if category is not None and not text.is_category(category):
        return Page(items=[], next_cursor=None)
    streams = [
        _read(shelf, order, start, limit + 1)
        for shelf in shelves.open_to(viewer, ready_only=request.ready_only, category=category)
    ]
    descending, key = order.startswith("-"), _ORDERS[order.removeprefix("-")]
    merged = heapq.merge(*streams, key=lambda item: str(getattr(item, key)), reverse=descending)
    found = list(itertools.islice(merged, limit + 1))
    more = len(found) > limit
    items = [listing_of(item) for item in found[:limit]]
    return Page(items=items, next_cursor=_cursor(order, getattr(found[limit - 1], key)) if more else None)


def _index(key: str) -> GlobalSecondaryIndex[ShelfItem]:
    indexes: dict[str, GlobalSecondaryIndex[ShelfItem]] = {
        "created_key": ShelfItem.by_created,
        "updated_key": ShelfItem.by_updated,
        "title_key": ShelfItem.by_title,
        "height_key": ShelfItem.by_height,
    }
    return indexes[key]


def _read(shelf: str, order: str, start: str | None, limit: int) -> Iterator[ShelfItem]:
    descending, key = order.startswith("-"), _ORDERS[order.removeprefix("-")]
    condition = None
    if start is not None:
        attribute = getattr(ShelfItem, key)
        condition = attribute < start if descending else attribute > start
    return _index(key).query(shelf, condition, scan_index_forward=not descending, limit=limit)


def _cursor(order: str, place: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([order, place]).encode()).decode().rstrip("=")


def _place(cursor: str, order: str) -> str:
    match _decoded(cursor[:_MAX_CURSOR]):
        case [str(known), str(place)] if known == order and place:
            return place
    raise InvalidInputError({"cursor": ["Invalid cursor."]})


def _decoded(cursor: str) -> object:
    try:
        # JSON in ASCII: no place of ours holds a lone surrogate, which DynamoDB could not take
        return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        return None


def owned_by(owner_id: int) -> Iterator[Listing]:
    """Yield every film that a person owns."""
    for shelf in shelves.owned_by(owner_id):
        for item in ShelfItem.by_created.query(shelf):
            yield listing_of(item)
