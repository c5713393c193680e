"""Objects in the buckets, looked for, listed and removed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from functions import aws

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import HeadObjectOutputTypeDef


def keys(bucket: str, prefix: str) -> Iterator[str]:
    """Yield the keys of all objects whose keys start with `prefix`."""
    for page in aws.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from (entry["Key"] for entry in page.get("Contents", []))


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


def etag(bucket: str, key: str) -> str | None:
    """Return S3's entity tag of an object, without quotes; None: there is none."""
    found = head(bucket, key)
    return found["ETag"].strip('"') if found else None


def delete_same(bucket: str, key: str, known: str) -> None:
    """Delete an object, unless by now another one lies at its key.

    Args:
        bucket: Where it is.
        key: Its key.
        known: S3's entity tag of it, without quotes.
    """
    if etag(bucket, key) == known:
        aws.s3().delete_object(Bucket=bucket, Key=key)


def delete_prefix(bucket: str, prefix: str) -> int:
    """Delete all objects whose keys start with `prefix`; returns how many.

    Raises:
        RuntimeError: some could not be deleted; the others are gone.
    """
    deleted = 0
    for page in aws.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        keys = [{"Key": entry["Key"]} for entry in page.get("Contents", [])]
        if keys:  # a page has at most 1,000, as many as one call deletes
            answer = aws.s3().delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})  # type: ignore[typeddict-item]
            if answer.get("Errors"):
                raise RuntimeError(f"{len(answer['Errors'])} objects could not be deleted")
            deleted += len(keys)
    return deleted
