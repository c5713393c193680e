"""What its owner changes of a film: its texts, its poster, and who may see it."""

from dataclasses import dataclass, replace

from msgspec import UNSET, UnsetType

from functions.catalogue import clock, store, text
from functions.catalogue.film import Film
from functions.catalogue.timeline import extended


@dataclass(frozen=True, kw_only=True)
class Edit:
    """What shall be different; None: stays. Texts that break `text`'s rules are made to fit, never refused here.

    Attributes:
        poster_at: Seconds into the film; None: a picture that is chosen by itself; UNSET: stays.
    """

    title: str | None = None
    description: str | None = None
    category: str | None = None
    published: bool | None = None
    poster_at: float | UnsetType | None = UNSET


def edit(film_id: int, wanted: Edit) -> Film | None:
    """Change a film. One that is unpublished is gone for others from this write on.

    Returns:
        The film as it is now, also if nothing had to change; None: there is none.

    Raises:
        ConflictError: others kept changing the same film; try later.
    """
    return store.change(film_id, lambda film: _edited(film, wanted))


def _edited(film: Film, wanted: Edit) -> Film:
    after = replace(
        film,
        title=film.title if wanted.title is None else text.clean_title(wanted.title) or film.title,
        description=film.description if wanted.description is None else text.clean_description(wanted.description),
        category=film.category if wanted.category is None else text.clean_category(wanted.category),
        published=film.published if wanted.published is None else wanted.published,
        poster_at=film.poster_at if wanted.poster_at is UNSET else wanted.poster_at,
    )
    if after == film:
        return film
    now = clock.now()
    events = [] if after.published == film.published else ["published" if after.published else "unpublished"]
    return replace(after, updated_at=now, timeline=extended(film.timeline, now, *events))


def show_poster(film_id: int, version: str, at: float | None, *, thumbnail: str, poster: str) -> bool:
    """Show viewers a picture of the published version that was made as the film's owner wished.

    Args:
        film_id: Which film.
        version: Of which version the picture is.
        at: The wish, as `Film.poster_at`.
        thumbnail: The picture's file name in the version's folder.
        poster: That of the same picture, larger.

    Returns:
        False: the owner wishes for another one by now, or viewers get another version, and nothing changed.
    """

    def step(film: Film) -> Film | None:
        if film.published_version != version or film.poster_at != at:
            return None
        if (film.thumbnail, film.poster) == (thumbnail, poster):
            return film
        return replace(film, thumbnail=thumbnail, poster=poster, updated_at=clock.now())

    return store.change(film_id, step) is not None
