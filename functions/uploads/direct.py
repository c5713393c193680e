"""A whole file in one request to the API, as clients of the original send it."""

from __future__ import annotations

from functions import aws
from functions.catalogue import reservation
from functions.catalogue.film import Film
from functions.settings import current


def store(film: Film, content: bytes, content_type: str) -> str:
    """Store a film's content, its first or a new one; an upload that is under way ends. Returns the object's key.

    Storing comes last: its event makes the film of it, whatever fails after that.
    """
    key = reservation.new_key(film.id)
    reservation.drop(film.id)
    typed = {"ContentType": content_type} if content_type else {}
    aws.s3().put_object(Bucket=current().uploads_bucket, Key=key, Body=content, **typed)  # type: ignore[arg-type]
    return key
