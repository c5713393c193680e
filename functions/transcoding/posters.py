"""The poster that a film's owner wishes for, drawn from what is published: that is always there and always decodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions import log
from functions.catalogue import editing, layout, objects, store
from functions.settings import current
from functions.transcoding import pictures
from functions.transcoding.storage import Shelf

if TYPE_CHECKING:
    from collections.abc import Callable

    from functions.transcoding.pictures import Drawn


def make(film_id: int, version: str, at: float | None, check: Callable[[], None]) -> None:
    """Show viewers a poster, if it is still the one that is wished for, drawn unless it was before.

    Doing it twice is harmless.

    Args:
        film_id: Which film.
        version: Which version of it is published.
        at: Seconds into the film; None: a picture that is not black.
        check: Called while waiting; what it raises ends the work and is passed on.

    Raises:
        PassingError: the media bucket did not answer.
    """
    film = store.get(film_id)
    if film is None or film.published_version != version or film.poster_at != at:
        log.info("poster_not_wanted")
        return
    shelf, thumbnail = Shelf(film_id, version), layout.thumbnail_name(at)
    poster = layout.poster_name(thumbnail)
    # browsers keep for ever what was shown under these names: drawn anew, it may be another picture
    if not shelf.has_pictures((thumbnail, poster)):
        drawn = pictures.of_renditions(film.renditions, shelf, check, at=at)
        if drawn is None:
            return
        keep(shelf, at, drawn)
    if editing.show_poster(film_id, version, at, thumbnail=thumbnail, poster=poster):
        log.info("poster_made")
    elif store.get(film_id) is None:  # deleted meanwhile, with all that lay there then
        objects.delete_prefix(current().media_bucket, layout.version_prefix(film_id, version))


def keep(shelf: Shelf, at: float | None, drawn: Drawn) -> None:
    """Store a poster in its two sizes.

    Raises:
        PassingError: S3 did not take it, after several tries.
    """
    thumbnail = layout.thumbnail_name(at)
    shelf.put_picture(layout.poster_name(thumbnail), drawn.poster)
    shelf.put_picture(thumbnail, drawn.thumbnail)
