"""Thumbnails and posters of films, which an `<img>` loads with no credentials."""

from collections.abc import Iterable
from dataclasses import dataclass

from functions.catalogue import layout
from functions.catalogue.film import Listing
from functions.delivery import signing


@dataclass(frozen=True)
class Pictures:
    """The signed URLs of a film's thumbnail and of its poster; empty where it has none."""

    thumbnail: str
    poster: str


def urls(films: Iterable[Listing]) -> list[Pictures]:
    """Return the signed URLs of each film's pictures, in order.

    All have the shortest life there is, so that none outlives its film by more than an hour.
    """
    sign = signing.signer(lasts=0)

    def signed(film: Listing, name: str | None) -> str:
        version = film.published_version
        return sign(layout.picture_key(film.id, version, name)) if name and version else ""

    return [Pictures(signed(film, film.thumbnail), signed(film, film.poster)) for film in films]
