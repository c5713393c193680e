"""A file in a `multipart/form-data` body (RFC 7578)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, NamedTuple

from functions.errors import InvalidInputError

if TYPE_CHECKING:
    from multipart import MultipartPart

    from functions.http.call import Call

MEDIA_TYPE = "multipart/form-data"


class File(NamedTuple):
    """A file that was sent: its bytes and the media type that its sender gave it (empty: none)."""

    content: bytes
    content_type: str


def read(call: Call, name: str) -> File:
    """Return the file in field `name`.

    Raises:
        InvalidInputError: there is none, it is empty, or the form cannot be read. The sentences are the original's.
    """
    part = _part(call, name)
    if part is None:
        raise InvalidInputError({name: ["No file was submitted."]})
    if part.filename is None:
        raise InvalidInputError({name: ["The submitted data was not a file. Check the encoding type on the form."]})
    if not part.size:
        raise InvalidInputError({name: ["The submitted file is empty."]})
    return File(part.raw, part.content_type or "")


def _part(call: Call, name: str) -> MultipartPart | None:
    from multipart import MultipartError, MultipartParser, parse_options_header  # noqa: PLC0415 - only uploads need it

    try:
        _, options = parse_options_header(call.headers.get("content-type", ""))
        # all of it is in memory already, so nothing is gained by a file on disk
        parser = MultipartParser(
            io.BytesIO(call.body), options["boundary"], memory_limit=len(call.body), spool_limit=len(call.body)
        )
        return next((part for part in parser if part.name == name), None)
    except (MultipartError, KeyError, ValueError):
        raise InvalidInputError("The form could not be read.") from None
