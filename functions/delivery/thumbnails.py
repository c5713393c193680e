"""Thumbnails of films, which an `<img>` loads with no credentials."""

from collections.abc import Iterable

from functions.catalogue import layout
from functions.catalogue.film import Listing
from functions.delivery import signing


def urls(films: Iterable[Listing]) -> list[str]:
    """Return the signed URL of each film's thumbnail, in order; empty where a film has none.

    All have the shortest life there is, so that none outlives its film by more than an hour.
    """
    sign = signing.signer(lasts=0)
    return [
        sign(layout.thumbnail_key(film.id, film.published_version)) if film.thumbnail and film.published_version else ""
        for film in films
    ]
