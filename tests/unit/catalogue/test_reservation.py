"""A film that is announced before its file: whatever arrives at its key is its content, and nobody else's."""

from functions.catalogue import deletion, intake, reservation, store, work
from functions.catalogue.film import State
from functions.catalogue.intake import Outcome
from functions.catalogue.reservation import Draft, Pending
from tests.unit.catalogue.films import OTHER, make_ready, upload

DRAFT = Draft(owner_id=7, size=10, filename="Am_Meer.mp4", category="drama", published=False)


def test_an_announced_film_waits_for_its_file_and_keeps_what_was_said_of_it():
    film = reservation.reserve(DRAFT)
    assert (film.state, film.title, film.category, film.published) == (State.UPLOADING, "Am Meer", "drama", False)
    arrived = intake.register(upload(film.source.key, owner=OTHER))
    queued = store.get(film.id)
    assert (arrived.film_id, arrived.wants_work, queued.state) == (film.id, True, State.QUEUED)
    assert (queued.owner_id, queued.title, queued.published) == (7, "Am Meer", False)
    assert [entry.event for entry in queued.timeline] == ["announced", "received", "queued"]
    assert intake.register(upload(film.source.key)).outcome is Outcome.RESUMED


def test_two_films_never_share_a_key():
    assert reservation.reserve(DRAFT).source.key != reservation.reserve(DRAFT).source.key


def test_a_film_whose_file_never_came_fails_and_a_late_file_revives_it(time):
    film = reservation.reserve(DRAFT)
    time.advance(days=1)
    assert not work.overdue()
    time.advance(days=1, seconds=1)
    overdue = work.overdue()
    why = work.given_up(overdue[0])
    assert (overdue[0].id, why.code) == (film.id, "never_uploaded")
    assert work.fail(film.id, film.version, why)
    assert intake.register(upload(film.source.key)).wants_work
    revived = store.get(film.id)
    assert revived.failure is None
    assert [entry.event for entry in revived.timeline] == ["announced", "failed: never_uploaded", "received", "queued"]


def test_a_file_that_arrives_after_its_film_was_deleted_brings_nothing_back(tables):
    film = reservation.reserve(DRAFT)
    deletion.delete(film.id)
    assert intake.register(upload(film.source.key)).outcome is Outcome.LATE
    assert not list(store.all_films())


def test_a_dropped_film_is_replaced_through_a_key_of_its_own_and_again_by_dropping_it(time):
    film = make_ready("film.mp4", modified=time.time)
    key = reservation.new_key(film.id)
    assert key.startswith(f"api/{film.id}/")
    time.advance(hours=1)
    replaced = intake.register(upload(key, modified=time.time))
    assert (replaced.film_id, replaced.outcome, replaced.previous.key) == (film.id, Outcome.REPLACED, "film.mp4")
    assert reservation.new_key(film.id) != key, "each upload has its own"
    assert intake.register(upload("film.mp4", modified=film.source.modified)).outcome is Outcome.LATE
    time.advance(hours=1)
    dropped = intake.register(upload("film.mp4", modified=time.time))
    assert (dropped.film_id, dropped.previous.key) == (film.id, key)


def test_a_key_whose_film_is_gone_makes_a_new_film_only_where_people_choose_the_keys(time):
    film = make_ready("film.mp4", modified=time.time)
    key = reservation.new_key(film.id)
    time.advance(hours=1)
    intake.register(upload(key, modified=time.time))
    deletion.delete(film.id)
    assert intake.register(upload("film.mp4")).outcome is Outcome.NEW
    other = make_ready("other.mp4")
    unused = reservation.new_key(other.id)
    deletion.delete(other.id)
    assert intake.register(upload(unused)).outcome is Outcome.LATE


def test_the_expected_upload_is_remembered_for_a_week(time):
    film = make_ready("film.mp4")
    expected = Pending(film_id=film.id, key=reservation.new_key(film.id), size=99, part_size=50, upload_id="u")
    reservation.expect(expected)
    assert reservation.pending(film.id) == expected
    time.advance(days=7)
    assert reservation.pending(film.id) is None
    reservation.expect(expected)
    reservation.drop(film.id)
    assert reservation.pending(film.id) is None


def test_forged_keys_change_no_other_film():
    """A guessed `api/` key makes a film of its own at most."""
    film = reservation.reserve(DRAFT)
    forged = intake.register(upload(f"api/{film.id}/guessed", owner=OTHER))
    assert forged.film_id != film.id
    assert store.get(film.id) == film
