"""The one place that turns a refusal into an answer of the contract's shape."""

from functions import errors
from functions.http.call import Answer

_STATUS: dict[type[errors.DomainError], int] = {
    errors.InvalidInputError: 400,
    errors.UnauthenticatedError: 401,
    errors.ForbiddenError: 403,
    errors.NotFoundError: 404,
    errors.ConflictError: 409,
    errors.TooLargeError: 413,
    errors.UnsupportedMediaError: 415,
    errors.ThrottledError: 429,
}


def refusal(error: errors.DomainError) -> Answer:
    """Return the answer for a domain error."""
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 400)
    headers = {}
    if isinstance(error, errors.UnauthenticatedError):
        headers["WWW-Authenticate"] = 'Bearer realm="videoflix"'  # RFC 9110, section 11.6.1
    if isinstance(error, errors.ThrottledError):
        headers["Retry-After"] = str(error.retry_after)
    return Answer({"errors": error.errors}, status, headers)


def sentences(error: errors.DomainError) -> list[str]:
    """Return what an error says to people, without the names of fields."""
    return [text for texts in error.errors.values() for text in texts]


def plain(status: int, text: str, **headers: str) -> Answer:
    """Return an error that no domain knows of (405, 416): `text` under `non_field_errors`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer({"errors": {errors.NON_FIELD: [text]}}, status, named)


def internal(request_id: str) -> Answer:
    """Return the answer to a fault of ours: the id by which an operator finds it in the log, and nothing else."""
    return Answer({"errors": {errors.NON_FIELD: ["Internal server error."]}, "request_id": request_id}, 500)
