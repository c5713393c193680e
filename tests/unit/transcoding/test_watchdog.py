"""Once a minute: whoever was lost on the way is found, and goes on or fails. Nothing stays in between for ever."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions import aws, turns
from functions.accounts import people
from functions.catalogue import editing, layout, making, objects, slots, store, work
from functions.catalogue.film import Film, State
from functions.errors import ConflictError
from functions.transcoding import dispatch, watchdog
from tests.unit import executions
from tests.unit.transcoding.conftest import Machine, keys, lose, mails, noted, now, started, upload

LEASE = work.LEASE_SECONDS


def names() -> list[str]:
    return [order["execution"] for order in executions.orders()]


def test_a_film_whose_execution_runs_is_left_alone(film: Film, machine: Machine, time) -> None:
    """A long film is no lost film."""
    machine.step(film, "prepare")
    before = now(film.id)
    for _ in range(30):
        time.advance(seconds=LEASE)
        watchdog.sweep()
    after = now(film.id)
    assert (after.state, after.execution, after.timeline) == (State.ENCODING, before.execution, before.timeline)
    assert names() == [film.execution]
    assert slots.taken() == {film.execution}


def test_nothing_is_asked_before_the_lease_is_over(film: Film, machine: Machine, time) -> None:
    machine.step(film, "prepare")
    lose(film)
    time.advance(seconds=LEASE - 1)
    watchdog.sweep()
    assert now(film.id).attempt == 1


def test_a_film_whose_execution_was_lost_begins_its_next_attempt_at_once(film: Film, machine: Machine, time) -> None:
    machine.step(film, "prepare")
    lose(film)
    time.advance(seconds=LEASE)
    watchdog.sweep()
    following = now(film.id)
    assert (following.state, following.attempt) == (State.QUEUED, 2)
    assert names() == [film.execution, f"film-1-{film.version}-2"]
    assert slots.taken() == {following.execution}
    assert following.timeline[-1].event == "retry: interrupted"
    assert machine.run(following).state is State.READY


def test_a_film_in_work_that_names_no_execution_begins_its_next_attempt(film: Film, machine: Machine, time) -> None:
    """Films that the first release had in work stayed "encoding" for ever, and could not be encoded again."""
    machine.step(film, "prepare")
    store.change(film.id, lambda known: replace(known, execution=None))
    time.advance(seconds=LEASE)
    watchdog.sweep()
    following = now(film.id)
    assert (following.state, following.attempt) == (State.QUEUED, 2)
    assert machine.run(following).state is State.READY


def test_the_next_attempt_keeps_the_chunks_that_are_finished(film: Film, machine: Machine, time) -> None:
    machine.step(film, "prepare")
    machine.step(film, "encode", chunk=0)
    lose(film)
    time.advance(seconds=LEASE)
    watchdog.sweep()
    assert machine.run(now(film.id)).state is State.READY
    assert machine.encoded == [0, 1]


def test_a_whole_stack_that_forgot_its_executions_loses_no_film(film: Film, machine: Machine, time) -> None:
    machine.step(film, "prepare")
    unheard = started(upload("second.mp4"))
    executions.forget()
    time.advance(seconds=LEASE)
    watchdog.sweep()
    assert now(film.id).attempt == 2, "it was in work: a new attempt"
    assert (now(unheard.id).attempt, now(unheard.id).execution) == (1, unheard.execution), "it had not begun"
    assert {order["film_id"] for order in executions.orders()} == {film.id, unheard.id}


def test_a_start_that_was_never_heard_is_made_under_the_same_name(
    time, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever gave the film away died before it asked Step Functions."""
    film = upload()
    with monkeypatch.context() as dying:
        dying.setattr(dispatch, "run", lambda _film: None)
        dispatch.begin(film.id, film.version)
    assert names() == []
    time.advance(seconds=LEASE)
    watchdog.sweep()
    assert names() == [f"film-1-{film.version}-1"]
    assert now(film.id).attempt == 1


def test_a_film_is_started_at_once_although_the_answer_was_lost_that_it_may_be(
    time, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = upload()
    replace_it = store._replace

    def lose_the_answer(*arguments: Any, **named: Any) -> bool:
        """Write, and hear when it is tried again that somebody has."""
        monkeypatch.setattr(store, "_replace", replace_it)
        assert replace_it(*arguments, **named)
        return False

    monkeypatch.setattr(store, "_replace", lose_the_answer)
    dispatch.begin(film.id, film.version)
    assert names() == [f"film-1-{film.version}-1"]
    assert now(film.id).execution == f"film-1-{film.version}-1"


def test_a_film_that_loses_every_execution_fails_after_three_and_its_owner_is_told_once(
    film: Film, machine: Machine, time
) -> None:
    for attempt in range(1, work.MAX_ATTEMPTS + 1):
        current = now(film.id)
        assert current.attempt == attempt
        machine.step(current, "prepare")
        lose(current)
        time.advance(seconds=LEASE)
        watchdog.sweep()
    done = now(film.id)
    assert done.failure
    assert (done.state, done.failure.code, done.failure.step) == (State.FAILED, "worker_lost", "encode")
    watchdog.sweep()
    assert len(names()) == work.MAX_ATTEMPTS
    assert [mail["kind"] for mail in mails()] == ["video_failed"]
    assert slots.taken() == frozenset()


def test_an_execution_that_ended_before_it_took_the_film_up_is_a_lost_one(film: Film, time) -> None:
    lose(film)
    time.advance(seconds=LEASE)
    watchdog.sweep()
    assert now(film.id).attempt == 2


def test_a_film_that_cannot_be_started_for_days_is_told(film: Film, time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "status", lambda _execution: None)
    time.advance(hours=1)
    watchdog.sweep()
    assert now(film.id).state is State.QUEUED
    time.advance(days=2)
    watchdog.sweep()
    done = now(film.id)
    assert done.failure
    assert (done.state, done.failure.code) == (State.FAILED, "never_started")
    assert len(mails()) == 1


def test_a_film_that_waited_for_days_before_its_start_was_lost_is_started_again(
    time, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long queue is no failure: Step Functions was out of reach for a moment when its turn came."""
    film = upload()
    time.advance(days=3)
    with monkeypatch.context() as outage:
        outage.setattr(dispatch, "run", lambda _film: None)
        dispatch.fill()
    time.advance(seconds=LEASE)
    watchdog.sweep()
    assert now(film.id).failure is None
    assert names() == [f"film-1-{film.version}-1"]


def test_an_announced_upload_that_never_came_fails_and_one_that_may_still_come_waits(time) -> None:
    owner = people.seed("demo@videoflix.local", "Demo123!")
    film = upload(owner_id=owner.id)
    expected = replace(film, state=State.UPLOADING, revision=film.revision + 1, lease_expires_at=time.time.timestamp())
    assert store._replace(film, replace(expected, lease_expires_at=time.time.timestamp() + 3600))
    watchdog.sweep()
    assert now(film.id).state is State.UPLOADING
    time.advance(seconds=3600)
    watchdog.sweep()
    done = now(film.id)
    assert done.failure
    assert (done.state, done.failure.code) == (State.FAILED, "never_uploaded")


def test_who_waits_is_started_when_another_ended_without_a_word(film: Film, machine: Machine, time) -> None:
    """Its room is taken back although nobody gave it."""
    second = started(upload("second.mp4"))
    waiting = started(upload("third.mp4"))
    time.advance(seconds=1)
    upload("film.mp4", "0B", "f")
    upload("second.mp4", "0B", "f")
    assert waiting.execution is None
    time.advance(seconds=1)
    watchdog.sweep()
    assert now(waiting.id).execution
    assert not {film.execution, second.execution} & slots.taken()


def test_one_films_trouble_does_not_cost_the_others_their_turn(
    film: Film, machine: Machine, time, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = started(upload("second.mp4"))
    for one in (film, second):
        machine.step(one, "prepare")
        lose(one)
    original = work.release

    def release(film_id: int, *rest: str, **more: object) -> bool:
        if film_id == film.id:
            raise ConflictError("The video is being changed. Try again.")
        return original(film_id, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(work, "release", release)
    time.advance(seconds=LEASE)
    with pytest.raises(turns.TurnsError):
        watchdog.sweep()
    assert (now(film.id).attempt, now(second.id).attempt) == (1, 2)


def test_an_outage_of_one_service_does_not_cost_the_rest_its_turn_and_is_told(
    film: Film, machine: Machine, time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Films that were deleted go, although nothing can be started; the invocation fails, and is seen as failed."""
    machine.run(film)
    upload("second.mp4")
    store.begin_deletion(film.id, resume_at=0)
    time.advance(seconds=1)

    def down(**_: object) -> None:
        raise ClientError({"Error": {"Code": "ServiceUnavailable"}}, "StartExecution")

    monkeypatch.setattr(aws.stepfunctions(), "start_execution", down)
    with pytest.raises(turns.TurnsError):
        watchdog.sweep()
    assert keys() == []
    assert store.overdue(store.DELETION, 10) == []


def _refuse(**_: object) -> None:
    raise ClientError({"Error": {"Code": "AccessDenied"}}, "Refused")


@pytest.mark.parametrize("refused", ["DescribeExecution", "DeleteObjects"])
def test_what_aws_refuses_of_every_film_is_told_and_the_other_parts_have_their_turn(
    refused: str, film: Film, time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The alarm `watchdog-fails` counts invocations that fail, and for weeks there was none."""
    waiting = upload("second.mp4")
    if refused == "DescribeExecution":
        monkeypatch.setattr(aws.stepfunctions(), "describe_execution", _refuse)
    else:
        store.begin_deletion(film.id, resume_at=0)
        monkeypatch.setattr(objects, "delete_prefix", lambda *_: _refuse())
    time.advance(seconds=LEASE)
    with pytest.raises(turns.TurnsError, match="1 of 9"):
        watchdog.sweep()
    assert now(waiting.id).execution


def test_two_watchdogs_at_the_same_moment_start_one_attempt(film: Film, machine: Machine, time, meanwhile) -> None:
    machine.step(film, "prepare")
    lose(film)
    time.advance(seconds=LEASE)
    meanwhile(dispatch, "status", watchdog.sweep)
    watchdog.sweep()
    assert now(film.id).attempt == 2
    assert len(names()) == 2


def _wish(film: Film, at: float | None) -> None:
    changed = editing.edit(film.id, editing.Edit(poster_at=at))
    assert changed
    dispatch.poster(changed)


def _posters() -> list[float | None]:
    return [order["seconds"] for order in executions.started() if order["task"] == "poster"]


def test_a_poster_that_cannot_be_drawn_is_no_wish_for_ever_and_may_be_wished_for_again(
    film: Film, machine: Machine, time
) -> None:
    """Its execution failed, or was lost with its stack: nobody else would notice."""
    machine.run(film)
    _wish(film, 12.5)
    time.advance(minutes=14)
    watchdog.sweep()
    assert now(film.id).poster_at == 12.5
    time.advance(minutes=1)
    watchdog.sweep()
    after = now(film.id)
    assert (after.poster_at, after.thumbnail, after.state) == (None, "thumbnail.jpg", State.READY)
    assert after.timeline[-1].event == "poster: it could not be drawn"
    watchdog.sweep()
    assert now(film.id) == after
    _wish(film, 12.5)
    assert _posters() == [12.5, 12.5]


def test_a_poster_that_was_drawn_stays_the_one_that_is_wished_for(film: Film, machine: Machine, time) -> None:
    done = machine.run(film)
    for at in (12.5, 1.0004):
        _wish(film, at)
        name = layout.thumbnail_name(at)
        assert editing.show_poster(film.id, done.version, at, thumbnail=name, poster=layout.poster_name(name))
        before = now(film.id)
        time.advance(minutes=15)
        watchdog.sweep()
        assert now(film.id) == before
    assert noted(film.id) == []


def test_a_poster_that_is_wished_for_while_the_film_is_encoded_anew_is_not_given_up(
    film: Film, machine: Machine, time
) -> None:
    machine.run(film)
    upload("film.mp4", "0B", "f")
    _wish(film, 12.5)
    dispatch.fill()
    machine.step(now(film.id), "prepare")
    time.advance(minutes=15)
    watchdog.sweep()
    assert now(film.id).poster_at == 12.5
    assert machine.run(now(film.id)).poster_at == 12.5


def test_media_and_notes_of_what_was_superseded_go_in_the_end(film: Film, machine: Machine, time) -> None:
    machine.step(film, "prepare")
    machine.step(film, "encode", chunk=0)
    upload("film.mp4", "0B", "f")
    time.advance(hours=2)
    watchdog.sweep()
    assert making.look(film.id, film.version) is None
