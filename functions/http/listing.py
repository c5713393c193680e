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
    from functions.catalogue.film import Film, Listing
    from functions.catalogue.making import Standing
    from functions.catalogue.queries import ListRequest

routes = Routes()


@routes.on("GET", "/api/video", "/api")
def list_films(call: Call) -> Answer:
    """List the films that the caller may see: a bare array, its next page in the `Link` header (RFC 8288).

    With `continue=true` only those that they have begun to watch, the latest first, each with its `position`.
    With `manage=true` those that they may change, ready or not, each with what a studio shows besides.
    """
    viewer, request = identity.caller(call), _list_request(call)
    if parameters.switch(call.query.get("continue"), default=False):
        begun = wiring.queries.watching(viewer, request)
        watched = [{"position": each.seconds, "duration": each.film.duration} for each in begun.items]
        shown = [film | more for film, more in zip(_films([each.film for each in begun.items]), watched, strict=True)]
        return _page(call, shown, begun.next_cursor)
    page = wiring.queries.visible(viewer, request)
    shown = _films(page.items)
    if request.changeable:
        shown = [film | shapes.managed(listing) for film, listing in zip(shown, page.items, strict=True)]
    return _page(call, shown, page.next_cursor)


def _films(found: list[Listing]) -> list[dict[str, object]]:
    return [shapes.listed(film, url) for film, url in zip(found, wiring.thumbnails.urls(found), strict=True)]


def _page(call: Call, shown: list[dict[str, object]], next_cursor: str | None) -> Answer:
    text = to_json(shown)
    # weak: nobody promises it byte for byte; for the caller's own cache, which asks each time
    headers = {"ETag": conditional.weak_etag_of(f"{text}{next_cursor}"), "Cache-Control": "private, no-cache"}
    if next_cursor is not None:
        headers["Link"] = f'<{_next(call, next_cursor)}>; rel="next"'
    if conditional.unchanged(call, headers["ETag"]):
        return Answer(status=304, headers=headers)
    return Answer(text, headers=headers | {"Content-Type": JSON})


@routes.on("GET", "/api/video/{video_id}/status")
def film_status(call: Call, video_id: str) -> Answer:
    """Say where a film is in its life."""
    film = films.visible(identity.caller(call), video_id, missing=films.MISSING)
    standing = wiring.making.standing(film)
    return Answer(
        {
            "id": film.id,
            "state": film.state.value,
            "percent": standing.percent,
            "renditions": _renditions(standing),
            "timeline": [{"at": utc(entry.at), "event": entry.event} for entry in film.timeline],
            "failure": _failure(film),
            "cost": {"gb_seconds": film.cost.gb_seconds, "usd": film.cost.usd},
            "playable": standing.playable,
        }
    )


def _list_request(call: Call) -> ListRequest:
    queries, query = wiring.queries, call.query
    changeable = parameters.switch(query.get("manage"), default=False)
    return queries.ListRequest(
        order=query.get("order", ""),
        ready_only=parameters.switch(query.get("ready_only"), default=not changeable),
        changeable=changeable,
        category=query.get("category"),
        q=query.get("q", ""),
        limit=parameters.count("limit", query.get("limit"), most=queries.MAX_LIMIT),
        cursor=query.get("cursor") or None,
    )


def _next(call: Call, cursor: str) -> str:
    query = urlencode({**call.query, "cursor": cursor})
    return f"{settings.current().api_base_url}/api/video/?{query}"


def _renditions(standing: Standing) -> dict[str, dict[str, object]]:
    return {name: {"percent": part.percent, "state": part.state.value} for name, part in standing.renditions.items()}


def _failure(film: Film) -> dict[str, str] | None:
    if film.failure is None:
        return None
    return {"code": film.failure.code, "message": film.failure.message, "step": film.failure.step}
