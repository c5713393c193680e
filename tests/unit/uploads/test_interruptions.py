"""What breaks off, comes twice or never: an upload always ends in a film or in a sentence."""

from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import pytest
from botocore.exceptions import ClientError

from functions import aws
from functions.accounts import people
from functions.catalogue import reservation, store
from functions.catalogue.film import Film, State
from functions.catalogue.reservation import Draft, Pending
from functions.errors import ConflictError, InvalidInputError
from functions.transcoding import watchdog
from functions.uploads import beginning, direct, multipart
from tests.unit import parts

BUCKET, MIB = "videoflix-uploads", 1024**2
SIZE = 101 * MIB


@pytest.fixture
def film(tables: None) -> Film:
    owner = people.seed("owner@example.com", "Correct horse 7")
    return reservation.reserve(Draft(owner_id=owner.id, size=SIZE, title="A film"))


def sent(film: Film) -> tuple[Pending, list[tuple[int, str]]]:
    """An upload whose parts have all arrived."""
    beginning.begin(film, film.source.key, SIZE, "")
    upload = multipart.of(film)
    bodies = dict.fromkeys(range(1, 13), b"x" * (8 * MIB)) | {13: b"x" * (5 * MIB)}
    return upload, [(number, parts.put(BUCKET, upload.upload_id, number, body)) for number, body in bodies.items()]


def answering(operation: str, code: str, *, first: bool = False):
    """S3 answers `operation` with an error; with `first` it has done it nevertheless."""
    client = aws.s3()
    real = getattr(client, operation)

    def call(**parameters):
        if first:
            real(**parameters)
        raise ClientError({"Error": {"Code": code, "Message": ""}}, operation)

    return patch.object(client, operation, call)


def test_two_completions_at_the_same_moment_both_succeed(film: Film) -> None:
    upload, parts = sent(film)
    with answering("complete_multipart_upload", "NoSuchUpload", first=True):
        multipart.complete(upload, parts)
    multipart.complete(upload, parts)
    assert aws.s3().head_object(Bucket=BUCKET, Key=upload.key)["ContentLength"] == SIZE


@pytest.mark.parametrize("code", ["InvalidPart", "EntityTooSmall", "InvalidPartOrder"])
def test_what_storage_does_not_put_together_stays_there(film: Film, code: str) -> None:
    upload, parts = sent(film)
    with answering("complete_multipart_upload", code), pytest.raises(InvalidInputError):
        multipart.complete(upload, parts)
    assert len(multipart.arrived(upload)) == len(parts)


def test_a_storage_that_is_down_is_no_mistake_of_the_sender(film: Film) -> None:
    upload, parts = sent(film)
    for operation, call in (
        ("complete_multipart_upload", lambda: multipart.complete(upload, parts)),
        ("abort_multipart_upload", lambda: multipart.abort(film)),
    ):
        with answering(operation, "SlowDown"), pytest.raises(ClientError):
            call()
    one_piece = Pending(film_id=film.id, key=upload.key, size=5)
    with answering("head_object", "SlowDown"), pytest.raises(ClientError):
        multipart.complete(one_piece, [])
    assert len(multipart.arrived(upload)) == len(parts)


def test_a_completed_upload_is_not_completed_by_other_parts(film: Film) -> None:
    upload, parts = sent(film)
    multipart.complete(upload, parts)
    with pytest.raises(ConflictError):
        multipart.complete(upload, [(number, "not hexadecimal") for number, _ in parts])
    with pytest.raises(ConflictError):
        multipart.complete(upload, [(number, "0" * 32) for number, _ in parts])


def test_an_upload_that_begins_while_another_is_cancelled_stays(film: Film, meanwhile) -> None:
    """Its record went with the other's: completed, after all of its parts were sent, it was said to be over."""
    upload, _ = sent(film)
    begun = replace(upload, key=reservation.new_key(film.id), upload_id="another")
    meanwhile(reservation, "_abort", lambda: reservation.expect(begun))
    multipart.abort(film)
    waiting = store.get(film.id)
    assert waiting
    assert (multipart.of(film), waiting.state) == (begun, State.UPLOADING)
    multipart.abort(film)
    cancelled = store.get(film.id)
    assert cancelled
    assert (reservation.pending(film.id), cancelled.state) == (None, State.FAILED)


def test_two_that_cancel_at_the_same_moment_both_do(film: Film, meanwhile) -> None:
    sent(film)
    meanwhile(reservation, "_abort", lambda: reservation.drop(film.id))
    multipart.abort(film)
    cancelled = store.get(film.id)
    assert cancelled
    assert (reservation.pending(film.id), cancelled.state) == (None, State.FAILED)


def test_a_film_whose_file_never_came_fails_and_its_owner_is_told(film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    watchdog.sweep()
    waiting = store.get(film.id)
    assert waiting
    assert waiting.state is State.UPLOADING
    monkeypatch.setattr(reservation.clock, "now", lambda: film.created_at + reservation.PATIENCE)
    watchdog.sweep()
    failed = store.get(film.id)
    assert failed
    assert failed.failure
    assert (failed.state, failed.failure.code) == (State.FAILED, "never_uploaded")
    messages = aws.sqs().receive_message(QueueUrl=aws.queue_url("videoflix-local-mail"))["Messages"]
    assert "video_failed" in messages[0]["Body"]
    assert "owner@example.com" in messages[0]["Body"]


def test_whoever_is_told_that_a_file_was_not_taken_finds_none_stored(film: Film) -> None:
    """Else it becomes the film all the same, and who sends it again has it encoded, and is told of it, twice."""
    sent(film)
    with answering("abort_multipart_upload", "SlowDown"), pytest.raises(ClientError):
        direct.store(film, b"a film", "video/mp4")
    assert "Contents" not in aws.s3().list_objects_v2(Bucket=BUCKET)


@pytest.mark.parametrize(("in_parts", "days"), [(True, 7), (False, 2)])
def test_a_film_waits_while_its_upload_may_still_bring_its_file(
    film: Film, monkeypatch: pytest.MonkeyPatch, in_parts: bool, days: int
) -> None:
    """One in parts that took longer than two days failed under way, and its owner got a mail."""
    begun = film.created_at + timedelta(days=1)  # anew: the first one was cancelled, say
    monkeypatch.setattr(reservation.clock, "now", lambda: begun)
    beginning.begin(film, reservation.new_key(film.id), 5, "", in_parts=in_parts)
    states = []
    for age in (timedelta(days=1), timedelta(days=days, seconds=-1), timedelta(days=days)):
        monkeypatch.setattr(reservation.clock, "now", lambda age=age: begun + age)
        for _ in range(2):
            watchdog.sweep()
        seen = store.get(film.id)
        assert seen
        states.append(seen.state)
    assert states == [State.UPLOADING, State.UPLOADING, State.FAILED]
