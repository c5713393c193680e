"""Uploads in parts: each part has its own signed address, so that what breaks off goes on where it was.

S3 keeps the parts until the upload is completed or aborted; what is abandoned, the bucket's lifecycle rule removes.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, NoReturn

from botocore.exceptions import ClientError

from functions import aws
from functions.catalogue import objects, reservation, work
from functions.catalogue.film import Failure, Film, State
from functions.catalogue.reservation import Pending
from functions.errors import ConflictError, InvalidInputError
from functions.settings import current
from functions.uploads import sizes

SIGNED_SECONDS: Final = 3600
"""How long a signed address works: no longer than the session that signs surely lives; fresh ones are to be had."""

OVER: Final = "This upload is over. Begin a new one."
_NONE: Final = "No upload is under way. Begin one first."
_EVERY_PART: Final = "Name every part once, with its number and its etag."
_MISSING: Final = "Some parts have not arrived. Ask which have, and send the others."
_WRONG_ETAG: Final = "An etag is not the one of the part that arrived. Ask which parts have arrived."
_WRONG_SIZE: Final = "The parts are not as large as announced. Send them again."

_CANCELLED: Final = Failure(
    code="upload_cancelled", message="The upload was cancelled. Upload the file again.", step="upload"
)


@dataclass(frozen=True)
class Address:
    """Where to PUT part `number` (from 1)."""

    number: int
    url: str


@dataclass(frozen=True)
class Part:
    """A part that arrived: its number (from 1), S3's entity tag without quotes, and its bytes."""

    number: int
    etag: str
    size: int


def of(film: Film) -> Pending:
    """Return the upload that `film` expects, or the last that it got.

    Raises:
        ConflictError: there is none.
    """
    upload = reservation.pending(film.id)
    if upload is None:
        raise ConflictError(_NONE)
    return upload


def count(upload: Pending) -> int:
    """Return how many parts the upload has: 0 where it comes in one piece."""
    return sizes.part_count(upload.size, upload.part_size) if upload.part_size else 0


def start(upload: Pending, content_type: str) -> Pending:
    """Start a multipart upload in S3; returns `upload` with its name."""
    typed = {"ContentType": content_type} if content_type else {}
    made = aws.s3().create_multipart_upload(Bucket=current().uploads_bucket, Key=upload.key, **typed)  # type: ignore[arg-type]
    return replace(upload, upload_id=made["UploadId"])


def addresses(upload: Pending, numbers: Iterable[int]) -> list[Address]:
    """Return where to PUT the parts `numbers`, for `SIGNED_SECONDS` from now.

    Raises:
        ConflictError: the upload comes in one piece.
    """
    where, sign = _where(upload), aws.public_s3().generate_presigned_url

    def address(number: int) -> Address:
        # the length is signed as well: storage takes no part of another
        length = sizes.part_length(upload.size, upload.part_size, number)
        part = {**where, "PartNumber": number, "ContentLength": length}
        return Address(number, sign("upload_part", Params=part, ExpiresIn=SIGNED_SECONDS))

    return [address(number) for number in numbers]


def arrived(upload: Pending) -> list[Part]:
    """Return the parts that S3 has, by number.

    Raises:
        ConflictError: the upload was completed, aborted or forgotten, or it comes in one piece.
    """
    found = _arrived(upload)
    if found is None:
        raise ConflictError(OVER)
    return found


def complete(upload: Pending, named: Iterable[tuple[int, str]]) -> None:
    """Put the parts together; doing so twice does nothing. Whatever is refused here stays as it is in S3.

    Args:
        upload: Which upload.
        named: Number and etag of each part, as S3 answered when it was sent.

    Raises:
        InvalidInputError: parts are missing, or others than those that arrived.
        ConflictError: the upload was aborted or forgotten, or its one piece has not arrived.
    """
    tags = sorted((number, etag.strip('"')) for number, etag in named)
    if upload.upload_id is None:
        _require_object(upload)
        return
    if [number for number, _ in tags] != list(range(1, count(upload) + 1)):
        _refuse(_EVERY_PART)
    parts = _arrived(upload)
    if parts is None:
        _require_object(upload, _whole_etag(etag for _, etag in tags))
        return
    _check(upload, parts, tags)
    entries = [{"PartNumber": number, "ETag": etag} for number, etag in tags]
    try:
        aws.s3().complete_multipart_upload(**_where(upload), MultipartUpload={"Parts": entries})  # type: ignore[arg-type,typeddict-item]
    except ClientError as error:
        if _code(error) == "NoSuchUpload":  # the same call was a little faster
            _require_object(upload, _whole_etag(etag for _, etag in tags))
        elif _code(error) in ("InvalidPart", "InvalidPartOrder", "EntityTooSmall"):
            _refuse(_WRONG_SIZE)
        else:
            raise


def _check(upload: Pending, parts: list[Part], tags: list[tuple[int, str]]) -> None:
    if [part.number for part in parts] != [number for number, _ in tags]:
        _refuse(_MISSING)
    if [part.etag for part in parts] != [etag for _, etag in tags]:
        _refuse(_WRONG_ETAG)
    # each address takes its part's length and no other; this guards the sum whatever the storage checks
    if sum(part.size for part in parts) != upload.size:
        _refuse(_WRONG_SIZE)


def abort(film: Film) -> None:
    """End the upload that `film` expects, if any, and forget its parts. A film without content ends with it.

    One that begins at this moment goes on, and the film with it.
    """
    if reservation.drop(film.id) and film.state is State.UPLOADING:
        work.fail(film.id, film.version, _CANCELLED)


def _where(upload: Pending) -> dict[str, str]:
    if upload.upload_id is None:
        raise ConflictError(OVER)
    return {"Bucket": current().uploads_bucket, "Key": upload.key, "UploadId": upload.upload_id}


def _arrived(upload: Pending) -> list[Part] | None:
    try:
        return list(_listed(upload))
    except ClientError as error:
        if _code(error) == "NoSuchUpload":
            return None
        raise


def _listed(upload: Pending) -> Iterator[Part]:
    for page in aws.s3().get_paginator("list_parts").paginate(**_where(upload)):  # type: ignore[arg-type]
        for part in page.get("Parts", []):
            yield Part(part["PartNumber"], part["ETag"].strip('"'), part["Size"])


def _require_object(upload: Pending, etag: str | None = None) -> None:
    """Make sure that the whole object is there, with this etag if one is given.

    Raises:
        ConflictError: it is not.
    """
    found = objects.etag(current().uploads_bucket, upload.key)
    if found is None:
        raise ConflictError(OVER if etag else "The file has not arrived. Send it first.")
    if etag and found != etag:
        raise ConflictError(OVER)


def _whole_etag(etags: Iterable[str]) -> str:
    """Return the etag of an object made of parts: the MD5 of their MD5s, and their number."""
    digests = []
    with contextlib.suppress(ValueError):  # what is no MD5 leads to an etag that no object has
        digests = [bytes.fromhex(etag) for etag in etags]
    whole = hashlib.md5(b"".join(digests), usedforsecurity=False)
    return f"{whole.hexdigest()}-{len(digests)}"


def _refuse(sentence: str) -> NoReturn:
    raise InvalidInputError({"parts": [sentence]})


def _code(error: ClientError) -> str:
    return error.response["Error"]["Code"]
