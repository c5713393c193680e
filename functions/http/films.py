"""What every route of a film does first: find it, and refuse it to those who may not see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions import wiring
from functions.errors import ForbiddenError, NotFoundError
from functions.http import parameters

if TYPE_CHECKING:
    from functions.catalogue.access import Viewer
    from functions.catalogue.film import Film

MISSING = "Video not found."
_FORBIDDEN = "You do not have permission to perform this action."


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


def changeable(viewer: Viewer, video_id: str) -> Film:
    """Return the film whose id is `video_id`, for its owner or staff.

    Raises:
        NotFoundError: there is none, or `viewer` may not even see it.
        ForbiddenError: `viewer` may see it, and no more.
    """
    film = visible(viewer, video_id, missing=MISSING)
    if not wiring.access.may_change(film, viewer):
        raise ForbiddenError(_FORBIDDEN)
    return film
