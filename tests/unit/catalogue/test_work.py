"""One worker at a time has a film; whoever lost it changes nothing; nothing stays unfinished for ever."""

from dataclasses import replace

import pytest

from functions.catalogue import intake, queries, store, timeline, work
from functions.catalogue.film import Failure, Progress, State
from functions.errors import ConflictError
from tests.unit.catalogue.films import RENDITION, STAFF, encode, make_ready, outcome, upload

CORRUPT = Failure(code="not_a_video", message="This is no video.", step="probe")


@pytest.fixture
def version() -> str:
    """The version of a film (id 1) that is queued."""
    return intake.register(upload()).version


def events() -> list[str]:
    return [entry.event for entry in store.get(1).timeline]


def advance(version, worker="w", *, state=State.ENCODING, percent=50.0, **rest):
    return work.advance(1, version, worker, state=state, percent=percent, progress=rest.pop("progress", {}), **rest)


def test_a_claimed_film_is_being_probed(version):
    film = work.claim(1, version, "w")
    assert (film.state, film.worker, film.attempt) == (State.PROBING, "w", 1)
    assert film == store.get(1)


def test_of_two_workers_one_gets_the_film(version):
    assert work.claim(1, version, "w")
    assert work.claim(1, version, "x") is None


def test_of_two_workers_at_the_same_moment_one_gets_the_film(version, meanwhile):
    meanwhile(store, "get", lambda: work.claim(1, version, "x"))
    assert work.claim(1, version, "w") is None
    assert store.get(1).worker == "x"


def test_a_worker_whose_claim_was_answered_into_the_void_may_ask_again(version):
    assert work.claim(1, version, "w") == work.claim(1, version, "w")
    assert store.get(1).attempt == 1


@pytest.mark.parametrize("film_id", [1, 2])
def test_a_superseded_version_or_an_unknown_film_cannot_be_claimed(version, film_id):
    intake.register(upload(sequencer="0B", etag="e2"))
    assert work.claim(film_id, version, "w") is None


def test_a_finished_film_cannot_be_claimed_again():
    film = make_ready("film.mp4")
    assert work.claim(1, film.version, "x") is None


def test_progress_is_kept_per_rendition_and_renews_the_lease(version, time):
    work.claim(1, version, "w")
    time.advance(seconds=50)
    assert advance(version, progress={"480p": Progress(percent=55, state=State.ENCODING)}, height=800, percent=42.123)
    time.advance(seconds=50)
    assert work.claim(1, version, "x") is None
    assert advance(version, progress={"720p": Progress(percent=7, state=State.ENCODING)}, event="thumbnail made")
    film = store.get(1)
    assert (film.height, film.percent) == (800, 50)
    assert film.progress == {
        "480p": Progress(percent=55, state=State.ENCODING),
        "720p": Progress(percent=7, state=State.ENCODING),
    }
    assert events() == ["received", "queued", "probing", "encoding", "thumbnail made"]


def test_percent_never_goes_back_within_an_attempt_and_stays_between_0_and_100(version):
    work.claim(1, version, "w")
    advance(version, percent=60, progress={"480p": Progress(percent=70, state=State.ENCODING)})
    advance(version, percent=20, progress={"480p": Progress(percent=10, state=State.ENCODING)})
    assert store.get(1).percent == 60
    assert store.get(1).progress["480p"].percent == 70
    advance(version, percent=1000)
    assert store.get(1).percent == 100


def test_a_new_attempt_starts_at_0(version, time):
    encode(1, version)
    time.advance(seconds=61)
    film = work.claim(1, version, "x")
    assert (film.percent, film.progress, film.attempt) == (0, {}, 2)


def test_the_state_never_goes_back_within_an_attempt_and_progress_finishes_nothing(version):
    work.claim(1, version, "w")
    assert advance(version, state=State.ENCODING)
    assert advance(version, state=State.PROBING)
    assert store.get(1).state is State.ENCODING
    for state in (State.READY, State.QUEUED, State.FAILED):
        with pytest.raises(ValueError, match=state.value):
            advance(version, state=state)


def test_publishing_gives_viewers_everything_at_once(version, time):
    encode(1, version)
    time.advance(seconds=5)
    published = work.publish(1, version, "w", outcome())
    film = store.get(1)
    assert published == work.Published(film=film, previous_version=None)
    assert (film.state, film.percent, film.published_version) == (State.READY, 100, version)
    assert film.renditions == (RENDITION,)
    assert (film.thumbnail, film.duration, film.height) == ("thumbnail.jpg", 7197.24, 720)
    assert film.progress == {"480p": Progress(percent=100, state=State.READY)}
    assert film.updated_at == time.time
    assert events()[-1] == "ready"
    assert work.overdue() == []


def test_publishing_a_replacement_names_the_version_whose_media_may_go():
    old = make_ready("film.mp4", sequencer="0A")
    new = make_ready("film.mp4", sequencer="0B", etag="e2")
    assert new.previous_version == old.version
    assert new.published_version == new.version != old.version


def test_a_publication_whose_answer_was_lost_can_be_repeated_with_the_same_answer(version):
    make_ready("film.mp4", sequencer="0B", etag="e2")
    again = make_ready("film.mp4", sequencer="0C", etag="e3")
    repeated = work.publish(1, again.version, "w", outcome())
    assert repeated == work.Published(film=again, previous_version=again.previous_version)


def everything_a_worker_does(version, worker="w"):
    return [
        advance(version, worker),
        work.publish(1, version, worker, outcome()),
        work.fail(1, version, CORRUPT, worker=worker),
        work.release(1, version, worker, retry_in=5, reason="no space left"),
    ]


def test_a_worker_that_lost_its_lease_changes_nothing(version, time):
    encode(1, version)
    time.advance(seconds=61)
    assert work.claim(1, version, "x")
    before = store.get(1)
    assert not any(everything_a_worker_does(version))
    assert store.get(1) == before


def test_a_worker_whose_film_was_queued_again_changes_nothing(version, time):
    encode(1, version)
    time.advance(seconds=61)
    assert work.requeue(store.get(1))
    before = store.get(1)
    assert not any(everything_a_worker_does(version))
    assert store.get(1) == before


def test_the_worker_of_a_superseded_version_changes_nothing(version):
    encode(1, version)
    intake.register(upload(sequencer="0B", etag="e2"))
    before = store.get(1)
    assert not any(everything_a_worker_does(version))
    assert store.get(1) == before


def test_the_worker_of_a_deleted_film_changes_nothing(version):
    encode(1, version)
    store.begin_deletion(1, resume_at=0)
    assert not any(everything_a_worker_does(version))
    store.end_deletion(1)
    assert not any(everything_a_worker_does(version))
    assert store.get(1) is None


def test_a_replacement_that_arrives_while_the_old_version_is_published_wins(version, meanwhile):
    encode(1, version)
    meanwhile(store, "get", lambda: intake.register(upload(sequencer="0B", etag="e2")))
    assert work.publish(1, version, "w", outcome()) is None
    film = store.get(1)
    assert (film.state, film.published_version) == (State.QUEUED, None)
    assert film.source.sequencer == "0B"


def test_progress_and_an_owner_s_edit_at_the_same_moment_are_both_kept(version, meanwhile):
    encode(1, version)
    meanwhile(store, "get", lambda: store.change(1, lambda film: replace(film, title="Edited")))
    assert advance(version, percent=77)
    film = store.get(1)
    assert (film.title, film.percent) == ("Edited", 77)


def test_a_failure_is_told_with_its_reason_and_nobody_has_to_act(version, time):
    work.claim(1, version, "w")
    assert work.fail(1, version, CORRUPT, worker="w")
    film = store.get(1)
    assert (film.state, film.failure) == (State.FAILED, CORRUPT)
    assert events()[-1] == "failed: not_a_video"
    assert work.fail(1, version, CORRUPT, worker="w"), "repeated after a lost answer"
    time.advance(days=9)
    assert work.overdue() == []


def test_a_failed_replacement_leaves_viewers_the_film_they_had():
    old = make_ready("film.mp4", sequencer="0A")
    registered = intake.register(upload(sequencer="0B", etag="e2"))
    work.fail(1, registered.version, CORRUPT)
    film = store.get(1)
    assert (film.state, film.published_version) == (State.FAILED, old.version)
    assert queries.visible(STAFF, queries.ListRequest()).items


def test_nobody_fails_a_film_under_a_living_worker(version, time):
    encode(1, version)
    assert not work.fail(1, version, CORRUPT)
    time.advance(seconds=61)
    assert work.fail(1, version, CORRUPT)


def test_a_ready_film_does_not_fail_afterwards():
    film = make_ready("film.mp4")
    assert not work.fail(1, film.version, CORRUPT)
    assert not work.fail(1, film.version, CORRUPT, worker="w")


def test_a_film_given_back_is_queued_again_after_the_pause(version, time):
    encode(1, version)
    assert work.release(1, version, "w", retry_in=30, reason="no space left")
    assert work.overdue() == []
    time.advance(seconds=30)
    (film,) = work.overdue()
    assert work.requeue(film)
    assert work.claim(1, version, "x").attempt == 2
    assert events()[-3:] == ["retry: no space left", "retried", "probing"]


def test_an_abandoned_film_is_overdue_only_when_its_lease_is_over(version, time):
    work.claim(1, version, "w")
    time.advance(seconds=59)
    assert work.overdue() == []
    time.advance(seconds=1)
    assert [film.id for film in work.overdue()] == [1]


def test_overdue_films_come_longest_waiting_first_and_at_most_as_many_as_asked(time):
    for n in range(4):
        intake.register(upload(f"{n}.mp4"))
        time.advance(seconds=1)
    time.advance(hours=1)
    assert [film.id for film in work.overdue(limit=3)] == [1, 2, 3]


def test_two_watchdogs_queue_a_film_once(version, time):
    encode(1, version)
    time.advance(seconds=61)
    (film,) = work.overdue()
    assert work.requeue(film)
    assert not work.requeue(film)


def test_a_watchdog_does_not_take_a_film_that_came_back_to_life(version, time):
    encode(1, version)
    time.advance(seconds=61)
    (film,) = work.overdue()
    assert advance(version, percent=80)
    assert not work.requeue(film)
    assert store.get(1).worker == "w"


def test_a_film_that_killed_three_workers_is_given_up(version, time):
    for attempt in range(1, 4):
        assert work.claim(1, version, f"w{attempt}")
        time.advance(seconds=61)
        (film,) = work.overdue()
        if attempt < 3:
            assert work.given_up(film) is None
            assert work.requeue(film)
    assert work.claim(1, version, "w4") is None, "a redelivered message does not start a fourth"
    failure = work.given_up(film)
    assert (failure.code, failure.step) == ("worker_lost", "probe")
    assert work.fail(1, version, failure)


def test_a_film_in_a_long_queue_is_no_failure_but_one_that_is_never_started_is(version, time):
    for _ in range(12):
        time.advance(hours=4)
        (film,) = work.overdue()
        assert work.given_up(film) is None
        assert work.requeue(film)
    time.advance(hours=4)
    (film,) = work.overdue()
    assert work.given_up(film).code == "never_started"
    assert events() == ["received", "queued"], "asking again is no news"


def test_where_an_attempt_was_lost_is_told(version, time):
    encode(1, version)
    time.advance(seconds=61)
    for worker in "xy":
        work.claim(1, version, worker)
        advance(version, worker)
        time.advance(seconds=61)
    assert work.given_up(store.get(1)).step == "encode"
    work.requeue(store.get(1))
    assert work.given_up(store.get(1)).step == "queue"


def test_the_timeline_never_grows_without_bound_and_keeps_its_beginning(version):
    work.claim(1, version, "w")
    for n in range(80):
        advance(version, event=f"step {n} " + "x" * 500)
    entries = store.get(1).timeline
    assert len(entries) == timeline.MAX_ENTRIES
    assert (entries[0].event, entries[-1].event[:7]) == ("received", "step 79")
    assert max(len(entry.event) for entry in entries) <= timeline.MAX_EVENT


def test_every_way_through_the_states_that_is_not_in_the_table_is_refused(version):
    with pytest.raises(AssertionError):
        store.change(1, lambda film: replace(film, state=State.READY))
    assert store.get(1).state is State.QUEUED


def test_a_film_that_others_keep_changing_is_a_conflict_not_a_lost_edit(version, monkeypatch):
    monkeypatch.setattr(store, "_replace", lambda *_: False)
    with pytest.raises(ConflictError):
        work.claim(1, version, "w")
