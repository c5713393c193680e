"""One execution at a time has a film; whoever lost it changes nothing; nothing stays unfinished for ever."""

from dataclasses import replace

import pytest

from functions.catalogue import intake, queries, store, timeline, work
from functions.catalogue.film import Failure, State
from functions.errors import ConflictError
from tests.unit.catalogue.films import RENDITION, STAFF, begin, encode, make_ready, outcome, upload

CORRUPT = Failure(code="not_a_video", message="This is no video.", step="probe")


@pytest.fixture
def version() -> str:
    """The version of a film (id 1) that is queued."""
    return intake.register(upload()).version


def events() -> list[str]:
    return [entry.event for entry in store.get(1).timeline]


def name(version: str, attempt: int = 1) -> str:
    return work.execution_name(1, version, attempt)


def next_attempt(version: str, execution: str) -> str:
    """Take a film from its execution and give it to the next, which takes it up."""
    assert work.release(1, version, execution, retry_in=0, reason="interrupted")
    return begin(1, version)


def test_a_film_is_given_to_an_execution_named_after_film_version_and_attempt(version):
    film = work.start(1, version)
    assert (film.execution, film.attempt, film.state) == (f"film-1-{version}-1", 1, State.QUEUED)
    assert film == store.get(1)
    assert len(film.execution) <= 80, "Step Functions takes no longer name"
    assert work.film_of(film.execution) == 1


def test_a_film_is_started_once(version):
    first = work.start(1, version)
    assert first
    assert work.start(1, version) == first, "that execution, whose name is taken"
    assert store.get(1).attempt == 1


def test_two_who_start_it_at_the_same_moment_give_it_one_execution(version, meanwhile):
    others = []
    meanwhile(store, "get", lambda: others.append(work.start(1, version)))
    assert [work.start(1, version)] == others, "both are given the same, and its name is taken once"
    assert others[0]
    assert store.get(1) == others[0]


def test_a_started_film_is_taken_up_and_being_probed(version):
    execution = work.start(1, version).execution
    film = work.claim(1, version, execution)
    assert (film.state, film.execution, film.attempt) == (State.PROBING, execution, 1)
    assert film == store.get(1)


def test_nobody_takes_up_what_was_not_given_to_them(version):
    assert work.claim(1, version, name(version)) is None, "not started"
    work.start(1, version)
    assert work.claim(1, version, name(version, 2)) is None
    assert store.get(1).state is State.QUEUED


def test_a_step_whose_answer_was_lost_may_take_the_film_up_again(version):
    execution = encode(1, version)
    before = store.get(1)
    assert work.claim(1, version, execution) == before
    assert work.encoding(1, version, execution, height=720, event="encoding")
    assert store.get(1) == before, "told once"


@pytest.mark.parametrize("film_id", [1, 2])
def test_a_superseded_version_or_an_unknown_film_is_neither_started_nor_taken_up(version, film_id):
    execution = work.start(1, version).execution
    intake.register(upload(sequencer="0B", etag="e2"))
    assert work.start(film_id, version) is None
    assert work.claim(film_id, version, execution) is None


def test_a_finished_film_is_neither_started_nor_taken_up_again():
    film = make_ready("film.mp4")
    assert work.start(1, film.version) is None
    assert work.claim(1, film.version, film.execution) is None


def test_that_the_encoding_begins_is_told_with_the_sources_height(version):
    execution = begin(1, version)
    assert work.encoding(1, version, execution, height=800, event="encoding: 3 chunks")
    film = store.get(1)
    assert (film.state, film.height) == (State.ENCODING, 800)
    assert events() == ["received", "queued", "probing", "encoding: 3 chunks"]


def test_a_film_is_wanted_only_by_the_execution_that_has_it(version):
    execution = begin(1, version)
    assert work.wanted(1, version, execution) == store.get(1)
    assert work.wanted(1, version, name(version, 2)) is None
    assert work.wanted(1, "9-other", execution) is None
    assert work.wanted(2, version, execution) is None
    work.publish(1, version, execution, outcome())
    assert work.wanted(1, version, execution) is None, "nobody waits for it any more"


def test_publishing_gives_viewers_everything_at_once(version, time):
    execution = encode(1, version)
    time.advance(seconds=5)
    film = work.publish(1, version, execution, outcome())
    assert film == store.get(1)
    assert (film.state, film.published_version, film.renditions) == (State.READY, version, (RENDITION,))
    made = outcome()
    assert (film.thumbnail, film.storyboard, film.duration, film.audit, film.cost, film.height) == (
        made.thumbnail,
        made.storyboard,
        made.duration,
        made.audit,
        made.cost,
        720,
    )
    assert film.updated_at == time.time
    assert events()[-1] == "ready"
    time.advance(days=9)
    assert work.overdue() == work.waiting() == []


def test_a_publication_whose_answer_was_lost_can_be_repeated_with_the_same_answer(version):
    execution = encode(1, version)
    film = work.publish(1, version, execution, outcome())
    assert work.publish(1, version, execution, outcome()) == film
    assert work.is_published(film, version, execution)
    assert not work.is_published(film, version, name(version, 2))
    assert work.publish(1, version, name(version, 2), outcome()) is None


def everything_an_execution_does(version, execution):
    return [
        work.claim(1, version, execution),
        work.encoding(1, version, execution, height=1, event="encoding"),
        work.wanted(1, version, execution),
        work.publish(1, version, execution, outcome()),
        work.fail(1, version, CORRUPT, execution=execution),
        work.release(1, version, execution, retry_in=5, reason="no space left"),
    ]


def test_an_execution_that_lost_its_film_to_the_next_attempt_changes_nothing(version):
    lost = encode(1, version)
    next_attempt(version, lost)
    before = store.get(1)
    assert not any(everything_an_execution_does(version, lost))
    assert store.get(1) == before


def test_an_execution_whose_film_waits_for_the_next_attempt_changes_nothing(version):
    lost = encode(1, version)
    work.release(1, version, lost, retry_in=0, reason="interrupted")
    before = store.get(1)
    assert not any(everything_an_execution_does(version, lost))
    assert store.get(1) == before


def test_the_execution_of_a_superseded_version_changes_nothing(version):
    execution = encode(1, version)
    intake.register(upload(sequencer="0B", etag="e2"))
    before = store.get(1)
    assert not any(everything_an_execution_does(version, execution))
    assert store.get(1) == before


def test_the_execution_of_a_deleted_film_changes_nothing(version):
    execution = encode(1, version)
    store.begin_deletion(1, resume_at=0)
    assert not any(everything_an_execution_does(version, execution))
    store.end_deletion(1)
    assert not any(everything_an_execution_does(version, execution))
    assert store.get(1) is None


def test_a_replacement_that_arrives_while_the_old_version_is_published_wins(version, meanwhile):
    execution = encode(1, version)
    meanwhile(store, "get", lambda: intake.register(upload(sequencer="0B", etag="e2")))
    assert work.publish(1, version, execution, outcome()) is None
    film = store.get(1)
    assert (film.state, film.published_version, film.execution) == (State.QUEUED, None, None)
    assert film.source.sequencer == "0B"


def test_a_turning_point_and_an_owner_s_edit_at_the_same_moment_are_both_kept(version, meanwhile):
    execution = begin(1, version)
    meanwhile(store, "get", lambda: store.change(1, lambda film: replace(film, title="Edited")))
    assert work.encoding(1, version, execution, height=800, event="encoding")
    film = store.get(1)
    assert (film.title, film.height) == ("Edited", 800)


def test_a_failure_is_told_with_its_reason_and_nobody_has_to_act(version, time):
    execution = begin(1, version)
    assert work.fail(1, version, CORRUPT, execution=execution)
    film = store.get(1)
    assert (film.state, film.failure) == (State.FAILED, CORRUPT)
    assert events()[-1] == "failed: not_a_video"
    assert work.fail(1, version, CORRUPT, execution=execution), "repeated after a lost answer"
    assert store.get(1) == film
    time.advance(days=9)
    assert work.overdue() == work.waiting() == []


def test_a_failed_replacement_leaves_viewers_the_film_they_had():
    old = make_ready("film.mp4", sequencer="0A")
    registered = intake.register(upload(sequencer="0B", etag="e2"))
    work.fail(1, registered.version, CORRUPT)
    film = store.get(1)
    assert (film.state, film.published_version) == (State.FAILED, old.version)
    assert queries.visible(STAFF, queries.ListRequest()).items


def test_nobody_fails_a_film_under_a_living_execution(version, time):
    encode(1, version)
    assert not work.fail(1, version, CORRUPT)
    time.advance(seconds=work.LEASE_SECONDS + 1)
    assert work.fail(1, version, CORRUPT)


def test_a_ready_film_does_not_fail_afterwards():
    film = make_ready("film.mp4")
    assert not work.fail(1, film.version, CORRUPT)
    assert not work.fail(1, film.version, CORRUPT, execution=film.execution)
    assert not work.release(1, film.version, film.execution, retry_in=0, reason="late")


def test_a_film_given_back_waits_again_after_the_pause(version, time):
    execution = encode(1, version)
    assert work.release(1, version, execution, retry_in=30, reason="no space left")
    assert work.waiting() == work.overdue() == []
    time.advance(seconds=30)
    (film,) = work.waiting()
    assert (film.state, film.execution) == (State.QUEUED, None)
    assert begin(1, version) == name(version, 2)
    assert events()[-2:] == ["retry: no space left", "probing"]


def test_an_abandoned_film_is_overdue_only_when_its_lease_is_over(version, time):
    begin(1, version)
    time.advance(seconds=work.LEASE_SECONDS - 1)
    assert work.overdue() == []
    time.advance(seconds=1)
    assert [film.id for film in work.overdue()] == [1]
    assert work.waiting() == []


def test_a_film_that_was_started_and_never_taken_up_is_overdue_too(version, time):
    """Whoever gave it to its execution may have died before it was started."""
    work.start(1, version)
    assert work.waiting() == [], "it is given away"
    time.advance(seconds=work.LEASE_SECONDS)
    assert [film.id for film in work.overdue()] == [1]


def test_waiting_films_come_longest_waiting_first_and_at_most_as_many_as_asked(time):
    for n in range(4):
        intake.register(upload(f"{n}.mp4"))
        time.advance(seconds=1)
    assert [film.id for film in work.waiting(limit=3)] == [1, 2, 3]


def test_overdue_films_come_longest_waiting_first_and_at_most_as_many_as_asked(time):
    for n in range(4):
        registered = intake.register(upload(f"{n}.mp4"))
        begin(registered.film_id, registered.version)
        time.advance(seconds=1)
    time.advance(hours=1)
    assert [film.id for film in work.overdue(limit=3)] == [1, 2, 3]


def test_two_watchdogs_take_a_film_from_its_execution_once(version):
    execution = encode(1, version)
    assert work.release(1, version, execution, retry_in=0, reason="interrupted")
    assert not work.release(1, version, execution, retry_in=0, reason="interrupted")
    assert events().count("retry: interrupted") == 1


def test_a_film_whose_execution_runs_is_looked_after_again_later(version, time):
    encode(1, version)
    time.advance(seconds=work.LEASE_SECONDS)
    (film,) = work.overdue()
    assert work.extend(film)
    assert work.overdue() == []
    assert events()[-1] == "encoding", "that is no news"
    time.advance(seconds=work.LEASE_SECONDS)
    assert [film.id for film in work.overdue()] == [1]


def test_what_changed_hands_or_was_finished_since_it_was_looked_at_is_not_extended(version, time):
    execution = encode(1, version)
    before = store.get(1)
    following = next_attempt(version, execution)
    assert not work.extend(before)
    now = store.get(1)
    work.encoding(1, version, following, height=720, event="encoding")
    work.publish(1, version, following, outcome())
    assert not work.extend(now)


def test_a_film_that_three_executions_lost_is_given_up(version):
    execution = begin(1, version)
    for _ in range(2, work.MAX_ATTEMPTS + 1):
        assert work.given_up(store.get(1)) is None
        execution = next_attempt(version, execution)
    failure = work.given_up(store.get(1))
    assert (failure.code, failure.step) == ("worker_lost", "probe")
    assert work.fail(1, version, failure, execution=execution)


def test_where_an_attempt_was_lost_is_told(version):
    execution = encode(1, version)
    for _ in range(2, work.MAX_ATTEMPTS + 1):
        work.release(1, version, execution, retry_in=0, reason="interrupted")
        execution = encode(1, version)
    assert work.given_up(store.get(1)).step == "encode"
    work.release(1, version, execution, retry_in=0, reason="interrupted")
    assert work.given_up(store.get(1)).step == "queue"


def test_a_start_that_is_not_heard_of_for_days_is_told_and_a_long_queue_alone_is_no_failure(version, time):
    time.advance(days=7)
    film = work.start(1, version)
    assert work.never_started(film) is None
    time.advance(hours=47)
    assert work.never_started(store.get(1)) is None
    time.advance(hours=2)
    assert work.never_started(store.get(1)).code == "never_started"
    assert events() == ["received", "queued"], "asking is no news"


def test_an_upload_that_never_came_is_told_so(version):
    film = replace(store.get(1), state=State.UPLOADING)
    assert work.given_up(film).code == "never_uploaded"


def test_the_timeline_never_grows_without_bound_and_keeps_its_beginning(version):
    execution = begin(1, version)
    for n in range(40):
        work.release(1, version, execution, retry_in=0, reason=f"step {n} " + "x" * 500)
        execution = begin(1, version)
    entries = store.get(1).timeline
    assert len(entries) == timeline.MAX_ENTRIES
    assert (entries[0].event, entries[-2].event[:14]) == ("received", "retry: step 39")
    assert max(len(entry.event) for entry in entries) <= timeline.MAX_EVENT


def test_every_way_through_the_states_that_is_not_in_the_table_is_refused(version):
    with pytest.raises(AssertionError):
        store.change(1, lambda film: replace(film, state=State.READY))
    assert store.get(1).state is State.QUEUED


def test_a_film_that_others_keep_changing_is_a_conflict_not_a_lost_edit(version, monkeypatch):
    monkeypatch.setattr(store, "_replace", lambda *_, **__: False)
    with pytest.raises(ConflictError):
        work.start(1, version)
