"""A film is encoded again on demand (contract, section 4). Checks come in the order 401, 404, 403, 400, 429, 409."""

from __future__ import annotations

from functions import settings, wiring
from functions.errors import InvalidInputError
from functions.http import films, identity
from functions.http.call import Answer, Call
from functions.http.routing import Routes

routes = Routes()

_UNSUPPORTED = "Unsupported resolution."


@routes.on("POST", "/api/video/{video_id}/transcode", "/api/videos/{video_id}/transcode")
def transcode_film(call: Call, video_id: str) -> Answer:
    """Encode a film again from its source; until that is ready, viewers keep what there is.

    `?res=480p,720p` or `{"resolutions": ["480p"]}` names renditions that shall be made, at least. The new version has
    all that the source fills, named or not: viewers get one version as a whole, players change between its renditions
    while they play, and existing frontends offer all three of every film.
    """
    person = identity.caller(call)
    film = films.changeable(person, video_id)
    for named in (call.query.get("res"), call.fields().get("resolutions")):
        _check(named)
    wiring.limits.hit("transcode", str(person.id), settings.current().transcodes_per_minute)
    wiring.encoding.start(film.id)
    return Answer({"detail": "Transcode accepted", "video_id": film.id}, 202)


def _check(named: object) -> None:
    """Refuse renditions that are none.

    Raises:
        InvalidInputError: `named` is neither nothing nor names that we know: a list, or a text with commas.
    """
    known = {rung.name for rung in wiring.ladder.LADDER}
    if isinstance(named, str):
        named = [name.strip() for name in named.split(",") if name.strip()]
    if named is None:
        return
    if not isinstance(named, list) or not all(isinstance(name, str) and name in known for name in named):
        raise InvalidInputError({"res": [_UNSUPPORTED]})
