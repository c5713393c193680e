"""Whoever owns a film is told how it ended: once, however much fails between its end and the mail."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from functions import turns
from functions.catalogue import slots, store, work
from functions.catalogue.film import Film, State
from functions.mail import outbox
from functions.transcoding import watchdog
from functions.transcoding.troubles import PassingError
from tests.unit import executions
from tests.unit.transcoding.conftest import Machine, lose, mails, no_queue_of_mails, noted, now, refuse, upload

LEASE = work.LEASE_SECONDS


def _no_source() -> None:
    raise PassingError("the source could not be read")


ENDS = {
    "ready": "video_ready",
    "refused when it was probed": "video_failed",
    "refused when it was encoded": "video_failed",
    "given up by the state machine": "video_failed",
    "given up by the watchdog": "video_failed",
}


def _end(film: Film, machine: Machine, ends: str) -> None:
    """Bring the film to one of its ends."""
    if ends.startswith("given up"):
        store.change(film.id, lambda kept: replace(kept, attempt=work.MAX_ATTEMPTS))
    if ends == "given up by the watchdog":
        lose(film)
        return
    if ends == "given up by the state machine":
        machine.probing = _no_source
    elif ends == "refused when it was probed":
        machine.probing = refuse
    elif ends == "refused when it was encoded":
        machine.encoding = refuse
    machine.run(film)


@pytest.mark.parametrize("ends", ENDS)
def test_the_owner_of_a_film_that_has_ended_is_told_although_the_queue_of_mails_is_away_for_minutes(
    ends: str, film: Film, machine: Machine, time
) -> None:
    with no_queue_of_mails():
        _end(film, machine, ends)
        for _ in range(3):
            time.advance(seconds=LEASE)
            with suppress(turns.TurnsError):
                watchdog.sweep()
    assert now(film.id).state is (State.READY if ends == "ready" else State.FAILED)
    assert mails() == []
    time.advance(seconds=LEASE)
    watchdog.sweep()
    assert [mail["kind"] for mail in mails()] == [ENDS[ends]]
    time.advance(seconds=LEASE)
    watchdog.sweep()
    assert (mails(), noted(film.id)) == ([], [])


@pytest.mark.parametrize("ends", list(ENDS)[:-1])
def test_the_owner_of_a_film_is_told_although_everything_stops_between_its_end_and_the_mail(
    ends: str, film: Film, machine: Machine, time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A `kill -9` of a whole stack: nobody goes on with the execution, and the film has ended."""

    class Killed(BaseException):
        pass

    def killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as killing:
        killing.setattr(outbox, "send", killed)
        with pytest.raises(Killed):
            _end(film, machine, ends)
    executions.forget()
    time.advance(seconds=LEASE)
    watchdog.sweep()
    assert [mail["kind"] for mail in mails()] == [ENDS[ends]]


@pytest.mark.parametrize("ends", list(ENDS)[:-1])
def test_who_was_told_at_once_is_told_no_more(ends: str, film: Film, machine: Machine, time) -> None:
    _end(film, machine, ends)
    assert [mail["kind"] for mail in mails()] == [ENDS[ends]]
    time.advance(seconds=LEASE)
    watchdog.sweep()
    assert (mails(), noted(film.id)) == ([], [])


def test_an_owner_who_tries_again_before_the_mail_of_the_failure_came_gets_none(film: Film, time) -> None:
    store.change(film.id, lambda kept: replace(kept, attempt=work.MAX_ATTEMPTS))
    lose(film)
    with no_queue_of_mails():
        time.advance(seconds=LEASE)
        watchdog.sweep()
    upload("film.mp4", "0B", "f")
    time.advance(seconds=LEASE)
    watchdog.sweep()
    assert (mails(), noted(film.id)) == ([], [])


@pytest.mark.parametrize("moment", ["probing", "encoding", "publishing"])
def test_an_owner_is_told_by_the_next_try_where_the_queue_of_mails_was_away_at_that_moment(
    moment: str, film: Film, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_: object, **__: object) -> None:
        monkeypatch.setattr(outbox, "send", send)  # from the next time on
        raise ClientError({"Error": {"Code": "503"}}, "SendMessage")

    send = outbox.send
    monkeypatch.setattr(outbox, "send", unavailable)
    if moment != "publishing":
        setattr(machine, moment, refuse)
    done, kind = (State.READY, "video_ready") if moment == "publishing" else (State.FAILED, "video_failed")
    assert machine.run(film).state is done
    assert [mail["kind"] for mail in mails()] == [kind]


def test_the_owner_of_a_film_that_was_given_up_is_told_although_the_queue_of_mails_is_away_for_a_step(
    film: Film, machine: Machine
) -> None:
    store.change(film.id, lambda kept: replace(kept, attempt=work.MAX_ATTEMPTS))
    with no_queue_of_mails(), pytest.raises(PassingError):
        machine.step(film, "give_up", error={"Error": "PassingError"})
    assert slots.taken() == frozenset(), "nobody else waits for it"
    machine.step(film, "give_up", error={"Error": "PassingError"})
    assert now(film.id).state is State.FAILED
    assert [mail["kind"] for mail in mails()] == ["video_failed"]


@pytest.mark.parametrize("ends", [ends for ends in ENDS if ends != "ready"])
def test_an_operator_hears_of_a_film_that_was_given_up_and_not_of_a_file_that_is_no_film(
    ends: str, film: Film, machine: Machine, time, logged: Callable[[], str]
) -> None:
    """The alarm `films-fail` counts these lines (infra/engine.yaml)."""
    _end(film, machine, ends)
    time.advance(seconds=LEASE)
    watchdog.sweep()
    (line,) = (line for line in map(json.loads, logged().splitlines()) if line["event"] == "film_failed")
    assert line["ours"] is ends.startswith("given up")
    assert (line["level"] == "ERROR") is line["ours"], "LOG_LEVEL must not silence the alarm"
