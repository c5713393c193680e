"""An owner's films are encoded for as many minutes a day as the setting says; what comes later says when to return."""

import pytest

from functions import settings
from functions.accounts import limits
from functions.catalogue.film import Film, State
from tests.unit.transcoding.builders import info
from tests.unit.transcoding.conftest import Machine, mails, started, upload


@pytest.fixture(autouse=True)
def minute(film: Film, environment: pytest.MonkeyPatch) -> None:
    """A day has one minute: two of these tests' films, which last 26 seconds."""
    environment.setenv("ENCODE_MINUTES_PER_DAY", "1")
    settings.current.cache_clear()


def test_what_is_too_much_for_a_day_fails_before_anything_is_encoded(film: Film, machine: Machine) -> None:
    assert machine.run(film).state is State.READY
    assert machine.run(started(upload("second.mp4"))).state is State.READY
    machine.encoded.clear()
    failed = machine.run(started(upload("third.mp4")))
    assert failed.failure
    assert (failed.state, failed.failure.code, failed.failure.step) == (State.FAILED, "allowance_used", "probe")
    assert "tomorrow" in failed.failure.message
    assert machine.encoded == []
    assert [mail["kind"] for mail in mails()] == ["video_ready", "video_ready", "video_failed"]


def test_another_owner_has_minutes_of_their_own(film: Film, machine: Machine) -> None:
    machine.run(film)
    machine.run(started(upload("second.mp4")))
    assert machine.run(started(upload("theirs.mp4", owner_id=2))).state is State.READY


def test_the_next_day_has_minutes_again(film: Film, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.run(film)
    machine.run(started(upload("second.mp4")))
    began = limits.time.time()
    monkeypatch.setattr(limits.time, "time", lambda: began + limits.DAY + 1)
    assert machine.run(started(upload("third.mp4"))).state is State.READY


def test_a_film_counts_once_however_often_it_is_tried(film: Film, machine: Machine) -> None:
    for _ in range(3):
        machine.step(film, "prepare")
    assert machine.run(film).state is State.READY
    assert machine.run(started(upload("second.mp4"))).state is State.READY


def test_a_film_longer_than_all_minutes_of_a_day_takes_a_whole_one(film: Film, machine: Machine) -> None:
    machine.source = info(90.0, width=640, height=480)
    assert machine.run(film).state is State.READY
    assert machine.run(started(upload("second.mp4"))).state is State.FAILED
