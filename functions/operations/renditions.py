"""Whether what is published really lies in the bucket, whole."""

from collections.abc import Iterator
from dataclasses import dataclass

from functions.catalogue import layout, objects
from functions.catalogue.film import Film
from functions.settings import current


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A film that does not play as its record says: names inside the published version's folder."""

    film: Film
    missing: tuple[str, ...]
    empty: tuple[str, ...]


def check(film: Film) -> Broken | None:
    """Compare the published version with the bucket; None: all is there, or nothing was published."""
    if film.published_version is None:
        return None
    prefix = layout.version_prefix(film.id, film.published_version)
    sizes = {stored.key: stored.size for stored in objects.listed(current().media_bucket, prefix)}
    expected = list(_expected(film, film.published_version))
    missing = tuple(key.removeprefix(prefix) for key in expected if key not in sizes)
    empty = tuple(key.removeprefix(prefix) for key in expected if sizes.get(key) == 0)
    return Broken(film=film, missing=missing, empty=empty) if missing or empty else None


def _expected(film: Film, version: str) -> Iterator[str]:
    for made in film.renditions:
        yield layout.playlist_key(film.id, version, made.folder)
        for number in range(len(made.segments)):
            yield layout.segment_key(film.id, version, made.folder, layout.segment_name(number))
    sheets = film.storyboard.sheets if film.storyboard else ()
    for name in (film.thumbnail, film.poster, *(name for name, _ in sheets)):
        if name:
            yield layout.picture_key(film.id, version, name)
