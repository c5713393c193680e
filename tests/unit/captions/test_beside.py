"""`film.de.vtt` dropped beside `film.mp4`, in any order, twice, late: the film has them, and they make no film."""

import datetime as dt
import itertools
from dataclasses import replace

import pytest
import time_machine
from botocore.exceptions import ClientError

from functions import aws
from functions.captions import beside, keeping, reading
from functions.catalogue import caption_files, deletion, retirement, store, work
from tests.unit.captions.conftest import BUCKET, ENGLISH, GERMAN, Bucket

NOON = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)


def put_newer(film_id: int, than: dt.datetime) -> None:
    """Put other captions through the API, a minute later."""
    with time_machine.travel(than + dt.timedelta(minutes=1), tick=False):
        keeping.put(film_id, "de", reading.read(GERMAN.replace(b"Hallo", b"Servus")))


def text(bucket: Bucket, language: str, key: str = "film.mp4") -> str:
    film = bucket.film(key)
    caption = keeping.of(film, language)
    assert caption
    return keeping.read(film, caption)


@pytest.mark.parametrize("order", list(itertools.permutations(["film.mp4", "film.de.vtt", "film.en.srt"])))
def test_the_order_of_arrival_is_no_matter(bucket: Bucket, order: tuple[str, ...]) -> None:
    content = {"film.mp4": b"film", "film.de.vtt": GERMAN, "film.en.srt": ENGLISH}
    for key in order:
        bucket.drop(key, content[key])
    assert bucket.languages() == ["de", "en"]
    assert "Hallo" in text(bucket, "de")
    assert "Hello" in text(bucket, "en")
    assert len(list(store.all_films())) == 1


@pytest.mark.parametrize("order", list(itertools.permutations(["film.mp4", "film.de.vtt", "film.de.vtt", "film.mp4"])))
def test_events_may_come_late_and_twice(bucket: Bucket, order: tuple[str, ...]) -> None:
    bucket.put("film.mp4")
    bucket.put("film.de.vtt", GERMAN)
    for key in order:
        bucket.event(key)
    assert bucket.languages() == ["de"]
    events = [entry.event for entry in bucket.film("film.mp4").timeline]
    assert events.count("captions de") == 1


@pytest.mark.parametrize(
    ("source", "file"),
    [
        ("Ordner/Mein Film + noch ein Ümläut & mehr (1).mp4", "Ordner/Mein Film + noch ein Ümläut & mehr (1).de.vtt"),
        ("a.b/film.mkv", "a.b/film.DE.VTT"),
        ("the.end.mp4", "the.end.ger.srt"),
        ("no ending", "no ending.de.vtt"),
        ("folder.x/no ending", "folder.x/no ending.de.vtt"),
        ("film.odd", "film.de.vtt"),
        ("film.mp4", "film.mp4.de.vtt"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("captions_first", [True, False])
def test_any_key_will_do(bucket: Bucket, source: str, file: str, *, captions_first: bool) -> None:
    for key in (file, source) if captions_first else (source, file):
        bucket.drop(key, GERMAN)
    assert bucket.languages(source) == ["de"]
    assert len(list(store.all_films())) == 1


@pytest.mark.parametrize(
    "file", ["other.de.vtt", "folder/film.de.vtt", "film2.de.vtt", "fil.de.vtt", "film.mov.de.vtt", "Film.de.vtt"]
)
def test_captions_attach_only_to_the_film_beside_which_they_stand(bucket: Bucket, file: str) -> None:
    bucket.drop("film.mp4")
    bucket.drop(file, GERMAN)
    assert bucket.languages() == []
    assert len(list(store.all_films())) == 1


@pytest.mark.parametrize("file", ["film.vtt", "film.german.vtt", "film.d_e.srt", ".vtt", "captions.srt"])
def test_a_name_without_a_language_makes_no_film_and_says_so(bucket: Bucket, file: str, caplog) -> None:
    bucket.drop("film.mp4")
    bucket.drop(file, GERMAN)
    assert bucket.languages() == []
    assert len(list(store.all_films())) == 1
    assert "captions_without_language" in caplog.text


def test_a_file_replaced_replaces_the_captions(bucket: Bucket) -> None:
    bucket.drop("film.mp4")
    bucket.drop("film.de.vtt", GERMAN)
    bucket.drop("film.de.vtt", GERMAN.replace(b"Hallo", b"Moin"))
    assert "Moin" in text(bucket, "de")


def test_a_file_replaced_while_it_was_read_is_read_again(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """The event of the second may have been handled before: nobody else would look again."""
    bucket.drop("film.mp4")
    bucket.put("film.de.vtt", GERMAN)
    original = reading.read

    def slow(content: bytes) -> reading.Text:
        if content == GERMAN:
            bucket.put("film.de.vtt", GERMAN.replace(b"Hallo", b"Moin"))
        return original(content)

    monkeypatch.setattr(reading, "read", slow)
    bucket.event("film.de.vtt")
    assert "Moin" in text(bucket, "de")


def test_a_new_file_of_the_film_keeps_the_captions(bucket: Bucket) -> None:
    bucket.drop("film.mp4")
    bucket.drop("film.de.vtt", GERMAN)
    before = bucket.film("film.mp4")
    bucket.drop("film.mp4", b"another cut")
    after = bucket.film("film.mp4")
    assert after.version != before.version
    assert after.captions == before.captions


def test_what_was_put_through_the_api_since_stays(bucket: Bucket) -> None:
    with time_machine.travel(NOON, tick=False):
        bucket.drop("film.mp4")
        bucket.put("film.de.vtt", GERMAN)
    with time_machine.travel(NOON + dt.timedelta(minutes=1), tick=False):
        film = bucket.film("film.mp4")
        keeping.put(film.id, "de", reading.read(GERMAN.replace(b"Hallo", b"Servus")))
        bucket.event("film.de.vtt")
        assert "Servus" in text(bucket, "de")
    with time_machine.travel(NOON + dt.timedelta(minutes=2), tick=False):
        bucket.drop("film.de.vtt", GERMAN.replace(b"Hallo", b"Moin"))
        assert "Moin" in text(bucket, "de")


def test_a_broken_file_is_refused_where_its_owner_sees_it_and_the_former_captions_stay(bucket: Bucket) -> None:
    bucket.drop("film.mp4")
    bucket.drop("film.de.vtt", GERMAN)
    for _ in range(2):
        bucket.drop("film.de.vtt", b"WEBVTT\n\n00:01 --> 00:02\nx")
    assert "Hallo" in text(bucket, "de")
    events = [entry.event for entry in bucket.film("film.mp4").timeline]
    assert [event for event in events if "refused" in event] == [
        "captions de refused: Line 3: this is no cue timing such as 00:00:01.000 --> 00:00:04.000."
    ]


def test_a_file_that_is_too_large_is_refused_without_reading_it_all(bucket: Bucket) -> None:
    bucket.drop("film.mp4")
    bucket.drop("film.de.vtt", b"x" * (reading.LARGEST + 10))
    assert bucket.languages() == []
    assert "refused" in bucket.film("film.mp4").timeline[-1].event


def test_a_deleted_film_takes_its_captions_along_and_they_do_not_come_back(bucket: Bucket) -> None:
    bucket.drop("film.mp4")
    bucket.drop("film.de.vtt", GERMAN)
    deletion.delete(bucket.film("film.mp4").id)
    assert bucket.names() == []
    bucket.event("film.de.vtt")
    bucket.drop("film.mp4", b"another film of that name")
    assert bucket.languages() == []


def test_what_is_put_there_for_the_next_film_stays_when_a_deletion_is_finished_late(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A film that was in work is looked at once more a quarter of an hour later, with what lay beside it by then."""
    with time_machine.travel(NOON, tick=False):
        bucket.drop("film.mp4")
        bucket.drop("film.en.srt", ENGLISH)
        film = bucket.film("film.mp4")
        assert work.claim(film.id, film.version, str(film.execution))
        with monkeypatch.context() as broken:
            broken.setattr(caption_files, "beside", lambda _: [])  # it broke off before them
            broken.setattr(caption_files, "place", lambda _: None)
            deletion.delete(film.id)
    with time_machine.travel(NOON + dt.timedelta(minutes=5), tick=False):
        bucket.drop("film.de.vtt", GERMAN)
        bucket.put("film.mp4")  # the same file, whose event is late
    with time_machine.travel(NOON + dt.timedelta(minutes=16), tick=False):
        assert deletion.resume() == 1
        assert bucket.names() == ["film.de.vtt", "film.mp4"]
        bucket.event("film.mp4")
        assert bucket.languages() == ["de"]


def test_removed_captions_do_not_come_back_with_the_next_file_of_the_film(bucket: Bucket) -> None:
    bucket.drop("film.mp4")
    bucket.drop("film.de.vtt", GERMAN)
    bucket.drop("film.en.srt", ENGLISH)
    assert beside.take_away(bucket.film("film.mp4"), "de")
    assert bucket.names() == ["film.en.srt", "film.mp4"]
    bucket.event("film.de.vtt")
    bucket.drop("film.mp4", b"another cut")
    assert bucket.languages() == ["en"]
    assert not beside.take_away(bucket.film("film.mp4"), "de")


def test_captions_that_are_taken_away_while_their_file_is_worked_on_do_not_come_back(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.drop("film.mp4")
    bucket.put("film.de.vtt", GERMAN)
    original = reading.read

    def slow(content: bytes) -> reading.Text:
        beside.take_away(bucket.film("film.mp4"), "de")
        return original(content)

    monkeypatch.setattr(reading, "read", slow)
    bucket.event("film.de.vtt")
    assert bucket.languages() == []


def test_captions_that_were_put_through_the_api_stay_when_an_older_file_is_taken_away_meanwhile(
    bucket: Bucket, meanwhile
) -> None:
    bucket.drop("film.mp4")
    bucket.put("film.de.vtt", GERMAN)

    def take_away_and_put() -> None:
        beside.take_away(bucket.film("film.mp4"), "de")
        put_newer(bucket.film("film.mp4").id, dt.datetime.now(dt.UTC))

    meanwhile(keeping, "_store", take_away_and_put)
    bucket.event("film.de.vtt")
    assert "Servus" in text(bucket, "de")


def test_two_films_of_one_stem_both_get_them_and_one_keeps_them_when_the_other_goes(bucket: Bucket) -> None:
    bucket.drop("film.mp4")
    bucket.drop("film.mov", b"a second")
    bucket.drop("film.de.vtt", GERMAN)
    assert bucket.languages("film.mp4") == bucket.languages("film.mov") == ["de"]
    deletion.delete(bucket.film("film.mov").id)
    assert "Hallo" in text(bucket, "de")
    assert "film.de.vtt" in bucket.names()


def test_a_film_that_moved_to_a_key_of_the_servers_still_gets_captions_under_its_first_name(bucket: Bucket) -> None:
    bucket.drop("film.mp4")
    film = bucket.film("film.mp4")
    store.own("api/1/random", film.id)
    store.change(film.id, lambda found: replace(found, source=replace(found.source, key="api/1/random")))
    aws.s3().delete_object(Bucket=BUCKET, Key="film.mp4")
    bucket.drop("film.de.vtt", GERMAN)
    assert bucket.languages() == ["de"]
    assert beside.take_away(bucket.film("film.mp4"), "de")
    assert "film.de.vtt" not in bucket.names()


def test_captions_of_a_deleted_film_are_not_those_of_the_next_of_its_name(bucket: Bucket) -> None:
    """It had new content through the API before: the file of captions beside its first one stayed."""
    bucket.drop("film.mp4")
    bucket.drop("film.de.vtt", GERMAN)
    film = bucket.film("film.mp4")
    store.own("api/1/random", film.id)
    store.change(film.id, lambda found: replace(found, source=replace(found.source, key="api/1/random")))
    aws.s3().delete_object(Bucket=BUCKET, Key="film.mp4")
    deletion.delete(film.id)
    assert "film.de.vtt" not in bucket.names()
    bucket.drop("film.mp4", b"another")
    assert bucket.languages() == []


@pytest.mark.parametrize("key", ["api/1/random.de.vtt", "api/1/random"])
def test_nothing_stands_beside_a_key_that_the_server_chose(bucket: Bucket, key: str) -> None:
    """Whoever may upload under such a key could else caption somebody's film."""
    bucket.drop("api/1/random", b"film")
    bucket.drop("api/1/random.de.vtt", GERMAN)
    bucket.event(key)
    assert bucket.languages("api/1/random") == []


def test_a_store_in_trouble_lets_the_event_be_tried_again(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket.drop("film.mp4")
    bucket.put("film.de.vtt", GERMAN)
    answer = {"Error": {"Code": "503"}, "ResponseMetadata": {"HTTPStatusCode": 503}}

    def refuse(**_: object) -> None:
        raise ClientError(answer, "GetObject")

    for call in ("get_object", "head_object"):
        with monkeypatch.context() as patch:
            patch.setattr(aws.s3(), call, refuse)
            with pytest.raises(ClientError):
                beside.on_file("film.de.vtt")
    bucket.event("film.de.vtt")
    assert bucket.languages() == ["de"]


def test_a_file_that_is_gone_already_is_no_error(bucket: Bucket) -> None:
    bucket.drop("film.mp4")
    bucket.event("film.de.vtt")
    assert bucket.languages() == []


def test_of_two_who_put_at_once_the_later_word_stays_and_the_other_text_goes(bucket: Bucket, meanwhile) -> None:
    """An older text must not take the place of a newer one because its function was slow."""
    bucket.drop("film.mp4")
    film_id = bucket.film("film.mp4").id
    meanwhile(keeping, "_store", lambda: put_newer(film_id, NOON))
    with time_machine.travel(NOON, tick=False):
        kept = keeping.put(film_id, "de", reading.read(GERMAN))
    assert "Servus" in text(bucket, "de")
    assert kept == keeping.of(bucket.film("film.mp4"), "de")
    with time_machine.travel(NOON + dt.timedelta(hours=2), tick=False):
        retirement.sweep()
    assert "Servus" in text(bucket, "de")
    left = aws.s3().list_objects_v2(Bucket="videoflix-media", Prefix=f"{film_id}/captions-")
    assert left["KeyCount"] == 1
