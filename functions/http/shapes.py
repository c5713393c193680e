"""How a film looks in answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.times import utc

if TYPE_CHECKING:
    from functions.catalogue.film import Film, Listing
    from functions.delivery.thumbnails import Pictures


def listed(film: Listing, pictures: Pictures) -> dict[str, object]:
    """Return a film as the list shows it."""
    # the original's six keys in its order, then ours
    return {
        "id": film.id,
        "created_at": utc(film.created_at),
        "title": film.title,
        "description": film.description,
        "thumbnail_url": pictures.thumbnail,
        "category": film.category,
        "poster_url": pictures.poster,
    }


def detailed(film: Film, pictures: Pictures) -> dict[str, object]:
    """Return a single film: as the list shows it, and what its owner can change or waits for."""
    return listed(film, pictures) | {
        "updated_at": utc(film.updated_at),
        "published": film.published,
        "poster_at": film.poster_at,
        "state": film.state.value,
        "duration": film.duration,
        "height": film.height,
    }
