"""What its owner changes of a film: its texts, and who may see it."""

from dataclasses import dataclass, replace

from functions.catalogue import clock, store, text
from functions.catalogue.film import Film
from functions.catalogue.timeline import extended


@dataclass(frozen=True, kw_only=True)
class Edit:
    """What shall be different; None: stays. Texts that break `text`'s rules are made to fit, never refused here."""

    title: str | None = None
    description: str | None = None
    category: str | None = None
    published: bool | None = None


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
    )
    if after == film:
        return film
    now = clock.now()
    events = [] if after.published == film.published else ["published" if after.published else "unpublished"]
    return replace(after, updated_at=now, timeline=extended(film.timeline, now, *events))
