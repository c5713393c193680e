"""An object arrived in the uploads bucket: who is it, and does it want work?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus

from functions import log
from functions.accounts import people
from functions.captions import beside
from functions.catalogue import caption_files, clock, intake, objects, replaced, reservation, store
from functions.catalogue.film import Source
from functions.catalogue.intake import Outcome, Registration
from functions.settings import current
from functions.transcoding import dispatch, metadata, notify
from functions.transcoding.metadata import Wishes
from functions.transcoding.troubles import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from types_boto3_s3.type_defs import HeadObjectOutputTypeDef

STEP: Final = "ingest"

_NOBODY: Final = 0  # no person has this id: only staff may change such a film, or see it while it is hidden


def on_record(record: Mapping[str, Any]) -> Registration | None:
    """Do what `on_object` does for a record of an S3 event (S3 user guide, "Event message structure").

    Raises:
        KeyError: it is no such record.
        ClientError: AWS did not answer; the event is to be tried again.
    """
    stored = record["s3"]["object"]
    key = unquote_plus(stored["key"])  # a space is a plus sign
    sequencer = stored.get("sequencer", "")
    # a store that does not number its events may not tell their time as it tells its objects'
    at = datetime.fromisoformat(record["eventTime"]) if sequencer and record.get("eventTime") else None
    return on_object(record["s3"]["bucket"]["name"], key, sequencer, at)


def on_object(bucket: str, key: str, sequencer: str, at: datetime | None = None) -> Registration | None:
    """Register an uploaded film and have it encoded, or give captions to theirs.

    Duplicate, late and reordered events change nothing.

    Args:
        bucket: Where it is.
        key: Its decoded key.
        sequencer: S3's order of events on this key, hexadecimal; empty: nobody heard of it by an event.
        at: When it was stored; None: the store says so of the object.

    Returns:
        What became of it; None: it is a folder, captions, gone already, or nothing that was announced.

    Raises:
        ClientError: AWS did not answer; the event is to be tried again.
    """
    if key.endswith("/"):
        return None  # what consoles make for an empty folder
    if caption_files.is_one(key):
        beside.on_file(key)
        return None
    head = objects.head(bucket, key)
    if head is None:
        log.info("upload_gone", key=key)  # deleted or replaced already; what replaced it has its own event
        return None
    # of an upload through the API everything is known; its metadata is the sender's, and so is ignored
    wishes = Wishes() if intake.is_reserved(key) else metadata.read(head["Metadata"])
    upload = _upload(key, sequencer, head, wishes, at)
    announced = not intake.is_reserved(key) or _is_announced(upload.source)
    if not announced and not _took_the_place(upload.source):
        objects.delete_same(bucket, key, upload.source.etag)
        log.warning("upload_not_announced", key=key)
        return None
    if not announced:
        upload = replace(upload, failure=reservation.NOT_ANNOUNCED)
    registration = intake.register(upload)
    log.info("upload_registered", key=key, film_id=registration.film_id, version=registration.version,
             outcome=str(registration.outcome))  # fmt: skip
    if registration.outcome is Outcome.NEW and upload.owner_id == _NOBODY:
        log.warning("film_without_owner", key=key, film_id=registration.film_id)
    _tidy(bucket, registration, upload.source)
    if registration.wants_work and not upload.failure:
        _begin(registration, size=head["ContentLength"])
    beside.on_film(registration.film_id, key)
    return registration


def _is_announced(source: Source) -> bool:
    owned = store.ownership(source.key)
    return owned is None or owned.deleted is not None or reservation.take(source.key, source.etag)


def _took_the_place(source: Source) -> bool:
    """Whether what lies here took the place of a film's content, so that the film has no source any more."""
    owned = store.ownership(source.key)
    film = store.get(owned.film_id) if owned else None
    return film is not None and film.source.key == source.key and film.source.etag != ""


def _tidy(bucket: str, registration: Registration, source: Source) -> None:
    """Delete the file that was replaced, or the one that came too late under a key which its film has left."""
    if registration.previous:
        replaced.remove(registration.previous)
    elif registration.outcome is Outcome.LATE:
        film = store.get(registration.film_id)
        # at a key that the server chose nobody ever sends anything again; at any other the next film may come
        has_left = film.source.key != source.key if film else intake.is_reserved(source.key)
        if has_left:
            objects.delete_same(bucket, source.key, source.etag)


def _begin(registration: Registration, *, size: int) -> None:
    if size == 0:
        notify.fail(registration.film_id, registration.version, RefusedError("not_a_video", STEP))
    else:
        dispatch.begin(registration.film_id, registration.version)


def _upload(
    key: str, sequencer: str, head: HeadObjectOutputTypeDef, wishes: Wishes, at: datetime | None
) -> intake.Upload:
    etag, modified = head["ETag"].strip('"'), head["LastModified"]
    if "-" in etag:
        # S3 says of what was sent in parts when it was begun; without an event we have just put it together ourselves
        ended = at or (clock.now() if intake.is_reserved(key) else modified)
        modified = ended.replace(microsecond=0)  # as exact as S3's own times, or one of the same second would be older
    source = Source(key=key, sequencer=sequencer, size=head["ContentLength"], etag=etag, modified=modified)
    return intake.Upload(
        source=source,
        owner_id=_owner_id(wishes.owner),
        title=wishes.title,
        description=wishes.description,
        category=wishes.category,
        published=wishes.publish,
        failure=dispatch.NOT_STARTED if wishes.transcode is False and source.size else None,
    )


def _owner_id(named: str | None) -> int:
    for email in (named, current().default_owner):
        if email and (person := people.find_by_email(email)):
            return person.id
    return _NOBODY
