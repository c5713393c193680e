"""Routes of an area, and how they are mounted on Chalice.

API Gateway answers an unregistered method with its own 403, so every path gets all methods: those that no route
serves lead to our 405 with `Allow` (RFC 9110, section 15.5.6), OPTIONS to the preflight, HEAD to GET.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from chalice.app import CaseInsensitiveMapping, Chalice, Request, Response

from functions import log, settings
from functions.errors import DomainError, NotFoundError
from functions.http import envelope, origins, parameters
from functions.http.call import JSON, Answer, Call, to_json

View = Callable[..., Answer]
_Decorated = TypeVar("_Decorated", bound=View)
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})

# API Gateway turns base64 into bytes only where the request's first Accept type is on its list, and `*/*`, which
# players send, is on no list but this one (developer guide, "Return binary media from a Lambda proxy integration").
_BINARY_TYPES = ["*/*"]


class Routes:
    """The routes of one area. A view takes the `Call` and the path's parameters by name."""

    def __init__(self) -> None:
        self.views: dict[str, dict[str, View]] = defaultdict(dict)

    def on(self, method: str, *paths: str) -> Callable[[_Decorated], _Decorated]:
        """Serve `method` on each of `paths` (no trailing slash: both spellings reach the route)."""

        def remember(view: _Decorated) -> _Decorated:
            for path in paths:
                self.views[path][method] = view
            return view

        return remember


def mount(app: Chalice, *areas: Routes) -> None:
    """Register all areas on `app`, and the catch-all that answers unknown paths."""
    app.api.binary_types = _BINARY_TYPES
    views: dict[str, dict[str, View]] = defaultdict(dict)
    for area in areas:
        for path, methods in area.views.items():
            views[path].update(methods)
    for path, methods in views.items():
        _mount_path(app, path, _with_refusals(methods))
    for path in {"/", "/{proxy+}"} - views.keys():
        _mount_path(app, path, dict.fromkeys(_METHODS, _unknown) | {"OPTIONS": _preflight})


def _with_refusals(methods: dict[str, View]) -> dict[str, View]:
    """Return a view for each method: those served, HEAD as GET, the preflight, and 405 for the rest."""
    served = dict(methods)
    if "GET" in served:
        served.setdefault("HEAD", served["GET"])
    served["OPTIONS"] = _preflight
    allow = ", ".join(method for method in _METHODS if method in served)

    def refuse(_call: Call, **_params: str) -> Answer:
        return envelope.plain(405, "Method not allowed.", Allow=allow)

    return {method: served.get(method, refuse) for method in _METHODS}


def _mount_path(app: Chalice, path: str, methods: dict[str, View]) -> None:
    for method, view in methods.items():
        app.route(path, methods=[method], content_types=[])(_chalice_view(app, path, view))


def _preflight(_call: Call, **_params: str) -> Answer:
    return Answer(status=204, personal=False)


def _unknown(_call: Call, **_params: str) -> Answer:
    raise NotFoundError("Not found.")


class _Response(Response):
    """Sends as base64 what is bytes, and nothing else: Chalice would go by the list of types, which holds them all."""

    def to_dict(self, binary_types: list[str] | None = None) -> dict[str, Any]:  # noqa: ARG002 - Chalice's signature
        answer: dict[str, Any] = super().to_dict(_BINARY_TYPES if isinstance(self.body, bytes) else [])
        return answer


def _chalice_view(app: Chalice, path: str, view: View) -> Callable[..., Response]:
    def chalice_view(**params: str) -> Response:
        request = app.current_request
        assert request is not None  # noqa: S101 - Chalice sets it before it calls a view
        return _answer(request, path, view, params)

    chalice_view.__name__ = view.__name__
    return chalice_view


def _answer(request: Request, path: str, view: View, params: dict[str, str]) -> Response:
    call = Call.of(request)
    if "accept" not in request.headers:
        # or Chalice answers 400: it takes every type on the list for binary, and binary for asked by name
        request.headers = CaseInsensitiveMapping({**request.headers, "accept": ""})
    with log.bound(request_id=call.request_id):
        answer = _guarded(call, view, params)
        if call.method in _CHANGING:
            _tell_who_changed_what(call, path, params, answer.status)
    return _Response(
        body=_body(call, answer),
        status_code=answer.status,
        headers=_headers(call, answer),
    )


def _tell_who_changed_what(call: Call, path: str, params: dict[str, str], status: int) -> None:
    """Log a call that changes something, or was refused: its route, for a path may hold a token, and the ids in it."""
    named = {**parameters.ids(params), **call.facts}
    log.info("call_answered", method=call.method, route=path, status=status, **named)


def _guarded(call: Call, view: View, params: dict[str, str]) -> Answer:
    try:
        origins.guard(call, settings.current())
        return view(call, **params)
    except DomainError as error:
        return envelope.refusal(error)
    except Exception:  # noqa: BLE001 - the last resort: nothing of an exception may reach a client
        log.exception("request_failed", method=call.method, route=view.__name__)
        return envelope.internal(call.request_id)


def _body(call: Call, answer: Answer) -> str | bytes:
    if answer.body is None or call.method == "HEAD":
        return ""
    return answer.body if isinstance(answer.body, (str, bytes)) else to_json(answer.body)


def _headers(call: Call, answer: Answer) -> dict[str, Any]:
    headers: dict[str, Any] = {
        "X-Request-Id": call.request_id,
        "X-Content-Type-Options": "nosniff",
        **origins.cors_headers(call, settings.current()),
    }
    if answer.personal:
        headers["Cache-Control"] = "no-store"
    if answer.body is not None and not isinstance(answer.body, (str, bytes)):
        headers["Content-Type"] = JSON
    headers |= answer.headers
    if answer.cookies:
        headers["Set-Cookie"] = list(answer.cookies)
    return headers
