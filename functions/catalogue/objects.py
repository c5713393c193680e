"""Objects in the buckets, listed and removed together."""

from collections.abc import Iterator

from functions import aws


def keys(bucket: str, prefix: str) -> Iterator[str]:
    """Yield the keys of all objects whose keys start with `prefix`."""
    for page in aws.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from (entry["Key"] for entry in page.get("Contents", []))


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
