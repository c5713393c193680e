"""How a client begins an upload: what it is told to do, and by when.

Everything is signed with this function's own credentials, which may put objects under the server's own keys and
nowhere else (infra/access.yaml), and for the address at which clients reach storage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from functions import aws
from functions.catalogue import reservation
from functions.catalogue.film import Film
from functions.catalogue.reservation import Pending
from functions.settings import current
from functions.uploads import multipart, sizes
from functions.uploads.multipart import Address


@dataclass(frozen=True, kw_only=True)
class Instructions:
    """What a client has to do.

    Attributes:
        url: Where to POST a form of `fields` and the file, as field `file`; empty for a file in parts.
        fields: All of the form but the file, which comes last.
        put_url: Where to PUT the file instead, for clients that would rather send no form.
        part_size: Bytes of each part but the last; 0 for a file in one piece.
        parts: Where to PUT each part.
        expires_at: When the addresses stop working (UTC).
    """

    expires_at: datetime
    url: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    put_url: str = ""
    part_size: int = 0
    parts: Sequence[Address] = ()


def begin(film: Film, key: str, size: int, content_type: str, *, in_parts: bool = False) -> Instructions:
    """Begin the upload of a film's content, its first or a new one; an earlier one that is under way ends.

    Args:
        film: Whose content it is.
        key: Where the file has to arrive: one of the film's to which nothing was sent yet.
        size: Bytes of the file; storage takes no more at once.
        content_type: Media type of the file, or empty.
        in_parts: Whether the client wants parts, which it can pause between, whatever the size.
    """
    reservation.drop(film.id)
    if size <= sizes.ONE_PIECE and not in_parts:
        return _one_piece(Pending(film_id=film.id, key=key, size=size), content_type)
    return _in_parts(Pending(film_id=film.id, key=key, size=size, part_size=sizes.part_size(size)), content_type)


def _one_piece(upload: Pending, content_type: str) -> Instructions:
    fields = {"Content-Type": content_type} if content_type else {}
    expires_at, bucket, s3 = expiry(), current().uploads_bucket, aws.public_s3()
    post = s3.generate_presigned_post(
        bucket,
        upload.key,
        Fields=dict(fields),
        # the policy is what makes storage itself refuse a file that is larger than announced
        Conditions=[["content-length-range", 1, upload.size], *({name: value} for name, value in fields.items())],
        ExpiresIn=multipart.SIGNED_SECONDS,
    )
    exactly = {"Bucket": bucket, "Key": upload.key, "ContentLength": upload.size}
    put_url = s3.generate_presigned_url("put_object", Params=exactly, ExpiresIn=multipart.SIGNED_SECONDS)
    reservation.expect(upload)
    return Instructions(url=post["url"], fields=post["fields"], put_url=put_url, expires_at=expires_at)


def _in_parts(upload: Pending, content_type: str) -> Instructions:
    started = multipart.start(upload, content_type)
    reservation.expect(started)
    expires_at = expiry()
    numbers = range(1, multipart.count(started) + 1)
    return Instructions(part_size=started.part_size, parts=multipart.addresses(started, numbers), expires_at=expires_at)


def expiry() -> datetime:
    """Return when addresses that are signed now stop working (UTC)."""
    return datetime.now(UTC) + timedelta(seconds=multipart.SIGNED_SECONDS)
