"""A film plays before it is finished: what the API says of it while the real encoder works on it."""

from pathlib import Path

import pytest

from functions.catalogue import making
from functions.catalogue.film import State
from functions.transcoding import encode, plan, probe
from functions.transcoding.source import of_file
from tests.integration.transcoding.conftest import Pipeline
from tests.integration.transcoding.sources import source
from tests.unit.http.conftest import Api


def lines(answer) -> list[str]:
    assert answer.status_code == 200, answer.body
    return answer.body.decode().splitlines()


@pytest.mark.parametrize("name", ["ntsc", "film_rate", "sixty"])
def test_a_film_of_two_chunks_plays_after_the_first_and_ends_without_a_seam(
    name: str, api: Api, pipeline: Pipeline, films: Path, in_chunks: None
) -> None:
    owner = api.person("owner")
    film = pipeline.upload(source(films, name), owner=owner.email, publish="false")
    assert film.owner_id == owner.id
    path = f"/api/video/{film.id}/480p/index.m3u8"
    prepared = pipeline.step(film, "prepare")
    assert len(prepared["chunks"]) >= 2
    assert api.get(path, who="owner").status_code == 404
    pipeline.step(film, "encode", chunk=0)
    known = making.look(film.id, film.version)
    assert known
    count = known.draft.chunks[1]
    early = lines(api.get(path, who="owner"))
    assert [line.split("?")[0].rpartition("/")[2] for line in early if "?" in line] == [
        f"{number:03d}.ts" for number in range(count)
    ]
    assert api.get(path, who="other").status_code == 404
    bounds = {made.name: made.bandwidth for made in known.draft.renditions}
    assert lines(api.get(f"/api/video/{film.id}/master.m3u8", who="owner"))
    for chunk in prepared["chunks"][1:]:
        pipeline.step(film, "encode", chunk=chunk)
    full = lines(api.get(path, who="owner"))
    pipeline.step(film, "publish", prepared=prepared)
    finished = pipeline.film(film.id)
    assert finished.state is State.READY, finished.failure
    ended = lines(api.get(path, who="owner"))
    assert full[: len(early)] == early
    assert ended == [*full, "#EXT-X-ENDLIST"], "RFC 8216, section 6.2.1: what players know may only grow"
    for made in finished.renditions:
        assert made.peak_bandwidth <= bounds[made.name], "BANDWIDTH must not be too low for what came of it"


def test_segments_are_stored_while_the_film_is_encoded_and_not_when_its_storyboard_is_complete(films: Path) -> None:
    """Else the first segment would be there at 90 seconds of film: a storyboard's sheet is written when it is full."""
    opened = of_file(source(films, "hd"))
    planned = plan.make(probe.probe(opened))
    with pytest.raises(_EnoughError) as first:
        encode.encode(planned, planned.chunk(0), opened, lambda *_: None, _until_the_first)
    assert first.value.frames < 0.75 * planned.frames


class _EnoughError(Exception):
    def __init__(self, frames: int) -> None:
        self.frames = frames


def _until_the_first(reached: encode.Reached) -> None:
    if reached.stored["480p"]:
        raise _EnoughError(reached.frames)  # that is all that is asked; the encoder need not go on
