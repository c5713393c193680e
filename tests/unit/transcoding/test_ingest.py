"""An object in the uploads bucket becomes a film with the words its uploader gave it."""

import json
from collections.abc import Callable
from datetime import timedelta
from email.header import Header
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError

from functions import aws, settings
from functions.accounts import people
from functions.catalogue import intake, reservation, store
from functions.catalogue.film import Film, State
from functions.operations import encoding
from functions.transcoding import dispatch, ingest
from tests.queues import taken
from tests.unit import parts
from tests.unit.executions import orders
from tests.unit.transcoding.conftest import Machine

BUCKET = "videoflix-uploads"


@pytest.fixture(autouse=True)
def demo(tables: None) -> people.Person:
    return people.seed("demo@videoflix.local", "Demo123!")


def _drop(key: str, body: bytes = b"film", sequencer: str = "0A", **metadata: str) -> Film | None:
    aws.s3().put_object(Bucket=BUCKET, Key=key, Body=body, Metadata=metadata)
    ingest.on_object(BUCKET, key, sequencer)
    owned = store.ownership(key)
    return store.get(owned.film_id) if owned else None


def test_a_film_with_its_words_is_registered_and_started() -> None:
    owner = people.seed("eva@example.com", "Secret-123!")
    film = _drop(
        "film.mp4", title="My film", category="drama", owner="Eva@Example.com", publish="false", description="D"
    )
    assert film
    assert (film.title, film.category, film.description) == ("My film", "drama", "D")
    assert (film.owner_id, film.published, film.state) == (owner.id, False, State.QUEUED)
    assert orders() == [{"film_id": film.id, "version": film.version, "execution": f"film-1-{film.version}-1"}]


def test_a_film_without_words_is_named_after_its_file_and_belongs_to_the_default_owner(demo: people.Person) -> None:
    film = _drop("Ordner mit Ümläuten/Mein_Film + noch einer & mehr (1).mp4")
    assert film
    assert film.title == "Mein Film + noch einer & mehr (1)"
    assert (film.category, film.owner_id, film.published) == ("documentary", demo.id, True)


@pytest.mark.parametrize("encode", [quote, lambda text: Header(text, "utf-8").encode()])
def test_words_with_umlauts_arrive_whole(encode) -> None:
    film = _drop("film.mp4", title=encode("Größe zählt"))
    assert film
    assert film.title == "Größe zählt"


def test_no_markup_reaches_pages_and_a_bad_category_loses_no_film() -> None:
    film = _drop("film.mp4", title="<img src=x onerror=alert(1)>", category="newest", description=quote("<b>\n</b>"))
    assert film
    assert not set("<>") & set(film.title + film.description + film.category)
    assert film.category == "documentary"


def test_an_unknown_owner_gives_the_film_to_the_default_one(demo: people.Person) -> None:
    film = _drop("film.mp4", owner="nobody@example.com")
    assert film
    assert film.owner_id == demo.id


def test_without_any_known_owner_the_film_is_kept_for_staff_and_that_is_logged_once(
    environment: pytest.MonkeyPatch, demo: people.Person, logged: Callable[[], str]
) -> None:
    """Each upload through the API, whose owner is known, warned of it as well."""
    environment.setenv("DEFAULT_OWNER", "")
    settings.current.cache_clear()
    announced = reservation.reserve(reservation.Draft(owner_id=demo.id, size=4))
    assert _drop(announced.source.key)
    assert "film_without_owner" not in logged()
    for body in (b"film", b"another cut"):
        film = _drop("film.mp4", body)
        assert film
        assert film.owner_id == 0
    (warning,) = (json.loads(line) for line in logged().splitlines() if "film_without_owner" in line)
    assert (warning["film_id"], warning["key"]) == (film.id, "film.mp4")


def _event(key: str, sequencer: str, at: str) -> dict:
    """A record as S3 sends it."""
    stored = {"bucket": {"name": BUCKET}, "object": {"key": key, "sequencer": sequencer}}
    return {"eventTime": at, "s3": stored}


def test_the_key_of_an_event_is_decoded() -> None:
    """A film called "My film + more & Ümläut.mp4" would never be found."""
    aws.s3().put_object(Bucket=BUCKET, Key="My film + more & Ümläut.mp4", Body=b"film")
    ingest.on_record(_event("My+film+%2B+more+%26+%C3%9Cml%C3%A4ut.mp4", "0A", "2026-11-24T10:00:00.000Z"))
    assert [film.title for film in store.all_films()] == ["My film + more & Ümläut"]


def test_what_was_sent_in_parts_counts_from_its_end_and_not_from_its_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """S3's time of such an object is when it was begun: a film that was sent for an hour came "too late"."""
    film = _drop("film.mp4")
    assert film
    store.own("api/1/key", film.id)
    upload = aws.s3().create_multipart_upload(Bucket=BUCKET, Key="api/1/key")["UploadId"]
    part = {"PartNumber": 1, "ETag": parts.put(BUCKET, upload, 1, b"longer film")}
    aws.s3().complete_multipart_upload(
        Bucket=BUCKET, Key="api/1/key", UploadId=upload, MultipartUpload={"Parts": [part]}
    )
    begun = film.source.modified - timedelta(hours=1)
    head = aws.s3().head_object
    monkeypatch.setattr(aws.s3(), "head_object", lambda **object_: head(**object_) | {"LastModified": begun})
    ingest.on_record(_event("api/1/key", "0B", (begun + timedelta(hours=2)).isoformat()))
    now = store.get(film.id)
    assert now
    assert (now.source.key, now.state) == ("api/1/key", State.QUEUED)
    ingest.on_object(BUCKET, "api/1/key", "")
    assert store.get(film.id) == now, "whoever put it together says so as well"


def test_the_same_event_twice_makes_one_film() -> None:
    first = _drop("film.mp4")
    ingest.on_object(BUCKET, "film.mp4", "0A")
    assert first
    assert [film.id for film in store.all_films()] == [first.id]
    assert len(orders()) == 1


def test_a_new_file_under_the_same_key_is_the_same_film_with_new_content() -> None:
    first = _drop("film.mp4", title="My film")
    second = _drop("film.mp4", body=b"longer film", sequencer="0B")
    assert first
    assert second
    assert (second.id, second.title) == (first.id, "My film")
    assert second.version != first.version
    assert [order["version"] for order in orders()] == [first.version, second.version]


def test_a_late_event_of_a_replaced_file_changes_nothing() -> None:
    _drop("film.mp4", sequencer="0B")
    ingest.on_object(BUCKET, "film.mp4", "0A")
    assert len(orders()) == 1


def test_an_object_that_is_gone_already_is_no_error() -> None:
    ingest.on_object(BUCKET, "gone.mp4", "0A")
    assert list(store.all_films()) == []
    assert orders() == []


def test_a_folder_is_no_film() -> None:
    assert _drop("holiday/", body=b"") is None


def test_an_empty_file_fails_at_once_and_its_owner_is_told() -> None:
    film = _drop("empty.mp4", body=b"")
    assert film
    assert film.state is State.FAILED
    assert film.failure
    assert (film.failure.code, film.failure.step) == ("not_a_video", "ingest")
    assert orders() == []
    assert [mail["kind"] for mail in taken("videoflix-local-mail")] == ["video_failed"]


def test_a_film_that_nobody_is_to_encode_is_encoded_by_nobody(meanwhile) -> None:
    """What starts films that wait came by before it was told that this one does not."""
    for sequencer in ("0A", "0B"):
        meanwhile(intake, "register", dispatch.fill)
        film = _drop("film.mp4", sequencer=sequencer, body=sequencer.encode(), transcode="false")
        assert film
        assert film.failure
        assert (film.state, film.failure.code) == (State.FAILED, "not_started")
    assert orders() == []
    encoding.start(film.id)
    ingest.on_object(BUCKET, "film.mp4", "0B")
    assert [order["film_id"] for order in orders()] == [film.id], "a late event takes it from nobody who started it"


def test_a_new_file_that_nobody_is_to_encode_leaves_what_is_published(film: Film, machine: Machine) -> None:
    done = machine.run(film)
    after = _drop("film.mp4", sequencer="0B", transcode="false")
    assert after
    assert (after.id, after.state, after.published_version) == (done.id, State.FAILED, done.version)


def test_words_on_an_upload_through_the_api_are_ignored() -> None:
    """Its signed form lets the uploader add metadata; owner and title were settled when the film was created."""
    film = _drop("api/7/abcdef", title="Somebody else's", owner="demo@videoflix.local", publish="true")
    assert film
    assert film.title != "Somebody else's"


def test_a_store_in_trouble_lets_the_event_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        answer = {"Error": {"Code": "503"}, "ResponseMetadata": {"HTTPStatusCode": 503}}
        raise ClientError(answer, "HeadObject")  # type: ignore[arg-type]

    monkeypatch.setattr(aws.s3(), "head_object", refuse)
    with pytest.raises(ClientError):
        ingest.on_object(BUCKET, "film.mp4", "0A")
