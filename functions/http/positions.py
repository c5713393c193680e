"""How far the caller has watched a film (contract, section 4). Checks come in the order 401, 404, 400, 409."""

from __future__ import annotations

from functions import wiring
from functions.errors import InvalidInputError, NotFoundError
from functions.http import films, identity, parameters
from functions.http.call import Answer, Call
from functions.http.routing import Routes

routes = Routes()

_NO_SECONDS = "Give a number of seconds, 0 or more."


@routes.on("GET", "/api/video/{video_id}/position")
def show_position(call: Call, video_id: str) -> Answer:
    """Say where the caller stopped; 0 where they have not begun."""
    person = identity.caller(call)
    film = films.visible(person, video_id, missing=films.MISSING)
    return Answer({"seconds": wiring.positions.get(person.id, film)})


@routes.on("PUT", "/api/video/{video_id}/position")
def put_position(call: Call, video_id: str) -> Answer:
    """Remember where the caller stopped; beyond the film's end counts as its end."""
    person = identity.caller(call)
    film = films.visible(person, video_id, missing=films.MISSING)
    kept = wiring.positions.put(person.id, film, _seconds(call.fields().get("seconds")))
    if kept is None:  # deleted at this moment
        raise NotFoundError(films.MISSING)
    return Answer({"seconds": kept})


def _seconds(sent: object) -> float:
    """Return the seconds that were sent.

    Raises:
        InvalidInputError: they are no number, or below 0.
    """
    seconds = parameters.number(sent)
    if seconds is None or seconds < 0:
        raise InvalidInputError({"seconds": [_NO_SECONDS]})
    return seconds
