"""A film that is deleted, replaced or taken over while it is encoded: its encoder stops, and nothing is left of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from functions import aws
from functions.catalogue import clock, deletion, making, slots, store, work
from functions.catalogue.film import Film, State
from functions.catalogue.items import AnyItem, FilmItem, film_key
from functions.errors import ConflictError
from functions.operations import encoding as again
from functions.transcoding import dispatch, encode, watchdog
from tests.integration.transcoding.conftest import Pipeline
from tests.integration.transcoding.sources import source
from tests.integration.transcoding.test_guards import _children
from tests.queues import taken

Happen = Callable[[], None]
FRAMES = 192  # of the film that is interrupted


@pytest.fixture
def interrupted(pipeline: Pipeline, films: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Happen], Film]:
    """Encode a chunk, and let something happen when its first segment is stored; returns the film as it was uploaded.

    The encoder has many seconds of work left then.
    """

    def encode_until(happen: Happen) -> Film:
        film = pipeline.upload(source(films, "hd"), key="film.mp4")
        original, seen, most = encode.Reached, [], 0

        def reached(frames: int, stored: dict[str, int]) -> encode.Reached:
            nonlocal most
            most = max(most, frames)
            if any(stored.values()) and not seen:
                seen.append(_children())
                happen()
            return original(frames, stored)

        (chunk,) = pipeline.step(film, "prepare")["chunks"]
        with monkeypatch.context() as watched:
            watched.setattr(encode, "Reached", reached)
            assert pipeline.step(film, "encode", chunk=chunk) == {}
        assert seen, "nothing was stored"
        assert seen[0], "the test looked while nothing ran"
        assert _children() == set()
        assert most < FRAMES, "it went on to the end"
        return film

    return encode_until


def _hours_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the watchdog look when no worker can be left and no signed URL is valid any more."""
    later = datetime.now(UTC) + timedelta(hours=3)
    monkeypatch.setattr(clock, "now", lambda: later)
    watchdog.sweep()


def _media() -> list[str]:
    return [entry["Key"] for entry in aws.s3().list_objects_v2(Bucket="videoflix-media").get("Contents", [])]


def _nothing_pending() -> bool:
    noted = [item for kind in ("work", "queue", "deletion", "media") for item in FilmItem.by_lease.query(kind)]
    return not noted and slots.taken() == frozenset()


def test_a_film_that_is_deleted_while_it_is_encoded_is_gone_with_all_its_media(
    interrupted: Callable[[Happen], Film], monkeypatch: pytest.MonkeyPatch
) -> None:
    film = interrupted(lambda: deletion.delete(1) or None)
    _hours_later(monkeypatch)
    assert _media() == []
    assert list(AnyItem.query(film_key(film.id))) == []
    assert _nothing_pending()


def test_a_film_that_is_replaced_while_it_is_encoded_is_the_new_one_and_nothing_else(
    pipeline: Pipeline, films: Path, interrupted: Callable[[Happen], Film], monkeypatch: pytest.MonkeyPatch
) -> None:
    old = interrupted(lambda: pipeline.upload(source(films, "silent"), key="film.mp4") and None)
    # the stopped encoder's other steps come too late
    assert pipeline.step(old, "publish") == {}
    dispatch.tidy()
    new = pipeline.work(pipeline.film(old.id))
    assert (new.state, new.published_version != old.version) == (State.READY, True)
    _hours_later(monkeypatch)
    assert _media()
    assert all(key.startswith(f"{new.id}/{new.published_version}/") for key in _media())
    assert making.look(old.id, old.version) is None
    assert _nothing_pending()
    assert [mail["kind"] for mail in taken("videoflix-local-mail")] == ["video_ready"]


def test_a_film_that_another_attempt_took_over_is_left_to_it_and_made_once(
    pipeline: Pipeline, interrupted: Callable[[Happen], Film], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when an execution is thought to be lost, but its worker lives."""

    def take_over() -> None:
        film = pipeline.film(1)
        work.release(film.id, film.version, str(film.execution), retry_in=0, reason="interrupted")
        dispatch.fill()

    old = interrupted(take_over)
    film = pipeline.work(pipeline.film(old.id))
    assert (film.state, film.attempt, film.published_version) == (State.READY, 2, old.version)
    assert [entry.event for entry in film.timeline].count("ready") == 1
    _hours_later(monkeypatch)
    assert all(key.startswith(f"{film.id}/{film.version}/") for key in _media())
    assert making.look(film.id, film.version) is None
    assert _nothing_pending()


def test_a_film_that_is_encoded_again_while_it_is_encoded_is_not_and_goes_on(pipeline: Pipeline, films: Path) -> None:
    film = pipeline.upload(source(films, "silent"))
    prepared = pipeline.step(film, "prepare")
    with pytest.raises(ConflictError):
        again.start(film.id)
    pipeline.step(film, "encode", chunk=0)
    pipeline.step(film, "publish", prepared=prepared)
    assert pipeline.film(film.id).published_version == film.version


def test_a_film_that_is_encoded_again_and_replaced_meanwhile_shows_the_old_one_until_the_new_one_is_ready(
    pipeline: Pipeline, films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = pipeline.make(source(films, "one_frame"), title="x")
    started = again.start(first.id)
    prepared = pipeline.step(started, "prepare")
    pipeline.upload(source(films, "half_second"), key=first.source.key)
    for chunk in prepared["chunks"]:
        assert pipeline.step(started, "encode", chunk=chunk) == {}
    pipeline.step(started, "publish", prepared=prepared)
    assert pipeline.film(first.id).published_version == first.version
    dispatch.tidy()
    dispatch.fill()
    last = pipeline.work(pipeline.film(first.id))
    assert last.duration == pytest.approx(0.52, abs=0.1)
    _hours_later(monkeypatch)
    assert {key.split("/")[1] for key in _media()} == {last.published_version}
    assert store.overdue(store.WORK, 10) == []
    assert _nothing_pending()
