"""Routes of an area, and how they are mounted on Chalice.

API Gateway answers an unregistered method with its own 403, so every path gets all methods: those that no route
serves lead to our 405 with `Allow` (RFC 9110, section 15.5.6), OPTIONS to the preflight, HEAD to GET.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from chalice import Chalice, Response

from functions import log, settings
from functions.errors import DomainError, NotFoundError
from functions.http import envelope, origins
from functions.http.call import Answer, Call

View = Callable[..., Answer]
_Decorated = TypeVar("_Decorated", bound=View)
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


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
    views: dict[str, dict[str, View]] = defaultdict(dict)
    for area in areas:
        for path, methods in area.views.items():
            views[path].update(methods)
    for path, methods in views.items():
        _mount_path(app, path, methods)
    for method in _METHODS:
        app.route("/{proxy+}", methods=[method], content_types=[])(
            _chalice_view(app, _preflight_or(_unknown), "unknown")
        )


def _mount_path(app: Chalice, path: str, methods: dict[str, View]) -> None:
    if "GET" in methods:
        methods.setdefault("HEAD", methods["GET"])
    allow = ", ".join([method for method in _METHODS if method in methods] + ["OPTIONS"])

    def refuse(_call: Call, **_params: str) -> Answer:
        return envelope.plain(405, "Method not allowed.", Allow=allow)

    for method in _METHODS:
        view = methods.get(method, _preflight_or(refuse))
        app.route(path, methods=[method], content_types=[])(_chalice_view(app, view, view.__name__))


def _preflight_or(view: View) -> View:
    def answer(call: Call, **params: str) -> Answer:
        if call.method == "OPTIONS":
            return Answer(status=204, personal=False)
        return view(call, **params)

    answer.__name__ = view.__name__
    return answer


def _unknown(_call: Call, **_params: str) -> Answer:
    raise NotFoundError("Not found.")


def _chalice_view(app: Chalice, view: View, name: str) -> Callable[..., Response]:
    def chalice_view(**params: str) -> Response:
        call = Call.of(app.current_request)
        return _response(call, _guarded(call, view, params))

    chalice_view.__name__ = name
    return chalice_view


def _guarded(call: Call, view: View, params: dict[str, str]) -> Answer:
    try:
        origins.guard(call, settings.current())
        return view(call, **params)
    except DomainError as error:
        return envelope.refusal(error)
    except Exception:  # noqa: BLE001 - the last resort: nothing of an exception may reach a client
        log.exception("request_failed", request_id=call.request_id, method=call.method, route=view.__name__)
        return envelope.plain(500, "Internal server error.")


def _response(call: Call, answer: Answer) -> Response:
    headers: dict[str, Any] = {
        "X-Request-Id": call.request_id,
        "X-Content-Type-Options": "nosniff",
        **origins.cors_headers(call, settings.current()),
    }
    if answer.personal:
        headers["Cache-Control"] = "no-store"
    if answer.body is not None and not isinstance(answer.body, (str, bytes)):
        headers["Content-Type"] = "application/json"
    headers |= answer.headers
    if answer.cookies:
        headers["Set-Cookie"] = list(answer.cookies)
    body = "" if answer.body is None or call.method == "HEAD" else answer.body
    return Response(body=body, status_code=answer.status, headers=headers)
