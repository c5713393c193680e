"""Films are started in their order, as far as there is room, each once, whoever asks and however often."""

import pytest
from botocore.exceptions import ClientError

from functions import aws, settings
from functions.catalogue import slots, store, work
from functions.catalogue.film import State
from functions.transcoding import dispatch
from tests.unit import executions
from tests.unit.catalogue.films import outcome
from tests.unit.transcoding.conftest import now, started, upload


@pytest.fixture(autouse=True)
def _clock(time) -> None:
    return


def names() -> list[str]:
    return [order["execution"] for order in executions.orders()]


def test_a_film_is_started_under_a_name_drawn_from_film_version_and_attempt() -> None:
    film = started(upload())
    assert film.execution == f"film-1-{film.version}-1"
    assert executions.started() == [
        {"task": "film", "film": {"film_id": 1, "version": film.version, "execution": film.execution}}
    ]
    assert slots.taken() == {film.execution}


def test_a_duplicate_event_starts_nothing() -> None:
    film = started(upload())
    for _ in range(2):
        dispatch.begin(film.id, film.version)
        dispatch.fill()
    assert now(film.id) == film
    assert len(names()) == 1


def test_what_was_started_already_may_be_started_again_and_runs_once() -> None:
    """The answer of Step Functions may be lost; the name stays taken."""
    film = started(upload())
    dispatch.run(film)
    assert names() == [film.execution]


def test_the_same_name_with_another_input_is_no_trouble_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS then answers `ExecutionAlreadyExists`, where the input is the same it answers as before."""
    film = upload()

    def taken(**_: object) -> None:
        raise ClientError({"Error": {"Code": "ExecutionAlreadyExists"}}, "StartExecution")

    monkeypatch.setattr(aws.stepfunctions(), "start_execution", taken)
    dispatch.begin(film.id, film.version)
    assert now(film.id).execution


def test_a_late_order_for_a_superseded_version_starts_nothing() -> None:
    old = upload()
    upload(sequencer="0B", etag="f")
    dispatch.begin(old.id, old.version)
    dispatch.begin(99, "1-a")
    assert names() == []


def test_a_film_in_work_or_finished_is_not_started() -> None:
    film = started(upload())
    work.claim(film.id, film.version, str(film.execution))
    dispatch.begin(film.id, film.version)
    work.encoding(film.id, film.version, str(film.execution), height=1, event="encoding")
    work.publish(film.id, film.version, str(film.execution), outcome())
    dispatch.begin(film.id, film.version)
    assert len(names()) == 1


def test_no_more_are_started_than_there_is_room_for_and_the_others_wait_in_order(time) -> None:
    films = []
    for number in range(4):
        films.append(started(upload(f"{number}.mp4")))
        time.advance(seconds=1)
    assert [film.execution is not None for film in films] == [True, True, False, False]
    dispatch.fill()
    assert len(names()) == 2
    dispatch.ended(str(films[1].execution))
    dispatch.ended(str(films[1].execution))
    assert names()[2:] == [now(films[2].id).execution], "the longest waiting, and one for one place"
    assert now(films[3].id).execution is None


def test_how_many_is_a_setting(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("FILMS_AT_ONCE", "1")
    settings.current.cache_clear()
    assert [started(upload(f"{number}.mp4")).execution is None for number in range(2)] == [False, True]


def test_a_film_that_waits_for_its_next_try_is_not_started_before(time) -> None:
    film = started(upload())
    work.release(film.id, film.version, str(film.execution), retry_in=60, reason="trouble")
    dispatch.ended(str(film.execution))
    assert len(names()) == 1
    time.advance(seconds=60)
    dispatch.fill()
    assert names()[1:] == [f"film-1-{film.version}-2"]


def test_room_is_lost_to_nobody_when_a_film_is_taken_away_at_the_last_moment(meanwhile) -> None:
    film = upload()
    meanwhile(slots, "take", lambda: upload(sequencer="0B", etag="f"))
    dispatch.begin(film.id, film.version)
    assert names() == []
    dispatch.tidy()
    assert slots.taken() == frozenset()


def test_two_who_start_a_film_at_the_same_moment_start_one_execution(meanwhile) -> None:
    film = upload()
    meanwhile(slots, "take", lambda: dispatch.begin(film.id, film.version))
    dispatch.begin(film.id, film.version)
    assert names() == [now(film.id).execution]
    dispatch.tidy()
    assert slots.taken() == {now(film.id).execution}, "the room of the one that runs is not given away"


def test_room_is_not_taken_from_a_film_that_is_about_to_be_started(meanwhile) -> None:
    """Else there would be one film too many while it is encoded."""
    film = upload()
    meanwhile(slots, "take", dispatch.tidy)
    dispatch.begin(film.id, film.version)
    assert names() == [now(film.id).execution]
    assert slots.taken() == {now(film.id).execution}


def test_a_film_whose_room_was_taken_by_somebody_who_died_is_started_and_holds_nobody_up(
    time, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("FILMS_AT_ONCE", "1")
    settings.current.cache_clear()
    first = upload("first.mp4")
    time.advance(seconds=1)
    second = upload("second.mp4")
    assert slots.take(work.execution_name(second.id, second.version, 1), 1)
    dispatch.tidy()
    assert names() == [now(second.id).execution], "nobody else can have the room that it holds"
    dispatch.ended(str(now(second.id).execution))
    assert now(first.id).execution


def test_room_is_taken_back_from_whoever_needs_it_no_more() -> None:
    superseded, running = started(upload("a.mp4")), started(upload("b.mp4"))
    upload("a.mp4", "0B", "f")
    dispatch.tidy()
    assert slots.taken() == {running.execution}
    assert superseded.execution
    store.begin_deletion(running.id, resume_at=0)
    dispatch.tidy()
    assert slots.taken() == frozenset()


def test_room_of_a_film_that_failed_or_is_ready_is_free() -> None:
    film = started(upload())
    work.fail(film.id, film.version, dispatch.NOT_STARTED, execution=str(film.execution))
    assert now(film.id).state is State.FAILED
    dispatch.tidy()
    assert slots.taken() == frozenset()


def test_the_room_of_a_running_film_stays() -> None:
    film = started(upload())
    dispatch.tidy()
    work.claim(film.id, film.version, str(film.execution))
    dispatch.tidy()
    assert slots.taken() == {film.execution}


def test_a_state_machine_that_does_not_answer_is_told_and_the_film_keeps_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The watchdog starts it under the same name."""
    film = upload()

    def down(**_: object) -> None:
        raise ClientError({"Error": {"Code": "ServiceUnavailable"}}, "StartExecution")

    with monkeypatch.context() as trouble:
        trouble.setattr(aws.stepfunctions(), "start_execution", down)
        with pytest.raises(ClientError):
            dispatch.begin(film.id, film.version)
    assert (now(film.id).attempt, now(film.id).state) == (1, State.QUEUED)
    dispatch.run(now(film.id))
    assert names() == [now(film.id).execution]


def test_the_status_of_an_execution_is_known_and_that_there_is_none() -> None:
    film = started(upload())
    assert dispatch.status(str(film.execution)) == dispatch.RUNNING
    executions.end(str(film.execution))
    assert dispatch.status(str(film.execution)) == "ABORTED"
    assert dispatch.status("film-9-1-a-1") is None


def test_a_status_that_nobody_could_ask_for_is_not_taken_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(**_: object) -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException"}}, "DescribeExecution")

    monkeypatch.setattr(aws.stepfunctions(), "describe_execution", down)
    with pytest.raises(ClientError):
        dispatch.status("film-1-1-a-1")


def test_a_poster_is_made_by_an_execution_of_its_own_and_again_for_another_choice() -> None:
    film = started(upload())
    work.claim(film.id, film.version, str(film.execution))
    work.encoding(film.id, film.version, str(film.execution), height=1, event="encoding")
    ready = work.publish(film.id, film.version, str(film.execution), outcome())
    assert ready
    dispatch.poster(ready)
    assert len(executions.started()) == 1, "viewers see it already"
    for seconds in (12.5, 3.0, 12.5):
        wished = store.change(film.id, lambda one, at=seconds: work.replace(one, poster_at=at))
        assert wished
        for _ in range(2):
            dispatch.poster(wished)
    posters = [order for order in executions.started() if order["task"] == "poster"]
    assert [order["seconds"] for order in posters] == [12.5, 3.0, 12.5]
    assert {order["film"]["version"] for order in posters} == {film.version}
