"""Where a film stands in the lists: its shelves, and its place on them in each order.

A shelf is one partition of the list's indexes. A film is on four: among all films and among its owner's, each with
and without its category. A list merges the few shelves that its viewer may see, so nothing is read and thrown away.

At any moment a film is on one of those, but they are read one after the other: first where films come from (hidden,
waiting), then where they go (published, ready), so that what moves meanwhile is found twice rather than never. A film
whose owner hides it at this moment may be missed.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from functions.catalogue.access import Viewer
from functions.catalogue.film import Listing

_KEY_TITLE_CHARACTERS: Final = 200  # a sort key holds 1,024 bytes, a character takes up to four
_END: Final = "\x1f"  # sorts before anything that a title holds: "Up" comes before "Up and away"


def _place(value: str, film_id: int) -> str:
    # the id makes each place unique: a cursor is a place, and two films of one title have an order
    return f"{value}{_END}{film_id:016d}"


def places(film: Listing) -> dict[str, str]:
    """Return the film's sort key in each order, by the name of the index's attribute."""
    return {
        "created_key": _place(film.created_at.isoformat(timespec="microseconds"), film.id),
        "updated_key": _place(film.updated_at.isoformat(timespec="microseconds"), film.id),
        "title_key": _place(film.title.casefold()[:_KEY_TITLE_CHARACTERS], film.id),
        "height_key": _place(f"{film.height or 0:06d}", film.id),
    }


def _shelf(scope: str, *, published: bool, ready: bool, category: str | None) -> str:
    shelf = f"{scope}#{'published' if published else 'hidden'}#{'ready' if ready else 'waiting'}"
    return shelf if category is None else f"{shelf}#{category.casefold()}"


def _owner(owner_id: int) -> str:
    return f"owner#{owner_id}"


def standing(film: Listing) -> Iterator[tuple[str, str]]:
    """Yield the film's entries: the name of each (always the same four) and the shelf it is on now."""
    ready = film.published_version is not None
    for scope, name in (("all", "all"), (_owner(film.owner_id), "owner")):
        yield name, _shelf(scope, published=film.published, ready=ready, category=None)
        yield f"{name}#category", _shelf(scope, published=film.published, ready=ready, category=film.category)


def open_to(viewer: Viewer, *, ready_only: bool, category: str | None = None) -> list[str]:
    """Return the shelves whose films `viewer` may see (`access.may_see`), in the order in which films move."""
    hidden = "all" if viewer.is_staff else _owner(viewer.id)
    return [
        _shelf(scope, published=published, ready=ready, category=category)
        for scope, published in ((hidden, False), ("all", True))
        for ready in ((True,) if ready_only else (False, True))
    ]


def changeable_by(viewer: Viewer, *, ready_only: bool, category: str | None = None) -> list[str]:
    """Return the shelves whose films `viewer` may change (`access.may_change`), in the order in which films move."""
    scope = "all" if viewer.is_staff else _owner(viewer.id)
    return [
        _shelf(scope, published=published, ready=ready, category=category)
        for published in (False, True)
        for ready in ((True,) if ready_only else (False, True))
    ]


def watching(viewer_id: int) -> str:
    """Return the shelf of what a viewer has begun to watch."""
    return f"watching#{viewer_id}"


def watched_place(at: datetime, film_id: int) -> str:
    """Return the place on that shelf of a film that was watched at a time (UTC)."""
    return _place(at.isoformat(timespec="microseconds"), film_id)


def owned_by(owner_id: int) -> list[str]:
    """Return the shelves that together hold everything a person owns, in the order in which films move."""
    return [
        _shelf(_owner(owner_id), published=published, ready=ready, category=None)
        for published in (False, True)
        for ready in (False, True)
    ]
