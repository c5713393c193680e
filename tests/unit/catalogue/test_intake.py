"""An upload becomes exactly one film, whatever its events do on the way."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions import settings
from functions.catalogue import intake, store, versions, work
from functions.catalogue.film import Failure, State
from functions.catalogue.intake import Outcome
from functions.errors import ConflictError
from tests.unit.catalogue.films import OTHER, begin, encode, make_ready, outcome, upload

LATER = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
EARLIER = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)


def test_a_new_upload_is_queued_with_what_its_uploader_said():
    registered = intake.register(
        upload("a/My_film.mp4", title="The <b>film</b>", description="Two\nlines", category="drama", published=False)
    )
    assert (registered.film_id, registered.outcome, registered.wants_work) == (1, Outcome.NEW, True)
    film = store.get(1)
    assert (film.title, film.description, film.category) == ("The ‹b›film‹/b›", "Two\nlines", "drama")  # noqa: RUF001
    assert (film.state, film.published, film.owner_id, film.attempt) == (State.QUEUED, False, 7, 0)
    assert film.version == registered.version
    assert film.published_version is None
    assert [entry.event for entry in film.timeline] == ["received", "queued"]


@pytest.mark.parametrize("default", ["true", "false"])
def test_an_upload_without_a_word_gets_a_readable_title_and_the_stage_s_visibility(environment, default):
    environment.setenv("PUBLISH_BY_DEFAULT", default)
    settings.current.cache_clear()
    intake.register(upload("holiday/Am_Meer-2026.final.mp4"))
    film = store.get(1)
    assert (film.title, film.category, film.description) == ("Am Meer 2026 final", "documentary", "")
    assert film.published is (default == "true")


def test_a_name_without_letters_still_gets_a_title():
    intake.register(upload("___.mp4"))
    assert store.get(1).title == "Untitled film"


def test_ids_are_counted_from_one_and_never_given_twice():
    ids = [intake.register(upload(f"{n}.mp4")).film_id for n in range(5)]
    assert ids == [1, 2, 3, 4, 5]


def test_a_repeated_event_before_the_work_began_asks_to_start_it_again():
    """The first invocation may have died between storing the film and starting it: the film must not wait for ever."""
    first = intake.register(upload())
    again = intake.register(upload())
    assert (again.outcome, again.wants_work) == (Outcome.RESUMED, True)
    assert (again.film_id, again.version) == (first.film_id, first.version)


@pytest.mark.parametrize("finished", [False, True])
def test_a_repeated_event_changes_nothing_once_the_work_began(finished):
    registered = intake.register(upload())
    execution = encode(registered.film_id, registered.version)
    if finished:
        work.publish(registered.film_id, registered.version, execution, outcome())
    before = store.get(1)
    again = intake.register(upload())
    assert (again.outcome, again.wants_work) == (Outcome.DUPLICATE, False)
    assert store.get(1) == before


def test_uploading_the_same_key_again_replaces_the_content_and_viewers_keep_the_old_until_then():
    old = make_ready("film.mp4", sequencer="0A", title="Kept")
    registered = intake.register(upload("film.mp4", "0B", "e2", owner=OTHER))
    assert (registered.film_id, registered.outcome, registered.wants_work) == (old.id, Outcome.REPLACED, True)
    film = store.get(old.id)
    assert film.version == registered.version != old.version
    assert film.published_version == old.version
    assert (film.renditions, film.thumbnail, film.duration) == (old.renditions, old.thumbnail, old.duration)
    assert (film.state, film.attempt, film.execution) == (State.QUEUED, 0, None)
    assert (film.storyboard, film.audit, film.cost) == (old.storyboard, old.audit, old.cost)
    assert work.waiting() == [film]
    assert (film.title, film.owner_id, film.source.etag) == ("Kept", old.owner_id, "e2")


def test_replacing_changes_only_what_the_uploader_says_anew():
    make_ready("film.mp4", sequencer="0A", title="Old", description="Kept", category="drama", published=True)
    intake.register(upload("film.mp4", "0B", "e2", title="New", published=False))
    film = store.get(1)
    assert (film.title, film.description, film.category, film.published) == ("New", "Kept", "drama", False)


def test_replacing_a_failed_film_clears_its_failure():
    first = intake.register(upload())
    work.fail(1, first.version, Failure(code="not_a_video", message="No video.", step="probe"))
    intake.register(upload(sequencer="0B", etag="e2"))
    film = store.get(1)
    assert (film.state, film.failure) == (State.QUEUED, None)


def test_a_late_event_changes_nothing():
    intake.register(upload(sequencer="0B", etag="e2"))
    before = store.get(1)
    late = intake.register(upload(sequencer="0A", etag="e1"))
    assert (late.film_id, late.outcome, late.wants_work) == (1, Outcome.LATE, False)
    assert store.get(1) == before


@pytest.mark.parametrize("order", [("0A", "0B", "0C"), ("0C", "0A", "0B"), ("0B", "0C", "0A"), ("0C", "0B", "0A")])
def test_events_in_any_order_leave_the_newest_content(order):
    for sequencer in order:
        intake.register(upload(sequencer=sequencer, etag=f"etag of {sequencer}"))
    assert store.get(1).source.sequencer == "0C"
    assert len(list(store.all_films())) == 1


@pytest.mark.parametrize(
    ("known", "event", "expected"),
    [
        ("0055AED6DCD90281E5", "0055AED6DCD90281E6", Outcome.REPLACED),
        ("0055AED6DCD90281E5", "0055aed6dcd90281e5", Outcome.RESUMED),
        ("0A", "0A00", Outcome.RESUMED),  # S3 leaves zeros on the right away
        ("0A", "0A01", Outcome.REPLACED),
        ("0B", "0A9999", Outcome.LATE),
    ],
)
def test_sequencers_compare_as_s3_says(known, event, expected):
    intake.register(upload(sequencer=known))
    assert intake.register(upload(sequencer=event)).outcome is expected


@pytest.mark.parametrize("sequencer", ["", "0055AED6DCD90281E5"])
@pytest.mark.parametrize(
    ("modified", "etag", "expected"),
    [
        (LATER, "e2", Outcome.REPLACED),
        (LATER, "e1", Outcome.REPLACED),  # the same film once more: perhaps the first one failed
        (EARLIER, "e2", Outcome.LATE),
        (None, "e1", Outcome.RESUMED),
        (None, "e2", Outcome.REPLACED),
    ],
)
def test_a_store_without_true_sequencers_is_judged_by_time_and_content(sequencer, modified, etag, expected):
    known = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    intake.register(upload(sequencer=sequencer, modified=known))
    assert intake.register(upload(sequencer=sequencer, etag=etag, modified=modified)).outcome is expected


def test_two_simultaneous_events_make_one_film(meanwhile):
    others = []
    meanwhile(store, "ownership", lambda: others.append(intake.register(upload())))
    mine = intake.register(upload())
    assert others[0].outcome is Outcome.NEW
    assert mine.outcome is Outcome.RESUMED
    assert mine.film_id == others[0].film_id
    assert len(list(store.all_films())) == 1


def test_an_event_of_a_film_that_is_being_deleted_at_the_moment_makes_a_new_one_if_it_is_newer(meanwhile):
    intake.register(upload())
    meanwhile(store, "ownership", lambda: store.begin_deletion(1, resume_at=1))
    registered = intake.register(upload(sequencer="0B", etag="e2"))
    assert (registered.film_id, registered.outcome) == (2, Outcome.NEW)


def test_a_key_that_is_never_quiet_is_a_conflict_and_nothing_is_half_done(monkeypatch):
    monkeypatch.setattr(store, "create", lambda _: False)
    with pytest.raises(ConflictError):
        intake.register(upload())
    assert list(store.all_films()) == []


def test_an_execution_that_starts_while_the_duplicate_is_judged_is_not_disturbed(meanwhile, time):
    first = intake.register(upload())
    time.advance(seconds=1)
    executions = []
    meanwhile(store, "get", lambda: executions.append(begin(1, first.version)))
    again = intake.register(upload())
    film = store.get(1)
    assert (film.state, [film.execution]) == (State.PROBING, executions)
    assert work.start(again.film_id, again.version) is None, "it has its execution"


def test_a_replacement_takes_the_film_from_its_execution_and_waits_at_once(time):
    first = intake.register(upload())
    execution = encode(1, first.version)
    second = intake.register(upload(sequencer="0B", etag="e2"))
    assert work.wanted(1, first.version, execution) is None
    (film,) = work.waiting()
    assert (film.version, film.execution, film.attempt) == (second.version, None, 0)


def test_versions_are_never_used_twice_even_for_content_that_comes_back():
    names = [intake.register(upload(sequencer=f"0{n}", etag=etag)).version for n, etag in enumerate("ABA")]
    assert len(set(names)) == 3


@given(key=st.text(min_size=1, max_size=60), sequencer=st.text(max_size=20), etag=st.text(max_size=40))
def test_version_names_are_safe_in_keys_whatever_was_uploaded(key, sequencer, etag):
    version = versions.name(1, upload(key, sequencer, etag).source)
    assert version.replace("-", "").isalnum()
    assert version.isascii()
