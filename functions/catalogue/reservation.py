"""A film that is announced before its file: it has an id and a key of its own, and waits in `UPLOADING`.

Whatever arrives at that key is its content (`intake.register`), whoever sent it: only we can sign for it. Each upload
that is announced, of a first content or of a new one, has a key of its own and is for one file: the address for it
works for a while, and limits hold by announcement.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from botocore.exceptions import ClientError

from functions import aws
from functions.catalogue import clock, intake, objects, store, writing
from functions.catalogue.film import Failure, Film, Source, State
from functions.catalogue.items import RECORD, SourceItem, UploadItem, film_key, source_key
from functions.catalogue.timeline import extended
from functions.settings import current

PATIENCE: Final = timedelta(days=2)
"""How long a film waits for its file before it fails as `never_uploaded`; a file that comes later revives it. One that
comes in parts is waited for as long as they are kept."""

_KEPT: Final = timedelta(days=7)  # as long as the bucket keeps the parts of an interrupted upload (infra/data.yaml)
_SK: Final = "upload"


NOT_ANNOUNCED: Final = Failure(
    code="not_announced",
    message="This upload had its file already, and another one was sent in its place. Begin a new upload.",
    step="ingest",
)
"""What was published stays."""


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
    """

    film_id: int
    key: str
    size: int
    part_size: int = 0
    upload_id: str | None = None


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
        source=replace(said.source, key=_random_key(film_id)),
        version="0",  # of no content: no media ever has it
        state=State.UPLOADING,
        timeline=extended((), now, "announced"),
        queued_at=None,
        lease_expires_at=(now + PATIENCE).timestamp(),
    )
    if not store.create(film):
        raise AssertionError("a key that was drawn at random belonged to a film")
    return film


def _random_key(film_id: int) -> str:
    return f"{intake.folder(film_id)}{secrets.token_urlsafe(16)}"


def new_key(film_id: int) -> str:
    """Return a key at which another file of a film may arrive: one to which no other upload's was ever sent."""
    key = _random_key(film_id)
    store.own(key, film_id)
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
    item = _read(film_id)
    if item is None:
        return None
    return Pending(
        film_id=film_id,
        key=item.key,
        size=int(item.size),
        part_size=int(item.part_size),
        upload_id=item.upload_id,
    )


def _read(film_id: int) -> UploadItem | None:
    try:
        item = UploadItem.get(film_key(film_id), _SK, consistent_read=True)
    except UploadItem.DoesNotExist:
        return None
    return item if item.expires_at > clock.now().timestamp() else None  # DynamoDB removes it within days


def wait_on(film_id: int) -> bool:
    """Let an announced film wait on, if the upload that it expects may still bring its file; False: none may."""
    item = _read(film_id)
    if item is None:
        return False
    until = float(item.expires_at) - (0 if item.upload_id else (_KEPT - PATIENCE).total_seconds())

    def step(film: Film) -> Film | None:
        return replace(film, lease_expires_at=until) if film.state is State.UPLOADING else None

    return until > clock.now().timestamp() and store.change(film_id, step) is not None


def take(key: str, etag: str) -> bool:
    """Take what arrived at a key of the server's for the file that was announced; the same one any number of times.

    Args:
        key: One that belongs to a film.
        etag: S3's entity tag, without quotes.

    Returns:
        False: the upload was cancelled, or had another file.
    """
    item = SourceItem(pk=source_key(key), sk=RECORD)
    first = SourceItem.arrived.does_not_exist() & SourceItem.cancelled.does_not_exist()
    expected = SourceItem.pk.exists() & (first | (SourceItem.arrived == etag))
    return writing.attempt(lambda: item.update([SourceItem.arrived.set(etag)], condition=expected))


def drop(film_id: int) -> bool:
    """Expect no upload any more, whose parts S3 forgets. A file that has arrived stays.

    Returns:
        False: another upload took its place meanwhile, and is expected.
    """
    upload = pending(film_id)
    if upload is None:
        return True
    if upload.upload_id is not None:
        _abort(upload.key, upload.upload_id)
    elif objects.etag(current().uploads_bucket, upload.key) is None:
        _cancel(upload.key)
    same = UploadItem.pk.does_not_exist() | (UploadItem.key == upload.key)
    return writing.attempt(lambda: UploadItem(pk=film_key(film_id), sk=_SK).delete(condition=same))


def _cancel(key: str) -> None:
    """Take no file any more, though the address for it works for a while yet."""
    none_yet = SourceItem.pk.exists() & SourceItem.arrived.does_not_exist()
    item = SourceItem(pk=source_key(key), sk=RECORD)
    writing.attempt(lambda: item.update([SourceItem.cancelled.set(value=True)], condition=none_yet))


def _abort(key: str, upload_id: str) -> None:
    try:
        aws.s3().abort_multipart_upload(Bucket=current().uploads_bucket, Key=key, UploadId=upload_id)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchUpload":  # completed, aborted or forgotten
            raise
