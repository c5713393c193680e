"""A film that is announced before its file: it has an id and a key of its own, and waits in `UPLOADING`.

Whatever arrives at that key is its content (`intake.register`), whoever sent it: only we can sign for it.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from botocore.exceptions import ClientError

from functions import aws
from functions.catalogue import clock, intake, store, writing
from functions.catalogue.film import Film, Source, State
from functions.catalogue.items import UploadItem, film_key
from functions.catalogue.timeline import extended
from functions.settings import current

PATIENCE: Final = timedelta(days=2)
"""How long a film waits for its file before it fails as `never_uploaded`; a file that comes later revives it."""

_KEPT: Final = timedelta(days=7)  # as long as the bucket keeps the parts of an interrupted upload (infra/data.yaml)
_SK: Final = "upload"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What somebody says about a film that they are going to upload; empty or None: not said, the default counts.

    Attributes:
        filename: The file's name at home; a title where none is given.
    """

    owner_id: int
    size: int
    filename: str = ""
    title: str = ""
    description: str = ""
    category: str = ""
    published: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Pending:
    """The upload that a film expects.

    Attributes:
        size: Bytes of the whole file.
        part_size: Bytes of each part but the last; 0 where the file comes in one piece.
        upload_id: S3's name of the multipart upload; None where the file comes in one piece.
        arrived: S3's entity tag of the file that arrived, without quotes; None: it has not. An address for one piece
            works for a while, but each upload that was announced is for one file.
    """

    film_id: int
    key: str
    size: int
    part_size: int = 0
    upload_id: str | None = None
    arrived: str | None = None


def reserve(draft: Draft) -> Film:
    """Announce a film.

    Returns:
        The film in state `UPLOADING`; `source.key` is where its file has to go.
    """
    film_id, now = store.next_id(), clock.now()
    said = intake.Upload(
        source=Source(key=draft.filename, sequencer="", size=draft.size, etag=""),
        owner_id=draft.owner_id,
        title=draft.title,
        description=draft.description,
        category=draft.category,
        published=draft.published,
    )
    film = replace(
        intake.new_film(film_id, said, now),
        source=replace(said.source, key=_new_key(film_id)),
        version="0",  # of no content: no media ever has it
        state=State.UPLOADING,
        timeline=extended((), now, "announced"),
        queued_at=None,
        lease_expires_at=(now + PATIENCE).timestamp(),
    )
    if not store.create(film):
        raise AssertionError("a key that was drawn at random belonged to a film")
    return film


def _new_key(film_id: int) -> str:
    return f"{intake.RESERVED}{film_id}/{secrets.token_urlsafe(16)}"


def key_of(film: Film) -> str:
    """Return the key at which new content of `film` has to arrive; chosen and given to it where it has none yet."""
    if intake.is_reserved(film.source.key):
        return film.source.key
    expected = pending(film.id)
    if expected:
        return expected.key
    key = _new_key(film.id)
    store.own(key, film.id)
    return key


def expect(upload: Pending) -> None:
    """Remember the upload that a film expects; it takes the place of an earlier one."""
    UploadItem(
        pk=film_key(upload.film_id),
        sk=_SK,
        key=upload.key,
        size=upload.size,
        part_size=upload.part_size,
        upload_id=upload.upload_id,
        expires_at=int((clock.now() + _KEPT).timestamp()),
    ).save()


def pending(film_id: int) -> Pending | None:
    """Return the upload that a film expects, or the last that it got; None: none, or it was long ago."""
    try:
        item = UploadItem.get(film_key(film_id), _SK, consistent_read=True)
    except UploadItem.DoesNotExist:
        return None
    if item.expires_at <= clock.now().timestamp():
        return None  # DynamoDB removes it within days
    return Pending(
        film_id=film_id,
        key=item.key,
        size=int(item.size),
        part_size=int(item.part_size),
        upload_id=item.upload_id,
        arrived=item.arrived,
    )


def note_arrival(film_id: int, source: Source) -> None:
    """Remember that the file of the upload that a film expects has arrived. Only the first one counts."""
    upload = UploadItem(pk=film_key(film_id), sk=_SK)
    first = (UploadItem.key == source.key) & UploadItem.arrived.does_not_exist()
    writing.attempt(lambda: upload.update([UploadItem.arrived.set(source.etag)], condition=first))


def drop(film_id: int) -> Pending | None:
    """Expect no upload any more, and have S3 forget the parts of one that is under way; returns what was expected."""
    upload = pending(film_id)
    if upload is None:
        return None
    if upload.upload_id is not None:
        _abort(upload.key, upload.upload_id)
    UploadItem(pk=film_key(film_id), sk=_SK).delete()
    return upload


def _abort(key: str, upload_id: str) -> None:
    try:
        aws.s3().abort_multipart_upload(Bucket=current().uploads_bucket, Key=key, UploadId=upload_id)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchUpload":  # completed, aborted or forgotten
            raise
