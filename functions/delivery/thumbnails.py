"""Thumbnails and posters of films, which an `<img>` loads with no credentials.

Their URLs have the shortest life there is, so that none outlives its film by more than an hour.
"""

from collections.abc import Iterable

from functions.catalogue import layout
from functions.catalogue.film import Listing
from functions.delivery import signing


def urls(films: Iterable[Listing]) -> list[str]:
    """Return the signed URL of each film's thumbnail, in order; empty where a film has none."""
    return _signed((film, film.thumbnail) for film in films)


def posters(films: Iterable[Listing]) -> list[str]:
    """Return the signed URL of each film's large picture, in order; empty where a film has none."""
    return _signed((film, film.poster) for film in films)


def _signed(pictures: Iterable[tuple[Listing, str | None]]) -> list[str]:
    sign = signing.signer(lasts=0)
    return [
        sign(layout.picture_key(film.id, film.published_version, name)) if name and film.published_version else ""
        for film, name in pictures
    ]
