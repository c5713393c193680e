"""What staff sees and does of films that failed, and where they do it (contract, section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions import settings, wiring
from functions.errors import NotFoundError
from functions.http import films, parameters, staff
from functions.http.call import Answer, Call
from functions.http.routing import Routes
from functions.times import utc

if TYPE_CHECKING:
    from functions.catalogue.film import Film

routes = Routes()

_MOST = 200  # films in one answer: who has more looks for one cause, with the command `redrive`


@routes.on("GET", "/api/operations/failed")
def failed_films(call: Call) -> Answer:
    """List the films that failed, latest first: a bare array, at most 200."""
    staff.member(call)
    most = parameters.count("limit", call.query.get("limit"), most=_MOST)
    return Answer([_shown(film) for film in wiring.store.failed(most)])


@routes.on("POST", "/api/operations/failed/{video_id}/retry")
def retry_film(call: Call, video_id: str) -> Answer:
    """Encode a film that failed once more."""
    viewer = staff.member(call)
    film = films.visible(viewer, video_id, missing=films.MISSING)
    wiring.encoding.check_failed(film)
    started = wiring.encoding.start(film.id)
    return Answer({"detail": "Transcode accepted", "video_id": started.id}, 202)


@routes.on("GET", "/admin")
def admin(_call: Call) -> Answer:
    """Lead to the page where staff works."""
    frontend = settings.current().frontend_base_url
    if not frontend:
        raise NotFoundError("Not found.")
    return Answer(status=302, headers={"Location": f"{frontend.rstrip('/')}/studio/"}, personal=False)


def _shown(film: Film) -> dict[str, object]:
    why = film.failure
    return {
        "id": film.id,
        "title": film.title,
        "owner_id": film.owner_id,
        "published": film.published,
        "attempt": film.attempt,
        "failed_at": utc(film.failed_at),
        "failure": {"code": why.code, "message": why.message, "step": why.step} if why else None,
    }
