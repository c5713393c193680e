"""Single segments for clients that ask the API for them: bytes through a Lambda, as far as those go.

Players never come here: playlists name signed URLs.
"""

import re
from dataclasses import dataclass

from botocore.exceptions import ClientError

from functions import aws, log
from functions.catalogue import layout
from functions.delivery import signing
from functions.delivery.offers import Offer
from functions.errors import InvalidInputError, NotFoundError
from functions.settings import current

# Lambda's answer holds 6 MB (6,291,556 bytes), of which base64 takes a quarter; the rest is for headers.
LARGEST = 4_400_000
_MISSING = "Video segment not found."
_NAME = re.compile(r"[0-9]{3,6}\.ts", re.ASCII)


class RangeError(Exception):
    """The range that was asked for lies outside the segment, which has `size` bytes."""

    def __init__(self, size: int) -> None:
        super().__init__(f"range outside of {size} bytes")
        self.size = size


@dataclass(frozen=True)
class Piece:
    """Bytes of a segment; `content_range` says which (RFC 9110, section 14.4), None where it is the whole."""

    body: bytes
    content_range: str | None


def locate(offer: Offer, resolution: str, name: str) -> str:
    """Return the key of the segment called `name` of the rendition served as `resolution`.

    Raises:
        NotFoundError: there is no such rendition or no such segment.
        InvalidInputError: `resolution` or `name` is not of the form `480p`, `000.ts`.
    """
    try:
        served = offer.rendition(resolution)
    except NotFoundError:
        raise NotFoundError(_MISSING) from None
    if not _NAME.fullmatch(name):
        raise InvalidInputError({"segment": ["Invalid segment name. Use e.g. 000.ts."]})
    number = int(name.removesuffix(".ts"))
    if number >= len(served.segments) or name != layout.segment_name(number):
        raise NotFoundError(_MISSING)
    return layout.segment_key(offer.film_id, offer.version, served.folder, name)


def read(key: str, byte_range: str | None) -> Piece | None:
    """Return the segment at `key`, or the part of it that `byte_range` (`bytes=0-99`) names; None: too large.

    Raises:
        NotFoundError: storage has no such object.
        RangeError: the range begins after the segment's end.
    """
    bucket, part = current().media_bucket, {"Range": byte_range} if byte_range else {}
    try:
        found = aws.s3().get_object(Bucket=bucket, Key=key, **part)  # type: ignore[arg-type]  # a str by name
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "InvalidRange":
            raise RangeError(aws.s3().head_object(Bucket=bucket, Key=key)["ContentLength"]) from None
        if code == "NoSuchKey":
            log.warning("segment_missing", key=key)
            raise NotFoundError(_MISSING) from None
        raise
    with found["Body"] as stream:
        if found["ContentLength"] > LARGEST:
            return None
        return Piece(stream.read(), found.get("ContentRange"))


def url(offer: Offer, key: str) -> str:
    """Return the signed URL of the segment at `key` of what is offered."""
    return signing.media_url(key, lasts=round(offer.duration, 3))
