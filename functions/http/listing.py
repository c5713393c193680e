"""The list of films, and the life of one (contract, section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from functions import settings, wiring
from functions.http import conditional, films, identity, parameters, shapes
from functions.http.call import JSON, Answer, Call, to_json
from functions.http.routing import Routes
from functions.times import utc

if TYPE_CHECKING:
    from functions.catalogue.film import Film
    from functions.catalogue.queries import ListRequest

routes = Routes()

_MOST = 1000  # films in one answer: a Lambda's answer holds some 6,000


@routes.on("GET", "/api/video", "/api")
def list_films(call: Call) -> Answer:
    """List the films that the caller may see: a bare array, its next page in the `Link` header (RFC 8288)."""
    viewer = identity.caller(call)
    page = wiring.queries.visible(viewer, _list_request(call))
    text = to_json(
        [shapes.listed(film, url) for film, url in zip(page.items, wiring.thumbnails.urls(page.items), strict=True)]
    )
    # weak: nobody promises it byte for byte; for the caller's own cache, which asks each time
    headers = {"ETag": conditional.weak_etag_of(f"{text}{page.next_cursor}"), "Cache-Control": "private, no-cache"}
    if page.next_cursor is not None:
        headers["Link"] = f'<{_next(call, page.next_cursor)}>; rel="next"'
    if conditional.unchanged(call, headers["ETag"]):
        return Answer(status=304, headers=headers)
    return Answer(text, headers=headers | {"Content-Type": JSON})


@routes.on("GET", "/api/video/{video_id}/status")
def film_status(call: Call, video_id: str) -> Answer:
    """Say where a film is in its life."""
    film = films.visible(identity.caller(call), video_id, missing=films.MISSING)
    return Answer(
        {
            "id": film.id,
            "state": film.state.value,
            "percent": film.percent,
            "renditions": _renditions(film),
            "timeline": [{"at": utc(entry.at), "event": entry.event} for entry in film.timeline],
            "failure": _failure(film),
            "cost": {"gb_seconds": 0.0, "usd": 0.0},
        }
    )


def _list_request(call: Call) -> ListRequest:
    queries, query = wiring.queries, call.query
    return queries.ListRequest(
        order=query.get("order", ""),
        ready_only=parameters.switch(query.get("ready_only"), default=True),
        category=query.get("category"),
        q=query.get("q", ""),
        limit=parameters.count("limit", query.get("limit"), most=_MOST),
        cursor=query.get("cursor") or None,
    )


def _next(call: Call, cursor: str) -> str:
    query = urlencode({**call.query, "cursor": cursor})
    return f"{settings.current().api_base_url}/api/video/?{query}"


def _renditions(film: Film) -> dict[str, dict[str, object]]:
    if film.progress:
        return {name: {"percent": part.percent, "state": part.state.value} for name, part in film.progress.items()}
    return {made.name: {"percent": 100.0, "state": "ready"} for made in film.renditions}


def _failure(film: Film) -> dict[str, str] | None:
    if film.failure is None:
        return None
    return {"code": film.failure.code, "message": film.failure.message, "step": film.failure.step}
