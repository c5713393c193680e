"""How a film looks in answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.times import utc

if TYPE_CHECKING:
    from functions.catalogue.film import Film, Listing


def listed(film: Listing, thumbnail_url: str) -> dict[str, object]:
    """Return a film as the list shows it: the original's keys in its order."""
    return {
        "id": film.id,
        "created_at": utc(film.created_at),
        "title": film.title,
        "description": film.description,
        "thumbnail_url": thumbnail_url,
        "category": film.category,
    }


def managed(film: Listing) -> dict[str, object]:
    """Return what the list shows besides to those who may change the film."""
    return {
        "owner_id": film.owner_id,
        "published": film.published,
        "ready": film.published_version is not None,
        "duration": film.duration,
    }


def detailed(film: Film, thumbnail_url: str, poster_url: str) -> dict[str, object]:
    """Return a single film: as the list shows it, a large picture, and what its owner can change or waits for."""
    return listed(film, thumbnail_url) | {
        "poster_url": poster_url,
        "updated_at": utc(film.updated_at),
        "published": film.published,
        "poster_at": film.poster_at,
        "state": film.state.value,
        "duration": film.duration,
        "height": film.height,
    }
