"""Any tool of the transcoder may be killed, by a machine short of memory or by a person: that costs time, no more."""

import contextlib
import os
import signal
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from functions import aws
from functions.catalogue import making, slots
from functions.catalogue.film import Film, State
from functions.transcoding import process
from functions.transcoding.troubles import PassingError
from tests.integration.transcoding.conftest import Pipeline
from tests.integration.transcoding.sources import source
from tests.queues import taken


@pytest.fixture
def killer(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Kills one of the tools as soon as it is started: that number `victim`, counted from 0. `started` counts them."""
    state = SimpleNamespace(victim=-1, started=0)

    class Doomed(subprocess.Popen):
        def __init__(self, *args: object, **rest: object) -> None:
            super().__init__(*args, **rest)
            if state.started == state.victim:
                os.killpg(self.pid, signal.SIGKILL)
            state.started += 1

    monkeypatch.setattr(process, "subprocess", SimpleNamespace(**vars(subprocess) | {"Popen": Doomed}))
    return state


def _stubborn(pipeline: Pipeline, film: Film, step: str, **more: object) -> dict:
    """Run a step as the state machine does: once more after a trouble that may pass."""
    with contextlib.suppress(PassingError):
        return pipeline.step(film, step, **more)
    return pipeline.step(film, step, **more)


def _made(pipeline: Pipeline, file: Path, key: str) -> Film:
    film = pipeline.upload(file, key=key)
    prepared = _stubborn(pipeline, film, "prepare")
    for chunk in prepared["chunks"]:
        _stubborn(pipeline, film, "encode", chunk=chunk)
    _stubborn(pipeline, film, "publish", prepared=prepared)
    return pipeline.film(film.id)


def _stored(pipeline: Pipeline, film: Film) -> dict[str, bytes]:
    listed = aws.s3().list_objects_v2(Bucket="videoflix-media", Prefix=f"{film.id}/")["Contents"]
    return {entry["Key"].partition("/")[2].partition("/")[2]: pipeline.media(entry["Key"]) for entry in listed}


def test_a_film_is_the_same_whichever_of_its_tools_was_killed(
    pipeline: Pipeline, films: Path, killer: SimpleNamespace
) -> None:
    """Probe, poster, encoder, check: to the byte, since an encoder on fixed settings repeats itself."""
    file = source(films, "black_start")
    whole = _stored(pipeline, _made(pipeline, file, "undisturbed.mp4"))
    taken("videoflix-local-mail")
    tools = killer.started
    assert tools >= 4, "the test would show little"
    for victim in range(tools):
        killer.victim, killer.started = victim, 0
        film = _made(pipeline, file, f"killed-{victim}.mp4")
        assert killer.started > tools - 1, "nothing was tried again"
        assert film.state is State.READY, (victim, film.failure)
        assert [entry.event for entry in film.timeline] == ["received", "queued", "probing", "encoding", "ready"]
        assert _stored(pipeline, film) == whole, victim
        assert making.look(film.id, film.version) is None
    assert slots.taken() == frozenset()
    assert [mail["kind"] for mail in taken("videoflix-local-mail")] == ["video_ready"] * tools
