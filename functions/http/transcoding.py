"""A film is encoded again on demand, and staff sees what is made of it (contract, section 4).

Checks come in the order 401, 404, 403, 400, 429, 409.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from functions import settings, wiring
from functions.errors import InvalidInputError, NotFoundError
from functions.http import films, identity, staff
from functions.http.call import Answer, Call
from functions.http.routing import Routes

if TYPE_CHECKING:
    from functions.catalogue.film import Cost

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


@routes.on("GET", "/api/video/{video_id}/plan")
def film_plan(call: Call, video_id: str) -> Answer:
    """Tell staff what is made of a film, in how many parts, and what it cost."""
    person = identity.caller(call)
    film = films.visible(person, video_id, missing=films.MISSING)
    staff.check(person)
    plan = wiring.plans.of(film)
    if plan is None:
        raise NotFoundError("Nothing is planned for this video.")
    return Answer(
        {
            "id": film.id,
            "duration": plan.duration,
            "frame_rate": plan.frame_rate,
            "segments": plan.segments,
            "chunks": plan.chunks,
            "renditions": [asdict(each) for each in plan.renditions],
            "cost": _cost(plan.cost),
        }
    )


def _cost(spent: Cost | None) -> dict[str, object] | None:
    if spent is None:
        return None
    return {"gb_seconds": spent.gb_seconds, "requests": spent.requests, "bytes": spent.bytes, "usd": spent.usd}


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
