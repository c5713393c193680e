"""Media of a replaced or abandoned version goes when no URL of it can be valid any more, and no sooner."""

import pytest

from functions import aws, turns
from functions.captions import keeping, reading
from functions.catalogue import deletion, intake, making, objects, retirement, store, work
from functions.catalogue.film import Failure, State
from functions.catalogue.items import AnyItem
from tests.unit.catalogue.films import DRAFT, encode, make_ready, outcome, upload

MEDIA = "videoflix-media"
FAILURE = Failure(code="not_a_video", message="No video.", step="probe")


def put(film_id: int, version: str) -> None:
    for name in ("thumbnail.jpg", "480p/000.ts"):
        aws.s3().put_object(Bucket=MEDIA, Key=f"{film_id}/{version}/{name}", Body=b"x")


def stored() -> set[tuple[str, str]]:
    entries = aws.s3().list_objects_v2(Bucket=MEDIA).get("Contents", [])
    return {tuple(entry["Key"].split("/")[:2]) for entry in entries}


def replaced(sequencer: str = "0B", etag: str = "e2") -> intake.Registration:
    return intake.register(upload("film.mp4", sequencer, etag))


def publish(registered: intake.Registration) -> None:
    execution = encode(registered.film_id, registered.version)
    put(registered.film_id, registered.version)
    assert work.publish(registered.film_id, registered.version, execution, outcome())


def test_a_replaced_version_stays_for_the_films_length_and_an_hour(time):
    old = make_ready("film.mp4")
    put(old.id, old.version)
    new = replaced()
    assert retirement.sweep() == 0, "it still plays"
    publish(new)
    time.advance(seconds=old.duration + 3600 - 1)
    assert retirement.sweep() == 0
    assert stored() == {("1", old.version), ("1", new.version)}
    time.advance(seconds=2)
    assert retirement.sweep() == 1
    assert stored() == {("1", new.version)}
    assert retirement.sweep() == 0
    time.advance(days=30)
    assert retirement.sweep() == 0
    assert stored() == {("1", new.version)}


def test_a_version_that_was_superseded_while_it_was_encoded_goes_an_hour_later(time):
    first = intake.register(upload("film.mp4"))
    encode(first.film_id, first.version)
    put(first.film_id, first.version)
    publish(replaced())
    time.advance(minutes=61)
    assert retirement.sweep() == 1
    assert ("1", first.version) not in stored()
    assert len(stored()) == 1


def test_what_a_failed_encoding_left_goes_and_what_plays_stays(time):
    playing = make_ready("film.mp4")
    put(playing.id, playing.version)
    new = replaced()
    execution = encode(new.film_id, new.version)
    put(new.film_id, new.version)
    assert work.fail(new.film_id, new.version, FAILURE, execution=execution)
    time.advance(days=1)
    assert retirement.sweep() == 1
    assert stored() == {("1", playing.version)}
    assert store.get(1).state is State.FAILED


@pytest.mark.parametrize("end", ["superseded", "failed"])
def test_what_was_noted_of_an_encoding_that_came_to_nothing_goes_with_its_media(time, end):
    first = intake.register(upload("film.mp4"))
    execution = encode(1, first.version)
    making.begin(1, first.version, DRAFT)
    making.begin_chunk(1, first.version, 0, "w")
    if end == "superseded":
        publish(replaced())
    else:
        work.fail(1, first.version, FAILURE, execution=execution)
    time.advance(minutes=61)
    assert retirement.sweep() == 1
    assert not [item.sk for item in AnyItem.query("film#1") if item.sk.startswith("making#")]


def test_a_version_that_nobody_had_begun_leaves_nothing_to_look_after(time):
    intake.register(upload("film.mp4"))
    replaced()
    time.advance(days=1)
    assert retirement.sweep() == 0


def test_a_version_that_is_served_is_never_removed_whatever_the_note_says(time):
    film = make_ready("film.mp4")
    put(film.id, film.version)
    store.expect_retirement(film.id, film.version, due=0)
    assert retirement.sweep() == 1
    assert stored() == {("1", film.version)}
    assert retirement.sweep() == 0


def put_captions(text: str) -> None:
    keeping.put(1, "de", reading.read(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{text}\n".encode()))


def test_captions_that_are_replaced_while_they_are_looked_at_go_in_the_end(time, meanwhile):
    """An hour after they were put it is looked whether a film names them: that they were left was forgotten."""
    film = make_ready("film.mp4")
    put_captions("Hallo")
    time.advance(minutes=61)
    meanwhile(store, "get", lambda: put_captions("Moin"))
    retirement.sweep()
    assert len(stored()) == 2, "URLs of the former are signed"
    time.advance(seconds=film.duration + 3600)
    retirement.sweep()
    (caption,) = store.get(1).captions
    assert stored() == {("1", caption.version)}


def test_captions_that_are_replaced_at_this_moment_stay_as_long_as_they_may_be_watched(time, meanwhile):
    make_ready("film.mp4")
    put_captions("Hallo")
    time.advance(minutes=61)
    meanwhile(store, "retired", lambda: put_captions("Moin"))
    retirement.sweep()
    assert len(stored()) == 2


def test_storage_that_refuses_holds_up_no_other_and_is_asked_again(time, monkeypatch):
    for key in ("a.mp4", "b.mp4"):
        old = make_ready(key)
        put(old.id, old.version)
        publish(intake.register(upload(key, "0B", "e2")))
    time.advance(hours=4)
    remove = objects.delete_prefix

    def broken_for_the_first(bucket, prefix):
        if prefix.startswith("1/"):
            raise RuntimeError("no")
        return remove(bucket, prefix)

    with monkeypatch.context() as broken:
        broken.setattr(objects, "delete_prefix", broken_for_the_first)
        with pytest.raises(turns.TurnsError, match="1 of 2"):
            retirement.sweep()
    assert len(stored()) == 3
    assert retirement.sweep() == 1
    assert len(stored()) == 2


def test_a_deleted_film_leaves_no_note_once_nobody_can_store_for_it_any_more(time):
    make_ready("film.mp4")
    publish(replaced())
    deletion.delete(1)
    time.advance(days=1)
    assert retirement.sweep() == 1
    assert retirement.sweep() == 0
