"""The list: which films a viewer sees, in which order, a page at a time. Reads indexes, never scans, never filters."""

import base64
import heapq
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from pynamodb.indexes import GlobalSecondaryIndex

from functions.catalogue import shelves, text, word_index, words
from functions.catalogue.access import Viewer, may_change, may_see
from functions.catalogue.film import Listing
from functions.catalogue.items import ENTRY, PositionItem, ShelfItem, film_key, listing_of
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
_WATCHED: Final = "-watched"  # the order of `watching`, in its cursors
_BATCH: Final = 100  # items in one BatchGetItem
_MAX_CURSOR: Final = 4_000
_MAX_Q: Final = 255


@dataclass(frozen=True, kw_only=True)
class ListRequest:
    """What a caller wants to see.

    Attributes:
        order: `created_at`, `updated_at`, `title` or `height`, with `-` for descending; anything else: newest first.
        ready_only: Only films that have a published version (one that is being replaced has).
        changeable: Only films that the viewer may change: their own, for staff all.
        category: Only these, whatever their case; None or empty: all.
        q: Words of which each begins a word of the title or the description, whatever their case and accents.
        limit: Films on a page, 1 to 1,000; what is beyond counts as the nearest.
        cursor: `Page.next_cursor` of the page before.
    """

    order: str = DEFAULT_ORDER
    ready_only: bool = True
    changeable: bool = False
    category: str | None = None
    q: str = ""
    limit: int = MAX_LIMIT
    cursor: str | None = None


@dataclass(frozen=True, kw_only=True)
class Page(Generic[T]):
    """Some of what was asked for, and where to go on (None: that was all)."""

    items: list[T]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A film that somebody has begun, and the second at which they are."""

    film: Listing
    seconds: float


def visible(viewer: Viewer, request: ListRequest) -> Page[Listing]:
    """Return a page of the films that `viewer` may see.

    A cursor is the place of the last film shown, so films that come or go between two pages make none appear twice
    and hide none (one that is moved by an edit may, in the order that it was moved in).

    Raises:
        InvalidInputError: `cursor` is none of ours, or of another order; `q` is too long.
    """
    order = request.order if request.order.removeprefix("-") in _ORDERS else DEFAULT_ORDER
    start = None if request.cursor is None else _place(request.cursor, order)
    limit = min(max(request.limit, 1), MAX_LIMIT)
    category = request.category or None
    if category is not None and not text.is_category(category):
        return Page(items=[], next_cursor=None)
    if request.q.strip():
        shown = iter(_searched(viewer, request, order, start))
    else:
        read = shelves.changeable_by if request.changeable else shelves.open_to
        shown = _merged(read(viewer, ready_only=request.ready_only, category=category), order, start, limit)
    found, key = list(itertools.islice(shown, limit + 1)), _ORDERS[order.removeprefix("-")]
    more = len(found) > limit
    items = [listing_of(item) for item in found[:limit]]
    return Page(items=items, next_cursor=_cursor(order, getattr(found[limit - 1], key)) if more else None)


def _merged(names: list[str], order: str, start: str | None, limit: int) -> Iterator[ShelfItem]:
    streams = [_read(name, order, start, limit + 1) for name in names]
    descending, key = order.startswith("-"), _ORDERS[order.removeprefix("-")]
    return heapq.merge(*streams, key=lambda item: str(getattr(item, key)), reverse=descending)


def _searched(viewer: Viewer, request: ListRequest, order: str, start: str | None) -> list[ShelfItem]:
    """Return the films that have all the words. One word leads to them, the rest is seen on the films themselves."""
    wanted = _words(request)
    if not wanted:
        return []
    descending, key = order.startswith("-"), _ORDERS[order.removeprefix("-")]
    found = [
        item
        for item in _entries(word_index.films_with(max(wanted, key=len)))
        if _is_shown(item, viewer, request, wanted)
    ]
    if start is not None:
        found = [item for item in found if (getattr(item, key) < start if descending else getattr(item, key) > start)]
    return sorted(found, key=lambda item: str(getattr(item, key)), reverse=descending)


def _entries(film_ids: list[int]) -> Iterator[ShelfItem]:
    """Yield the list entries of films as they are now, in any order."""
    keys = [(film_key(film_id), ENTRY) for film_id in film_ids]
    return ShelfItem.batch_get(keys, consistent_read=True)


def _words(request: ListRequest) -> list[str]:
    if len(request.q) > _MAX_Q:
        raise InvalidInputError({"q": [f"Use at most {_MAX_Q} characters."]})
    return words.of(request.q)


def _is_shown(item: ShelfItem, viewer: Viewer, request: ListRequest, wanted: list[str]) -> bool:
    """Whether a film is on one of the shelves that `visible` reads without a search, and has the `wanted` words."""
    ready = item.published_version is not None or not request.ready_only
    listed = not request.category or item.category.casefold() == request.category.casefold()
    allowed = may_change if request.changeable else may_see
    if not (ready and listed and allowed(listing_of(item), viewer)):
        return False
    return not wanted or words.match(wanted, words.of_film(item.title, item.description))


def watching(viewer: Viewer, request: ListRequest) -> Page[Watched]:
    """Return a page of the films that `viewer` has begun and not finished, the latest watched first.

    Of `request` all but the order counts. What they may not see any more is left out.

    Raises:
        InvalidInputError: `cursor` is none of ours, or of another list; `q` is too long.
    """
    start = None if request.cursor is None else _place(request.cursor, _WATCHED)
    limit, wanted = min(max(request.limit, 1), MAX_LIMIT), _words(request)
    if request.q.strip() and not wanted:
        return Page(items=[], next_cursor=None)
    condition = None if start is None else PositionItem.updated_key < start
    positions = PositionItem.by_watched.query(shelves.watching(viewer.id), condition, scan_index_forward=False)
    found: list[tuple[str, Watched]] = []
    while len(found) <= limit and (some := list(itertools.islice(positions, _BATCH))):
        entries = {int(item.id): item for item in _entries([int(position.film_id) for position in some])}
        found += [
            (str(position.updated_key), Watched(film=listing_of(entry), seconds=float(position.seconds)))
            for position in some
            if (entry := entries.get(int(position.film_id))) and _is_shown(entry, viewer, request, wanted)
        ]
    items = [watched for _, watched in found[:limit]]
    return Page(items=items, next_cursor=_cursor(_WATCHED, found[limit - 1][0]) if len(found) > limit else None)


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
