"""Films are removed with everything that was made of them. What is interrupted, `resume` finishes."""

from typing import Final

from botocore.exceptions import ClientError

from functions import aws, log, settings
from functions.catalogue import clock, layout, queries, store
from functions.catalogue.film import Film, Source

_RESUME_AFTER: Final = 15 * 60  # seconds; longer than any Lambda lives


def delete(film_id: int) -> bool:
    """Remove a film: out of every list at once, then its media and its source, then the record.

    A worker learns of it at its next word and may store a segment until then: so the record of a film that was in
    work stays for `resume`, which looks again when no worker can be left.

    Returns:
        False if there is no such film.
    """
    film = store.begin_deletion(film_id, resume_at=clock.now().timestamp() + _RESUME_AFTER)
    if film is None:
        return False
    _remove(film)
    if not film.state.in_work:
        _end(film)
    return True


def delete_films_of(owner_id: int) -> int:
    """Remove every film that a person owns; returns how many."""
    return sum(delete(film.id) for film in list(queries.owned_by(owner_id)))


def resume(limit: int = 100) -> int:
    """Finish deletions that were interrupted or had to wait for a worker's end; returns how many."""
    films = store.overdue(store.DELETION, limit)
    for film in films:
        _remove(film)
        _end(film)
    return len(films)


def _remove(film: Film) -> None:
    delete_prefix(settings.current().media_bucket, layout.film_prefix(film.id))
    _delete_source(film.id, film.source)


def _end(film: Film) -> None:
    store.end_deletion(film.id)
    log.info("film_deleted", film_id=film.id)


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


def _delete_source(film_id: int, source: Source) -> None:
    """Delete the uploaded object, unless its key holds another film by now."""
    owned = store.ownership(source.key)
    if owned and owned.film_id != film_id:
        return
    bucket = settings.current().uploads_bucket
    try:
        head = aws.s3().head_object(Bucket=bucket, Key=source.key)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
            return
        raise
    if head["ETag"].strip('"') == source.etag:
        aws.s3().delete_object(Bucket=bucket, Key=source.key)
