"""Whether the texts of a film's captions lie in the media bucket. Encoding brings none back, their file does."""

import contextlib
from collections.abc import Iterable

from functions.captions import beside
from functions.catalogue import layout, objects, store
from functions.catalogue.film import Caption, Film
from functions.errors import ConflictError
from functions.settings import current


def lost(film: Film) -> tuple[Caption, ...]:
    """Return the captions of a film whose text is missing or empty."""
    return tuple(one for one in film.captions if not _has_text(film.id, one))


def _has_text(film_id: int, caption: Caption) -> bool:
    stored = objects.look(current().media_bucket, layout.captions_key(film_id, caption.version, caption.language))
    return stored is not None and stored.size > 0


def restorable(captions: Iterable[Caption]) -> list[str]:
    """Return the languages of those captions that `restore` can bring back: their file is in the uploads bucket."""
    bucket = current().uploads_bucket
    return [one.language for one in captions if one.source_key and objects.etag(bucket, one.source_key)]


def restore(film_id: int, captions: Iterable[Caption]) -> list[str]:
    """Store lost texts again from their files; returns the languages that are there again."""
    wanted = list(captions)
    for caption in wanted:
        if caption.source_key:
            with contextlib.suppress(ConflictError):  # others keep changing the film
                beside.restore(film_id, caption.source_key)
    film = store.get(film_id)
    still = {caption.language for caption in lost(film)} if film else {caption.language for caption in wanted}
    return [caption.language for caption in wanted if caption.language not in still]
