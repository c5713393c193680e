"""A deleted film is gone from every list at once, with all its objects, and nothing brings it back."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from botocore.exceptions import ClientError

from functions import aws, turns
from functions.catalogue import clock, deletion, editing, intake, objects, positions, queries, retirement, store, work
from functions.catalogue.film import Failure
from functions.catalogue.intake import Outcome
from functions.catalogue.items import FilmItem
from functions.errors import ConflictError
from tests.unit import clients
from tests.unit.catalogue.films import OTHER, OWNER, STAFF, encode, make_ready, outcome, upload

MEDIA, UPLOADS = "videoflix-media", "videoflix-uploads"


def keys(bucket: str) -> list[str]:
    return [entry["Key"] for entry in aws.s3().list_objects_v2(Bucket=bucket).get("Contents", [])]


def put(bucket: str, key: str, body: bytes = b"x") -> str:
    with time_machine.travel(clock.now(), tick=False):  # storage has the same time
        return aws.s3().put_object(Bucket=bucket, Key=key, Body=body)["ETag"].strip('"')


def stored(key: str, **said):
    film = make_ready(key, etag=put(UPLOADS, key), **said)
    for name in ("thumbnail.jpg", "480p/000.ts"):
        put(MEDIA, f"{film.id}/{film.version}/{name}")
    return film


def test_a_film_goes_with_every_object_and_its_neighbours_stay():
    film = stored("a.mp4")
    put(MEDIA, f"{film.id}0/1-x/480p/000.ts")  # film 10 is not film 1
    put(UPLOADS, "a.mp4.txt")
    assert deletion.delete(film.id)
    assert store.get(film.id) is None
    assert list(store.all_films()) == []
    assert queries.visible(STAFF, queries.ListRequest(ready_only=False)).items == []
    assert keys(MEDIA) == [f"{film.id}0/1-x/480p/000.ts"]
    assert keys(UPLOADS) == ["a.mp4.txt"]
    items = [item["sk"]["S"] for item in _table() if item["pk"]["S"].startswith("film#")]
    assert items == []


def _table():
    return clients.client("dynamodb").scan(TableName="videoflix-local-catalogue")["Items"]


def test_deleting_what_is_not_there_says_so():
    assert not deletion.delete(1)
    stored("a.mp4")
    assert deletion.delete(1)
    assert not deletion.delete(1)


def test_an_account_s_films_go_together_and_nobody_else_s():
    for n in range(3):
        stored(f"{n}.mp4", published=n == 0)
    intake.register(upload("waiting.mp4"))
    other = stored("other.mp4", owner=OTHER)
    deletion.forget_person(OWNER.id)
    assert [film.id for film in store.all_films()] == [other.id]
    assert [film.id for film in queries.visible(STAFF, queries.ListRequest(ready_only=False)).items] == [other.id]
    assert deletion.resume() == 4
    assert keys(UPLOADS) == ["other.mp4"]
    assert {key.partition("/")[0] for key in keys(MEDIA)} == {str(other.id)}


def test_an_account_s_film_that_a_worker_has_goes_when_no_worker_can_be_left(time):
    registered = intake.register(upload("a.mp4", etag=put(UPLOADS, "a.mp4")))
    encode(registered.film_id, registered.version)
    deletion.forget_person(OWNER.id)
    assert store.get(registered.film_id) is None
    assert deletion.resume() == 0
    put(MEDIA, f"{registered.film_id}/{registered.version}/480p/007.ts")
    time.advance(minutes=16)
    assert deletion.resume() == 1
    assert (keys(MEDIA), keys(UPLOADS)) == ([], [])


def test_of_many_films_so_many_go_at_a_time_that_the_watchdog_s_other_parts_have_their_turn(monkeypatch, time):
    """What somebody with a thousand films left would take all the time that the watchdog has, for hours."""
    for n in range(3):
        stored(f"{n}.mp4")
    deletion.forget_person(OWNER.id)
    delete_prefix = objects.delete_prefix

    def slow(*what):
        time.advance(seconds=10)
        return delete_prefix(*what)

    monkeypatch.setattr(objects, "delete_prefix", slow)
    assert [deletion.resume() for _ in range(4)] == [1, 1, 1, 0]
    assert (keys(MEDIA), keys(UPLOADS)) == ([], [])


def test_who_has_watched_a_film_is_forgotten_in_another_run_where_there_is_no_time_left(meanwhile, time):
    """A hundred thousand viewers took more than the minute that the watchdog has."""
    film = stored("a.mp4")
    positions.put(OTHER.id, film, 5.0)
    store.begin_deletion(film.id, resume_at=time.time.timestamp())
    meanwhile(objects, "delete_prefix", lambda: time.advance(seconds=20))
    assert deletion.resume() == 0
    assert len(list(positions.of_viewer(OTHER.id))) == 1
    assert [deletion.resume() for _ in range(2)] == [1, 0]
    assert list(positions.of_viewer(OTHER.id)) == []


def test_of_many_films_one_that_cannot_be_taken_away_holds_up_no_other(monkeypatch):
    films = [stored(f"{n}.mp4") for n in range(3)]
    hide = store._hide

    def broken(film, *more):
        if film.id == films[0].id:
            raise ConnectionError
        return hide(film, *more)

    monkeypatch.setattr(store, "_hide", broken)
    with pytest.raises(ConnectionError):
        deletion.forget_person(OWNER.id)
    assert [film.id for film in store.all_films()] == [films[0].id]


def test_what_a_call_under_way_stored_of_somebody_who_left_goes_as_well(time):
    """Their film stayed for everybody to see, and nobody could say that it goes."""
    stored("before.mp4")
    deletion.look_again(OWNER.id)
    deletion.forget_person(OWNER.id)
    late = stored("late.mp4", published=True)
    other = stored("other.mp4", owner=OTHER)
    positions.put(OWNER.id, other, 5.0)
    deletion.sweep(lambda _: False)
    assert store.get(late.id), "whoever has it in hand may still be at it"
    time.advance(minutes=16)
    deletion.sweep(lambda _: False)
    assert [film.id for film in store.all_films()] == [other.id]
    assert list(positions.of_viewer(OWNER.id)) == []
    assert [item for item in _table() if item["pk"]["S"].startswith("left#")] == []


def test_whoever_cannot_be_forgotten_stays_noted_holds_up_no_other_and_is_told(monkeypatch, time, logged):
    for person in (OWNER, OTHER):
        stored(f"{person.id}.mp4", owner=person)
        deletion.look_again(person.id)
    time.advance(minutes=16)
    forget = deletion.forget_person

    def broken(person_id):
        if person_id == OWNER.id:
            raise ConnectionError
        forget(person_id)

    monkeypatch.setattr(deletion, "forget_person", broken)
    with pytest.raises(turns.TurnsError, match="1 of 2"):
        deletion.sweep(lambda _: False)
    assert [kept.owner_id for kept in store.all_films()] == [OWNER.id]
    assert [item["pk"]["S"] for item in _table() if item["pk"]["S"].startswith("left#")] == [f"left#{OWNER.id}"]
    assert f'"event": "note_not_seen_to", "person_id": {OWNER.id}' in logged()


def test_whoever_broke_off_leaving_keeps_what_they_upload_then(time):
    deletion.look_again(OWNER.id)
    film = stored("new.mp4")
    time.advance(minutes=16)
    deletion.sweep(lambda person_id: person_id == OWNER.id)
    assert [kept.id for kept in store.all_films()] == [film.id]
    assert [item for item in _table() if item["pk"]["S"].startswith("left#")] == []


def test_what_a_late_worker_stores_of_a_film_that_failed_and_was_deleted_goes_as_well(time):
    film = intake.register(upload("a.mp4"))
    execution = encode(film.film_id, film.version)
    assert work.fail(
        film.film_id, film.version, Failure(code="broken", message="-", step="encode"), execution=execution
    )
    assert deletion.delete(film.film_id)
    put(MEDIA, f"{film.film_id}/{film.version}/480p/007.ts")
    time.advance(hours=25)
    retirement.sweep()
    assert keys(MEDIA) == []
    assert [item for item in _table() if item["pk"]["S"].startswith("film#")] == []


@pytest.mark.parametrize("read", range(4))
def test_a_film_that_changes_its_shelf_meanwhile_is_found(read, monkeypatch):
    """Its encoding ends, or staff publishes it, while the shelves are read one after the other."""
    film = intake.register(upload("waiting.mp4", published=False))
    execution = encode(film.film_id, film.version)
    changes = [
        lambda: work.publish(film.film_id, film.version, execution, outcome()),
        lambda: editing.edit(film.film_id, editing.Edit(published=True)),
    ]
    query, shelves = queries.ShelfItem.by_created.query, []

    def then_changed(shelf, *args, **how):
        shelves.append(shelf)
        found = list(query(shelf, *args, **how))
        if len(shelves) > read and changes:
            changes.pop(0)()
        return iter(found)

    monkeypatch.setattr(queries.ShelfItem.by_created, "query", then_changed)
    deletion.forget_person(OWNER.id)
    assert list(store.all_films()) == []


@pytest.mark.parametrize(("sequencer", "outcome"), [("0A", Outcome.DUPLICATE), ("09", Outcome.LATE)])
def test_a_late_event_does_not_bring_a_deleted_film_back(sequencer, outcome):
    film = stored("a.mp4", sequencer="0A")
    deletion.delete(film.id)
    registered = intake.register(upload("a.mp4", sequencer, film.source.etag, size=film.source.size))
    assert (registered.outcome, registered.wants_work) == (outcome, False)
    assert list(store.all_films()) == []


def test_uploading_under_a_deleted_film_s_key_makes_a_new_film_with_a_new_id():
    deletion.delete(stored("a.mp4", sequencer="0A").id)
    registered = intake.register(upload("a.mp4", "0B", "e2"))
    assert (registered.film_id, registered.outcome) == (2, Outcome.NEW)


@pytest.mark.parametrize(("seconds", "outcome"), [(-1, Outcome.DUPLICATE), (0, Outcome.DUPLICATE), (1, Outcome.NEW)])
def test_the_same_file_is_a_new_film_if_it_was_stored_after_the_deletion(time, seconds, outcome):
    """Of the first, sent in parts, nobody had heard by an event: the two look the same but for the time."""
    film = stored("a.mp4", sequencer="", modified=time.time - timedelta(minutes=1))
    again = replace(film.source, etag=f"{film.source.etag}-2")
    store.change(film.id, lambda film: replace(film, source=again))
    time.advance(seconds=30.9)
    deletion.delete(film.id)
    modified = (time.time + timedelta(seconds=seconds)).replace(microsecond=0)
    event = upload("a.mp4", "0B", again.etag, size=again.size, modified=modified)
    assert intake.register(event).outcome is outcome


def test_a_new_upload_under_the_key_survives_the_old_film_s_deletion(meanwhile):
    film = stored("a.mp4", sequencer="0A")
    new = {}

    def arrives() -> None:
        new["registered"] = intake.register(upload("a.mp4", "0B", put(UPLOADS, "a.mp4", b"new")))

    meanwhile(store, "begin_deletion", arrives)
    deletion.delete(film.id)
    assert new["registered"].outcome is Outcome.NEW
    assert keys(UPLOADS) == ["a.mp4"]


def test_a_newer_object_whose_event_is_still_on_its_way_is_not_deleted():
    film = stored("a.mp4")
    put(UPLOADS, "a.mp4", b"newer content")
    deletion.delete(film.id)
    assert keys(UPLOADS) == ["a.mp4"]


def test_an_interrupted_deletion_hides_the_film_and_is_finished_later(monkeypatch, time):
    film = stored("a.mp4")

    def broken(*_):
        raise ConnectionError

    with monkeypatch.context() as broken_storage:
        broken_storage.setattr(objects, "delete_prefix", broken)
        with pytest.raises(ConnectionError):
            deletion.delete(film.id)
    assert store.get(film.id) is None
    assert list(store.all_films()) == []
    assert queries.visible(OWNER, queries.ListRequest()).items == []
    assert deletion.resume() == 0, "somebody may still be at it"
    time.advance(minutes=16)
    assert deletion.resume() == 1
    assert (keys(MEDIA), keys(UPLOADS)) == ([], [])
    assert deletion.resume() == 0


def test_what_a_worker_stores_after_the_deletion_goes_when_no_worker_can_be_left(time):
    registered = intake.register(upload("a.mp4", etag=put(UPLOADS, "a.mp4")))
    encode(registered.film_id, registered.version)
    assert deletion.delete(registered.film_id)
    assert store.get(registered.film_id) is None
    put(MEDIA, f"{registered.film_id}/{registered.version}/480p/007.ts")
    assert deletion.resume() == 0
    time.advance(minutes=16)
    assert deletion.resume() == 1
    assert (keys(MEDIA), keys(UPLOADS), list(store.all_films())) == ([], [], [])
    assert deletion.resume() == 0


def test_deleting_twice_at_once_ends_well(meanwhile):
    film = stored("a.mp4")
    meanwhile(store, "begin_deletion", lambda: deletion.delete(film.id))
    assert deletion.delete(film.id)
    assert keys(MEDIA) == []


def test_a_write_that_comes_between_does_not_stop_the_deletion(meanwhile):
    film = stored("a.mp4")
    meanwhile(store, "_read", lambda: intake.register(upload("a.mp4", "0F", "e9")))
    assert deletion.delete(film.id)
    assert store.get(film.id) is None


def test_objects_that_cannot_be_deleted_are_an_error_and_the_film_stays_to_be_finished(monkeypatch):
    film = stored("a.mp4")
    monkeypatch.setattr(aws.s3(), "delete_objects", lambda **_: {"Errors": [{"Key": "k", "Code": "AccessDenied"}]})
    with pytest.raises(RuntimeError, match="1 objects"):
        deletion.delete(film.id)
    assert FilmItem.get(f"film#{film.id}", "record").unfinished == "deletion"


def test_a_source_that_cannot_be_asked_for_is_an_error(monkeypatch):
    film = stored("a.mp4")

    def denied(**_):
        raise ClientError({"Error": {"Code": "403"}}, "HeadObject")

    monkeypatch.setattr(aws.s3(), "head_object", denied)
    with pytest.raises(ClientError):
        deletion.delete(film.id)


def test_a_source_that_is_gone_already_does_not_matter():
    film = stored("a.mp4")
    aws.s3().delete_object(Bucket=UPLOADS, Key="a.mp4")
    assert deletion.delete(film.id)


def test_a_film_that_never_rests_is_a_conflict(monkeypatch):
    film = stored("a.mp4")
    monkeypatch.setattr(store, "_hide", lambda *_: False)
    with pytest.raises(ConflictError):
        deletion.delete(film.id)
