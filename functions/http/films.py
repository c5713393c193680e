"""What every route of a film does first: find it, and refuse it to those who may not see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions import wiring
from functions.errors import NotFoundError
from functions.http import parameters

if TYPE_CHECKING:
    from functions.catalogue.access import Viewer
    from functions.catalogue.film import Film


def visible(viewer: Viewer, video_id: str, *, missing: str) -> Film:
    """Return the film whose id is `video_id`.

    Raises:
        NotFoundError: with the sentence `missing`; the same whether there is none or `viewer` may not see it, so that
            nobody learns which ids exist.
    """
    film = wiring.store.get(parameters.identifier(video_id, missing))
    if film is None or not wiring.access.may_see(film, viewer):
        raise NotFoundError(missing)
    return film
