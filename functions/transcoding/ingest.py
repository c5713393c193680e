"""An object arrived in the uploads bucket: who is it, and does it want work?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from functions import aws, log
from functions.accounts import people
from functions.captions import beside
from functions.catalogue import caption_files, intake, reservation, store, work
from functions.catalogue.film import Failure, Source
from functions.catalogue.intake import Outcome, Registration
from functions.settings import current
from functions.transcoding import dispatch, metadata, notify
from functions.transcoding.metadata import Wishes
from functions.transcoding.troubles import RefusedError

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import HeadObjectOutputTypeDef

STEP: Final = "ingest"

NOT_ANNOUNCED: Final = Failure(
    code="not_announced",
    message="This upload had its file already, and another one was sent in its place. Begin a new upload.",
    step=STEP,
)
"""Limits of uploads hold by announcement, so each is for one file; what was published stays."""

_NOBODY: Final = 0  # no person has this id: only staff sees such a film


def on_object(bucket: str, key: str, sequencer: str) -> Registration | None:
    """Register an uploaded film and have it encoded, or give captions to theirs.

    Duplicate, late and reordered events change nothing.

    Args:
        bucket: Where it is.
        key: Its decoded key.
        sequencer: S3's order of events on this key, hexadecimal.

    Returns:
        What became of it; None: it is a folder, captions, or gone already.

    Raises:
        ClientError: AWS did not answer; the event is to be tried again.
    """
    if key.endswith("/"):
        return None  # what consoles make for an empty folder
    if caption_files.is_one(key):
        beside.on_file(key)
        return None
    head = _head(bucket, key)
    if head is None:
        log.info("upload_gone", key=key)  # deleted or replaced already; what replaced it has its own event
        return None
    # of an upload through the API everything is known; its metadata is the sender's, and so is ignored
    wishes = Wishes() if intake.is_reserved(key) else metadata.read(head["Metadata"])
    upload = _upload(key, sequencer, head, wishes)
    had = _file_had(key)
    registration = intake.register(_sent_again(upload) if upload.source.etag == had else upload)
    log.info("upload_registered", key=key, film_id=registration.film_id, version=registration.version,
             outcome=str(registration.outcome))  # fmt: skip
    if registration.outcome is Outcome.REPLACED and had is not None:
        work.fail(registration.film_id, registration.version, NOT_ANNOUNCED)
    elif registration.wants_work:
        _begin(registration, size=head["ContentLength"], transcode=wishes.transcode is not False)
        reservation.note_arrival(registration.film_id, upload.source)
    if registration.previous_key:
        aws.s3().delete_object(Bucket=bucket, Key=registration.previous_key)
    elif registration.outcome is Outcome.LATE and intake.is_reserved(key) and not store.get(registration.film_id):
        aws.s3().delete_object(Bucket=bucket, Key=key)  # its film was deleted while it was on its way
    beside.on_film(registration.film_id, key)
    return registration


def _file_had(key: str) -> str | None:
    """Return the etag of the file that the upload announced for this key has had; None: none yet, or no such upload."""
    owned = store.ownership(key) if intake.is_reserved(key) else None
    announced = reservation.pending(owned.film_id) if owned else None
    return announced.arrived if announced and announced.key == key else None


def _sent_again(upload: intake.Upload) -> intake.Upload:
    """Return an upload that is the same as the one before, whenever it was stored: its sender had no answer."""
    return replace(upload, source=replace(upload.source, sequencer="", modified=None))


def _begin(registration: Registration, *, size: int, transcode: bool) -> None:
    if size == 0:
        notify.fail(registration.film_id, registration.version, RefusedError("not_a_video", STEP))
    elif transcode:
        dispatch.begin(registration.film_id, registration.version)
    elif registration.outcome is not Outcome.RESUMED:  # a resumed film has been started by somebody since
        work.fail(registration.film_id, registration.version, dispatch.NOT_STARTED)


def _head(bucket: str, key: str) -> HeadObjectOutputTypeDef | None:
    try:
        return aws.s3().head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:  # noqa: PLR2004 - not found
            return None
        raise


def _upload(key: str, sequencer: str, head: HeadObjectOutputTypeDef, wishes: Wishes) -> intake.Upload:
    source = Source(
        key=key,
        sequencer=sequencer,
        size=head["ContentLength"],
        etag=head["ETag"].strip('"'),
        modified=head["LastModified"],
    )
    return intake.Upload(
        source=source,
        owner_id=_owner_id(wishes.owner),
        title=wishes.title,
        description=wishes.description,
        category=wishes.category,
        published=wishes.publish,
    )


def _owner_id(named: str | None) -> int:
    for email in (named, current().default_owner):
        if email and (person := people.find_by_email(email)):
            return person.id
    log.warning("film_without_owner")
    return _NOBODY
