"""What can go wrong in the domain, with a code for machines and a sentence for people.

The domain raises these and knows nothing of HTTP; `functions.http.envelope` turns them into answers. No sentence
ever holds text that a user sent: existing frontends show it as HTML.
"""

from collections.abc import Mapping, Sequence

NON_FIELD = "non_field_errors"
REQUEST_TOO_LARGE = (
    "The request is too large for this way. Create the video with POST /api/video/ and upload it straight to S3."
)
"""Said by whoever meets it first: the API, or the gateway before it."""


class DomainError(Exception):
    """Base of all refusals.

    Attributes:
        errors: Sentences for people, by field name (`non_field_errors` where no field is meant).
    """

    code = "error"

    def __init__(self, errors: Mapping[str, Sequence[str]] | str) -> None:
        if isinstance(errors, str):
            errors = {NON_FIELD: [errors]}
        self.errors = {field: list(texts) for field, texts in errors.items()}
        super().__init__(self.code)


class InvalidInputError(DomainError):
    """What was sent cannot be used as it is."""

    code = "invalid_input"


class UnauthenticatedError(DomainError):
    """Nobody, or nobody we can believe, is asking."""

    code = "unauthenticated"


class ForbiddenError(DomainError):
    """We know who is asking, and they may not."""

    code = "forbidden"


class NotFoundError(DomainError):
    """There is no such thing, or not for this caller."""

    code = "not_found"


class ConflictError(DomainError):
    """The thing is in a state that does not allow this now."""

    code = "conflict"


class TooLargeError(DomainError):
    """More bytes than this way in can take."""

    code = "too_large"


class UnsupportedMediaError(DomainError):
    """A body of a type this call does not read."""

    code = "unsupported_media"


class ThrottledError(DomainError):
    """Too many tries; `retry_after` is the whole seconds (at least 1) until the next may succeed."""

    code = "throttled"

    def __init__(self, retry_after: int, reason: str = "Request was throttled.") -> None:
        self.retry_after = max(1, retry_after)
        super().__init__(f"{reason} Expected available in {self.retry_after} seconds.")
