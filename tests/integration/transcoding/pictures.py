"""The pictures that were made of a film, as files."""

from pathlib import Path

import pytest

from functions.catalogue import editing
from functions.catalogue.film import Film
from tests import media
from tests.integration.transcoding.conftest import Pipeline


def size(picture: Path) -> tuple[int, int]:
    (stream,) = media.ffprobe(picture, "-show_streams")["streams"]
    return stream["width"], stream["height"]


def picture(pipeline: Pipeline, film: Film, name: str | None) -> Path:
    assert name
    file = pipeline.folder / name.replace("/", "-")
    file.write_bytes(pipeline.media(f"{film.id}/{film.version}/{name}"))
    return file


def choose(pipeline: Pipeline, film: Film, at: float | None) -> Film:
    """Wish for a poster and have it drawn, as the state machine would."""
    editing.edit(film.id, editing.Edit(poster_at=at))
    pipeline.step(film, "poster", seconds=at)
    return pipeline.film(film.id)


def check(pipeline: Pipeline, film: Film, width: int, height: int) -> None:
    """Each is upright and in the shape of a film of `width` x `height` pixels, also where its owner chose another."""
    for at in (None, 0.0, film.duration):
        if at is not None:
            film = choose(pipeline, film, round(at, 3))
        poster = size(picture(pipeline, film, film.poster))
        assert poster[0] / poster[1] == pytest.approx(width / height, rel=0.02)
        assert max(poster) == min(1280, max(width, height))
        assert max(size(picture(pipeline, film, film.thumbnail))) == min(640, max(width, height))
    board = film.storyboard
    assert board
    assert board.width / board.height == pytest.approx(width / height, rel=0.05)
    assert sum(count for _, count in board.sheets) == max(
        1, -(-round(film.duration * 1000) // round(board.interval * 1000))
    )
    for sheet, _ in board.sheets:
        assert size(picture(pipeline, film, sheet)) == (10 * board.width, 10 * board.height)
