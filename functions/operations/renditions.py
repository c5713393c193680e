"""Whether what is published really lies in the bucket, whole, and the texts of captions with it."""

from collections.abc import Iterator
from dataclasses import dataclass

from functions.catalogue import layout, objects
from functions.catalogue.film import Caption, Film
from functions.operations import caption_texts
from functions.settings import current


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A film that does not play as its record says.

    Attributes:
        missing: Names inside the published version's folder of what is not there.
        empty: Names of what is there, with nothing in it.
        captions: Those whose text is missing or empty; encoding does not bring them back.
    """

    film: Film
    missing: tuple[str, ...]
    empty: tuple[str, ...]
    captions: tuple[Caption, ...]

    @property
    def needs_encoding(self) -> bool:
        """Whether anything lacks that encoding makes."""
        return bool(self.missing or self.empty)


def check(film: Film) -> Broken | None:
    """Compare the published version and the captions with the bucket; None: all that there should be is there."""
    missing, empty = _compared(film, film.published_version) if film.published_version else ((), ())
    found = Broken(film=film, missing=missing, empty=empty, captions=caption_texts.lost(film))
    return found if found.needs_encoding or found.captions else None


def _compared(film: Film, version: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what of a version is missing, and what is empty."""
    prefix = layout.version_prefix(film.id, version)
    sizes = {stored.key: stored.size for stored in objects.listed(current().media_bucket, prefix)}
    names = {key: key.removeprefix(prefix) for key in _expected(film, version)}
    missing = tuple(name for key, name in names.items() if key not in sizes)
    return missing, tuple(name for key, name in names.items() if sizes.get(key) == 0)


def _expected(film: Film, version: str) -> Iterator[str]:
    for made in film.renditions:
        yield layout.playlist_key(film.id, version, made.folder)
        for number in range(len(made.segments)):
            yield layout.segment_key(film.id, version, made.folder, layout.segment_name(number))
    sheets = film.storyboard.sheets if film.storyboard else ()
    for name in (film.thumbnail, film.poster, *(name for name, _ in sheets)):
        if name:
            yield layout.picture_key(film.id, version, name)
