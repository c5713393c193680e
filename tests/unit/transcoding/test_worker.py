"""A film's way through its worker, whatever happens on it: ready, failed with a reason, or tried again."""

import json
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from functions import aws
from functions.accounts import people
from functions.catalogue import clock, intake, objects, store, work
from functions.catalogue.film import Film, Rendition, Source, State
from functions.errors import ConflictError
from functions.mail import outbox
from functions.transcoding import encode, pictures, probe, storage, watchdog, worker
from functions.transcoding.encode import Reached
from functions.transcoding.troubles import SENTENCES, PassingError, RefusedError
from tests.unit.transcoding.builders import info

RENDITION = Rendition(
    name="480p",
    width=854,
    height=480,
    frame_rate=24.0,
    codecs="avc1.64001e,mp4a.40.2",
    peak_bandwidth=1200,
    average_bandwidth=1000,
    segments=(2.0, 6.0),
)


@pytest.fixture
def film(tables: None) -> Film:
    owner = people.seed("demo@videoflix.local", "Demo123!")
    source = Source(key="film.mp4", sequencer="0A", size=4, etag="e")
    registered = intake.register(intake.Upload(source=source, owner_id=owner.id, title="My film"))
    return _now(registered.film_id)


def _now(film_id: int) -> Film:
    film = store.get(film_id)
    assert film
    return film


class Steps:
    """What probing, posters and encoding do in a test."""

    def __init__(self) -> None:
        self.picture: bytes | None = b"\xff\xd8poster"
        self.encoding: Callable[[Callable[[Reached], None]], None] = lambda report: None
        self.source = info(8.0)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Steps:
    made = Steps()

    def run(_plan: object, _source: object, _store: object, report: Callable[[Reached], None]) -> tuple[Rendition, ...]:
        made.encoding(report)
        return (RENDITION,)

    monkeypatch.setattr(probe, "probe", lambda _source, _check: made.source)
    monkeypatch.setattr(pictures, "poster", lambda _plan, _source, _check: made.picture)
    monkeypatch.setattr(encode, "encode", run)
    return made


def _run(film: Film, seconds_left: Callable[[], float] = lambda: 600.0, name: str = "w1") -> Film:
    worker.run(film.id, film.version, name, seconds_left)
    return _now(film.id)


def _mails() -> list[dict]:
    url = aws.queue_url("videoflix-local-mail")
    found = aws.sqs().receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in found]


def _orders() -> list[dict]:
    url = aws.queue_url("videoflix-local-transcode")
    found = aws.sqs().receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in found]


def test_a_film_becomes_ready_with_its_pictures_and_lists_and_the_owner_is_told(film: Film, steps: Steps) -> None:
    done = _run(film)
    assert done.state is State.READY
    assert (done.published_version, done.renditions, done.duration, done.height) == (
        film.version,
        (RENDITION,),
        8,
        1080,
    )
    assert done.thumbnail == "thumbnail.jpg"
    media = aws.s3().get_object(Bucket="videoflix-media", Key=f"{film.id}/{film.version}/thumbnail.jpg")
    assert media["Body"].read() == b"\xff\xd8poster"
    playlist = aws.s3().get_object(Bucket="videoflix-media", Key=f"{film.id}/{film.version}/480p/index.m3u8")
    assert b"#EXTINF:6.000000,\n001.ts" in playlist["Body"].read()
    (mail,) = _mails()
    assert (mail["kind"], mail["to"], mail["context"]) == ("video_ready", "demo@videoflix.local", {"title": "My film"})


def test_the_height_is_that_of_the_picture_as_one_sees_it(film: Film, steps: Steps) -> None:
    steps.source = info(8.0, rotation=90)
    assert _run(film).height == 1920


def test_a_film_of_which_no_picture_can_be_taken_is_ready_all_the_same(film: Film, steps: Steps) -> None:
    steps.picture = None
    done = _run(film)
    assert (done.state, done.thumbnail) == (State.READY, None)


def test_a_message_that_comes_twice_encodes_once(film: Film, steps: Steps) -> None:
    encoded = []
    steps.encoding = lambda _report: encoded.append(1)
    _run(film)
    _run(film, name="w2")
    assert encoded == [1]


def test_a_message_about_a_replaced_version_is_ignored(film: Film, steps: Steps) -> None:
    worker.run(film.id, "0-older", "w1", lambda: 600.0)
    assert _now(film.id).state is State.QUEUED


def test_a_film_that_cannot_be_made_fails_with_a_sentence_and_the_owner_is_told(film: Film, steps: Steps) -> None:
    def refuse(_report: object) -> None:
        raise RefusedError("broken", "encode")

    steps.encoding = refuse
    done = _run(film)
    assert done.failure
    assert (done.state, done.failure.code, done.failure.step) == (State.FAILED, "broken", "encode")
    (mail,) = _mails()
    assert (mail["kind"], mail["context"]) == ("video_failed", {"title": "My film", "reason": done.failure.message})


def _keys() -> list[str]:
    return [entry["Key"] for entry in aws.s3().list_objects_v2(Bucket="videoflix-media").get("Contents", [])]


def _refuse(*_: object) -> None:
    raise RefusedError("truncated", "encode")


def test_what_was_stored_of_a_film_that_failed_is_removed(film: Film, steps: Steps) -> None:
    aws.s3().put_object(Bucket="videoflix-media", Key="77/1-a/480p/000.ts", Body=b"another film's")
    steps.encoding = _refuse
    assert _run(film).state is State.FAILED
    assert _keys() == ["77/1-a/480p/000.ts"]


def test_a_failed_removal_does_not_hide_why_the_film_failed(
    film: Film, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("1 objects could not be deleted")

    monkeypatch.setattr(objects, "delete_prefix", refuse)
    steps.encoding = _refuse
    done = _run(film)
    assert done.failure
    assert done.failure.code == "truncated"


def test_a_worker_that_lost_its_film_removes_nothing(film: Film, steps: Steps) -> None:
    """The next worker on the same version writes the same keys."""

    def encoding(_report: object) -> None:
        work.release(film.id, film.version, "w1", retry_in=0, reason="taken")
        work.claim(film.id, film.version, "w2")
        raise RefusedError("truncated", "encode")

    steps.encoding = encoding
    done = _run(film)
    assert (done.state, done.worker) == (State.PROBING, "w2")
    assert _keys() == [f"{film.id}/{film.version}/thumbnail.jpg"]


def test_one_films_trouble_does_not_cost_the_others_their_turn(
    film: Film, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Source(key="second.mp4", sequencer="0A", size=4, etag="e")
    second = _now(intake.register(intake.Upload(source=source, owner_id=1)).film_id)
    for one in (film, second):
        work.claim(one.id, one.version, "killed")
    original = work.requeue

    def requeue(one: Film) -> bool:
        if one.id == film.id:
            raise ConflictError("The video is being changed. Try again.")
        return original(one)

    monkeypatch.setattr(work, "requeue", requeue)
    later = clock.now().timestamp() + work.LEASE_SECONDS + 1
    monkeypatch.setattr(clock, "now", lambda: clock.datetime.fromtimestamp(later, clock.UTC))
    watchdog.sweep()
    assert [order["film_id"] for order in _orders()] == [second.id]


@pytest.mark.parametrize("trouble", [PassingError("the media bucket did not take an object"), ZeroDivisionError()])
def test_after_a_passing_trouble_the_film_waits_for_another_try(film: Film, steps: Steps, trouble: Exception) -> None:
    def fail(_report: object) -> None:
        raise trouble

    steps.encoding = fail
    done = _run(film)
    assert (done.state, done.failure) == (State.QUEUED, None)
    assert done.timeline[-1].event.startswith("retry: ")
    assert _mails() == []


def test_troubles_that_do_not_pass_end_in_a_failure_and_not_in_endless_waiting(
    film: Film, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_report: object) -> None:
        raise PassingError("the source could not be read")

    steps.encoding = fail
    for attempt in range(work.MAX_ATTEMPTS):
        assert _run(film, name=f"w{attempt}").state is State.QUEUED
        later = clock.now().timestamp() + 3600
        monkeypatch.setattr(clock, "now", lambda later=later: clock.datetime.fromtimestamp(later, clock.UTC))
        watchdog.sweep()
    done = _now(film.id)
    assert done.state is State.FAILED
    assert done.failure
    assert done.failure.code == "worker_lost"
    assert len(_orders()) == work.MAX_ATTEMPTS - 1
    assert [mail["kind"] for mail in _mails()] == ["video_failed"]


def test_a_film_whose_worker_died_is_put_on_the_queue_again(
    film: Film, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.claim(film.id, film.version, "killed")
    watchdog.sweep()
    assert _orders() == [], "it may still live"
    later = clock.now().timestamp() + work.LEASE_SECONDS + 1
    monkeypatch.setattr(clock, "now", lambda: clock.datetime.fromtimestamp(later, clock.UTC))
    watchdog.sweep()
    assert _orders() == [{"film_id": film.id, "version": film.version}]
    assert _run(film).state is State.READY


def test_the_status_shows_how_far_it_is(film: Film, steps: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_BEAT", 0.0)
    seen = []

    def encoding(report: Callable[[Reached], None]) -> None:
        report(Reached(encoded=4.0, stored={"480p": 2.0}))
        seen.append(_now(film.id))

    steps.encoding = encoding
    _run(film)
    (during,) = seen
    assert during.state is State.ENCODING
    assert during.percent == pytest.approx(49)
    assert during.progress["480p"].percent == 25


def test_progress_is_not_written_more_often_than_needed(
    film: Film, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    original = work.advance
    monkeypatch.setattr(work, "advance", lambda *args, **rest: written.append(1) or original(*args, **rest))

    def encoding(report: Callable[[Reached], None]) -> None:
        for _ in range(100):
            report(Reached(encoded=4.0, stored={}))

    steps.encoding = encoding
    _run(film)
    assert len(written) == 1, "only that the encoding began"


def test_a_worker_that_lost_its_film_says_nothing_more(
    film: Film, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_BEAT", 0.0)

    def encoding(report: Callable[[Reached], None]) -> None:
        newer = Source(key="film.mp4", sequencer="0B", size=5, etag="f")
        intake.register(intake.Upload(source=newer, owner_id=film.owner_id))
        report(Reached(encoded=4.0, stored={}))

    steps.encoding = encoding
    done = _run(film)
    assert (done.state, done.published_version) == (State.QUEUED, None)
    assert _mails() == []


def test_a_version_that_was_superseded_at_the_last_moment_is_not_published(film: Film, steps: Steps) -> None:
    def encoding(_report: object) -> None:
        newer = Source(key="film.mp4", sequencer="0B", size=5, etag="f")
        intake.register(intake.Upload(source=newer, owner_id=film.owner_id))

    steps.encoding = encoding
    done = _run(film)
    assert (done.state, done.published_version) == (State.QUEUED, None)
    assert _mails() == []


def test_a_film_that_takes_too_long_fails_before_its_worker_is_ended(film: Film, steps: Steps) -> None:
    left = [600.0]

    def encoding(report: Callable[[Reached], None]) -> None:
        left[0] = 0.0
        report(Reached(encoded=4.0, stored={}))

    steps.encoding = encoding
    done = _run(film, lambda: left[0])
    assert done.failure
    assert (done.failure.code, done.failure.step) == ("took_too_long", "encode")


def test_a_bucket_that_takes_nothing_is_a_passing_trouble(
    film: Film, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "SlowDown"}}, "PutObject")

    monkeypatch.setattr(aws.s3(), "put_object", refuse)
    assert _run(film).state is State.QUEUED


def test_a_mail_that_cannot_be_queued_does_not_undo_the_film(
    film: Film, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ClientError({"Error": {"Code": "503"}}, "SendMessage")

    monkeypatch.setattr(outbox, "send", refuse)
    assert _run(film).state is State.READY


def test_a_film_of_nobody_is_made_without_a_mail(tables: None, steps: Steps) -> None:
    source = Source(key="film.mp4", sequencer="0A", size=4, etag="e")
    registered = intake.register(intake.Upload(source=source, owner_id=0))
    assert _run(_now(registered.film_id)).state is State.READY
    assert _mails() == []


def test_a_stored_segment_is_found_under_the_name_that_playlists_use(tables: None, tmp_path) -> None:
    segment = tmp_path / "000.ts"
    segment.write_bytes(b"ts")
    storage.Shelf(7, "1-abc").put_segment("480p", segment)
    stored = aws.s3().get_object(Bucket="videoflix-media", Key="7/1-abc/480p/000.ts")
    assert (stored["Body"].read(), stored["ContentType"]) == (b"ts", "video/MP2T")


def test_no_sentence_holds_anything_but_our_own_words() -> None:
    for code, sentence in SENTENCES.items():
        assert sentence.endswith("."), code
        assert not set("<>{}%") & set(sentence)
