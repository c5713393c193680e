"""The list: which films a viewer sees, in which order, a page at a time. Reads indexes, never scans."""

import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from functions.catalogue import orders, shelves, text, word_index, words
from functions.catalogue.access import Viewer, may_change, may_see
from functions.catalogue.film import Listing
from functions.catalogue.items import ENTRY, PositionItem, ShelfItem, film_key, listing_of
from functions.catalogue.positions import goes_on
from functions.errors import InvalidInputError

T = TypeVar("T")

MAX_LIMIT: Final = 1_000

_MOST_TEXT: Final = 5_000_000
"""Bytes of titles and descriptions on a page: a Lambda's answer has 6 MB, one of them for all else of 1,000 films."""
_BYTES_OF_A_CHARACTER: Final = 12
"""At most, of one beyond the Basic Multilingual Plane."""
_WATCHED: Final = "-watched"  # the order of `watching`, in its cursors
_BATCH: Final = 100  # items in one BatchGetItem
_MAX_Q: Final = 255
_COMMON: Final = 1_000  # a word of more films than these leads nowhere: the list itself is looked through
_LOOKED_AT: Final = 2_000  # entries of the list that such a search looks at before it answers what it has found
_WORDS_TRIED: Final = 3  # for one that is not common


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

    order: str = orders.DEFAULT
    ready_only: bool = True
    changeable: bool = False
    category: str | None = None
    q: str = ""
    limit: int = MAX_LIMIT
    cursor: str | None = None


@dataclass(frozen=True, kw_only=True)
class Page(Generic[T]):
    """Some of what was asked for, and where to go on (None: that was all).

    A page may be short and not the last, where the films' texts are long; that of a search even empty, where what it
    looks for is far apart.
    """

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
    order = orders.named(request.order)
    start = orders.place_of(request.cursor, order)
    limit = min(max(request.limit, 1), MAX_LIMIT)
    if request.category and not text.is_category(request.category):
        return Page(items=[], next_cursor=None)
    if request.q.strip():
        return _Search(viewer, request, order, start, tuple(_words(request))).page(limit)
    return _page(orders.read(_shelves(viewer, request), order, start, limit + 1), order, limit)


def _shelves(viewer: Viewer, request: ListRequest) -> list[str]:
    shelves_of = shelves.changeable_by if request.changeable else shelves.open_to
    return shelves_of(viewer, ready_only=request.ready_only, category=request.category or None)


def _page(shown: Iterable[ShelfItem], order: str, limit: int) -> Page[Listing]:
    found = list(itertools.islice(shown, limit + 1))
    fitting = _fitting(found[:limit])
    more = len(found) > fitting
    return Page(
        items=[listing_of(entry) for entry in found[:fitting]],
        next_cursor=orders.cursor(order, orders.place(found[fitting - 1], order)) if more else None,
    )


def _fitting(films: Sequence[ShelfItem | Listing]) -> int:
    """Return how many of these, one at least, an answer holds."""
    if _BYTES_OF_A_CHARACTER * sum(len(film.title) + len(film.description) for film in films) <= _MOST_TEXT:
        return max(1, len(films))  # as nearly always
    lengths = itertools.accumulate(_sent(film.title) + _sent(film.description) for film in films)
    return max(1, sum(length <= _MOST_TEXT for length in lengths))


def _sent(words: str) -> int:
    """Return how many bytes a text takes: JSON that Lambda carries within JSON, before Python 3.12 in ASCII."""
    return len(json.dumps(json.dumps(words, ensure_ascii=False)))


@dataclass(frozen=True)
class _Search:
    """A search for films that have all the words `wanted`, from behind a place in an order."""

    viewer: Viewer
    request: ListRequest
    order: str
    start: str | None
    wanted: tuple[str, ...]

    def page(self, limit: int) -> Page[Listing]:
        film_ids = self._led_to()
        if film_ids is None:
            return self._looked_through(limit)
        # one word leads to them; whether they have the others, and may be seen, they say themselves
        found = [entry for entry in _entries(film_ids) if self._has(entry)]
        return _page(orders.behind(found, self.order, self.start), self.order, limit)

    def _has(self, entry: ShelfItem) -> bool:
        return _is_shown(entry, self.viewer, self.request, self.wanted)

    def _led_to(self) -> list[int] | None:
        """Return the films that one of the words leads to, rather a long word than a short one; None: too many."""
        if not self.wanted:
            return []
        for word in sorted(self.wanted, key=len, reverse=True)[:_WORDS_TRIED]:
            film_ids = word_index.films_with(word, _COMMON)
            if film_ids is not None:
                return film_ids
        return None

    def _looked_through(self, limit: int) -> Page[Listing]:
        """Return the next films of the list that have the words, of as many as may be looked at for one page.

        Films that have common words are soon found there, and where some words together are rare, the cursor goes on.
        """
        names, at_once = _shelves(self.viewer, self.request), max(limit + 1, _BATCH)
        listed = orders.read(names, self.order, self.start, _LOOKED_AT, at_once=at_once)
        looked_at, found = 0, list[ShelfItem]()
        for entry in itertools.islice(listed, _LOOKED_AT):
            looked_at += 1
            if self._has(entry):
                found.append(entry)
            if len(found) > limit:
                break
        page = _page(found, self.order, limit)
        if page.next_cursor or looked_at < _LOOKED_AT:
            return page
        rest = orders.cursor(self.order, orders.place(entry, self.order))
        return Page(items=page.items, next_cursor=rest)


def _entries(film_ids: list[int]) -> Iterator[ShelfItem]:
    """Yield the list entries of films as they are now, in any order."""
    keys = [(film_key(film_id), ENTRY) for film_id in film_ids]
    return ShelfItem.batch_get(keys, consistent_read=True)


def _words(request: ListRequest) -> list[str]:
    if len(request.q) > _MAX_Q:
        raise InvalidInputError({"q": [f"Use at most {_MAX_Q} characters."]})
    return words.of(request.q)


def _is_shown(item: ShelfItem, viewer: Viewer, request: ListRequest, wanted: Sequence[str]) -> bool:
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
    start = orders.place_of(request.cursor, _WATCHED)
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
            if (entry := entries.get(int(position.film_id)))
            and _is_shown(entry, viewer, request, wanted)
            and goes_on(float(position.seconds), float(entry.duration or 0))  # it may be a shorter film by now
        ]
    fitting = _fitting([watched.film for _, watched in found[:limit]])
    return Page(
        items=[watched for _, watched in found[:fitting]],
        next_cursor=orders.cursor(_WATCHED, found[fitting - 1][0]) if len(found) > fitting else None,
    )


def owned_by(owner_id: int) -> Iterator[Listing]:
    """Yield every film that a person owns."""
    found: dict[int, Listing] = {}
    for shelf in shelves.owned_by(owner_id):
        found |= {int(item.id): listing_of(item) for item in ShelfItem.by_created.query(shelf)}
    yield from found.values()
