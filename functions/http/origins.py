"""CORS and the guard against foreign origins (contract, sections 1 and 2)."""

from functions.errors import ForbiddenError
from functions.http.call import Call
from functions.settings import Settings, origin_of

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_ALLOWED_HEADERS = "accept, authorization, content-type, if-none-match, range, x-csrftoken, x-requested-with"
_EXPOSED_HEADERS = "accept-ranges, content-range, etag, link, retry-after, x-request-id"
_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"


def _allowed(origin: str, settings: Settings) -> bool:
    # the API serves pages of its own
    return origin in settings.cors_allowed_origins or origin == origin_of(settings.api_base_url)


def cors_headers(call: Call, settings: Settings) -> dict[str, str]:
    """Return the CORS headers: for an allowed origin exactly that one, for any other none but `Vary`."""
    headers = {"Vary": "Origin"}
    origin = call.headers.get("origin", "")
    if not _allowed(origin, settings):
        return headers
    headers |= {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": _EXPOSED_HEADERS,
    }
    if call.method == "OPTIONS":
        headers |= {
            "Access-Control-Allow-Methods": _METHODS,
            "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
            "Access-Control-Max-Age": "86400",
        }
    return headers


def guard(call: Call, settings: Settings) -> None:
    """Refuse an unsafe call from a foreign origin, `null` included (OWASP CSRF cheat sheet, "verifying origin").

    A call without the header is let through: it comes from no browser page.

    Raises:
        ForbiddenError: the origin is present and not allowed.
    """
    origin = call.headers.get("origin", "")
    if call.method not in SAFE_METHODS and origin and not _allowed(origin, settings):
        raise ForbiddenError("Origin not allowed.")
