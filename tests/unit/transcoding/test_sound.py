"""Sound that is encoded before its film's chunks: each gets its part, whoever else prepares the film meanwhile."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from functions import aws
from functions.catalogue import work
from functions.catalogue.film import Film, State
from functions.transcoding import sound, storage
from functions.transcoding.probe import Sound
from functions.transcoding.troubles import PassingError
from tests.unit import clients
from tests.unit.transcoding.builders import info
from tests.unit.transcoding.conftest import Machine, keys, now

COARSE = Sound(index=1, channels=2, rate=48_000, exact=False)

_STAND_IN = f"""#!{sys.executable}
from pathlib import Path
for number in range({{parts}}):
    Path(f"{{{{number:05d}}}}.aac").write_bytes({{said}})
    print(f"{{{{number:05d}}}}.aac", flush=True)
"""


@pytest.fixture
def ffmpeg(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the film's times be too coarse for its sound to be encoded with its two chunks; a stand-in encodes it."""
    tools = tmp_path / "bin"
    tools.mkdir()
    monkeypatch.setenv("PATH", str(tools))
    machine.source = info(26.0, COARSE, width=640, height=480)

    def stand_in(parts: int = 2, said: bytes = b"la") -> None:
        (tools / "ffmpeg").write_text(_STAND_IN.format(parts=parts, said=said))
        (tools / "ffmpeg").chmod(0o755)

    stand_in()
    return stand_in


def stored() -> list[str]:
    return [key for key in keys() if key.endswith(".aac")]


def take_all_away() -> None:
    for key in stored():
        aws.s3().delete_object(Bucket="videoflix-media", Key=key)


def die(*_: object) -> None:
    raise PassingError("the worker was lost")


@pytest.mark.usefixtures("ffmpeg")
def test_each_chunk_has_its_part_and_nothing_of_it_is_published(film: Film, machine: Machine) -> None:
    done = machine.run(film)
    assert done.state is State.READY
    assert machine.heard == {0: b"la", 1: b"la"}
    assert stored() == []


def test_sound_that_comes_out_in_too_few_parts_is_damaged(film: Film, machine: Machine, ffmpeg) -> None:
    ffmpeg(parts=1)
    done = machine.run(film)
    assert done.failure
    assert (done.failure.code, done.failure.step) == ("broken", "sound")


def test_sound_that_is_stored_is_not_encoded_again(film: Film, machine: Machine, ffmpeg) -> None:
    machine.step(film, "prepare")
    ffmpeg(said=b"again")
    machine.run(film)
    assert machine.heard == {0: b"la", 1: b"la"}


def test_sound_that_was_cut_for_another_plan_is_not_taken(film: Film, machine: Machine, ffmpeg) -> None:
    """It would be too long for one chunk and too short for the next."""
    machine.step(film, "prepare")
    ffmpeg(said=b"other")
    machine.source = info(29.0, COARSE, width=1280, height=720)  # in two chunks, too
    assert machine.run(film).state is State.READY
    assert machine.heard == {0: b"other", 1: b"other"}


@pytest.mark.usefixtures("ffmpeg")
def test_a_film_that_is_prepared_twice_at_the_same_time_is_not_called_damaged(
    film: Film, machine: Machine, meanwhile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer was lost, and the state machine begins the step again while the first worker is at it."""

    def again() -> None:
        with monkeypatch.context() as slow:
            slow.setattr(sound, "make", die)  # it has come no further when the first one is done
            with pytest.raises(PassingError):
                machine.step(film, "prepare")

    meanwhile(storage.Shelf, "put_sound", again)
    machine.step(film, "prepare")
    assert now(film.id).failure is None
    assert machine.run(film).state is State.READY


@pytest.mark.usefixtures("ffmpeg")
def test_a_late_double_takes_no_sound_away_from_chunks_that_are_encoded(
    film: Film, machine: Machine, meanwhile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They would find nothing there, and the film would fail for a file that is no longer there."""
    called = []
    meanwhile(work, "encoding", lambda: machine.step(film, "prepare"))
    clients.before_each_call(monkeypatch, lambda operation, _arguments: called.append(operation))
    machine.step(film, "prepare")
    assert "PutObject" in called
    assert not [operation for operation in called if operation.startswith("DeleteObject")]


@pytest.mark.usefixtures("ffmpeg")
def test_sound_that_is_taken_away_meanwhile_says_nothing_about_the_film(
    film: Film, machine: Machine, meanwhile
) -> None:
    meanwhile(storage.Shelf, "put_sound", take_all_away)
    with pytest.raises(PassingError):
        machine.step(film, "prepare")
    assert now(film.id).failure is None
    assert machine.run(film).state is State.READY


@pytest.mark.usefixtures("ffmpeg")
def test_a_chunk_whose_sound_is_missing_is_no_missing_film(film: Film, machine: Machine) -> None:
    machine.step(film, "prepare")
    take_all_away()
    with pytest.raises(PassingError):
        machine.step(film, "encode", chunk=0)
    assert now(film.id).failure is None
    assert machine.run(film).state is State.READY
