"""Objects in the buckets, looked for, listed and removed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from functions import aws

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import HeadObjectOutputTypeDef


@dataclass(frozen=True, kw_only=True)
class Stored:
    """An object as a bucket lists it.

    Attributes:
        size: Bytes.
        etag: S3's entity tag, without quotes.
        modified: When it was stored (UTC, whole seconds), or begun to be, in parts.
    """

    key: str
    size: int
    etag: str
    modified: datetime


def listed(bucket: str, prefix: str = "") -> Iterator[Stored]:
    """Yield all objects whose keys start with `prefix`."""
    for page in _pages(bucket, prefix):
        yield from page


def keys(bucket: str, prefix: str) -> Iterator[str]:
    """Yield the keys of all objects whose keys start with `prefix`."""
    return (stored.key for stored in listed(bucket, prefix))


def folders(bucket: str, prefix: str) -> Iterator[str]:
    """Yield what the keys that start with `prefix` begin with up to the next slash."""
    for page in aws.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/"):
        yield from (entry["Prefix"] for entry in page.get("CommonPrefixes", []))


def _pages(bucket: str, prefix: str) -> Iterator[list[Stored]]:
    for page in aws.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield [
            Stored(
                key=entry["Key"],
                size=entry["Size"],
                etag=entry["ETag"].strip('"'),
                modified=entry["LastModified"],
            )
            for entry in page.get("Contents", [])
        ]


def head(bucket: str, key: str) -> HeadObjectOutputTypeDef | None:
    """Return what S3 tells of an object; None: there is none.

    Raises:
        ClientError: S3 did not answer.
    """
    try:
        return aws.s3().head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
            return None
        raise


def look(bucket: str, key: str) -> Stored | None:
    """Return an object as its bucket would list it; None: there is none."""
    found = head(bucket, key)
    if found is None:
        return None
    return Stored(key=key, size=found["ContentLength"], etag=found["ETag"].strip('"'), modified=found["LastModified"])


def etag(bucket: str, key: str) -> str | None:
    """Return S3's entity tag of an object, without quotes; None: there is none."""
    found = look(bucket, key)
    return found.etag if found else None


def is_later(modified: datetime, moment: datetime) -> bool:
    """Whether what S3 says was stored at `modified` came after a moment; it tells whole seconds, so not within one."""
    return modified > moment.replace(microsecond=0)


def delete_same(bucket: str, key: str, known: str, *, until: datetime | None = None) -> None:
    """Delete an object, unless by now another one lies at its key.

    Args:
        bucket: Where it is.
        key: Its key.
        known: S3's entity tag of it, without quotes.
        until: When it was there: what was stored later is another one, whatever its tag; None: not known.
    """
    found = look(bucket, key)
    if found and found.etag == known:
        _delete_until(bucket, found, until)


def delete_until(bucket: str, key: str, until: datetime | None) -> None:
    """Delete an object, unless it was stored after a moment; None: whenever it was."""
    if found := look(bucket, key):
        _delete_until(bucket, found, until)


def _delete_until(bucket: str, found: Stored, until: datetime | None) -> None:
    if until is None or not is_later(found.modified, until):
        aws.s3().delete_object(Bucket=bucket, Key=found.key)


def delete_prefix(bucket: str, prefix: str) -> int:
    """Delete all objects whose keys start with `prefix`; returns how many.

    Raises:
        RuntimeError: some could not be deleted; the others are gone.
    """
    deleted = 0
    for page in _pages(bucket, prefix):
        if page:  # at most 1,000, as many as one call deletes
            entries = [{"Key": stored.key} for stored in page]
            answer = aws.s3().delete_objects(Bucket=bucket, Delete={"Objects": entries, "Quiet": True})  # type: ignore[typeddict-item]
            if answer.get("Errors"):
                raise RuntimeError(f"{len(answer['Errors'])} objects could not be deleted")
            deleted += len(page)
    return deleted
