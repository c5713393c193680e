"""Pictures of films: each shows what the film shows at its time, in the film's shape."""

import re
from pathlib import Path
from typing import Any

import pytest

from functions import aws
from functions.catalogue import deletion, editing, store
from functions.catalogue.film import Film, State
from functions.transcoding import process
from tests import media
from tests.integration.transcoding.conftest import Pipeline
from tests.integration.transcoding.pictures import choose, picture, size
from tests.integration.transcoding.sources import source
from tests.queues import taken
from tests.unit.http.conftest import Api

pytestmark = pytest.mark.long


def colour(picture: Path, filters: str = "null") -> tuple[int, ...]:
    """The mean colour: red, green and blue from 0 to 255."""
    raw = picture.with_suffix(".rgb")
    media.ffmpeg("-i", str(picture), "-vf", f"{filters},scale=1:1:flags=area", "-frames:v", "1", "-f", "rawvideo",
                 "-pix_fmt", "rgb24", str(raw))  # fmt: skip
    return tuple(raw.read_bytes()[:3])


def alike(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """As near as JPEG and x264 leave a plain colour: from one step of our film to the next blue alone goes up by 25."""
    return all(abs(a - b) <= 6 for a, b in zip(one, other, strict=True))


def frame(film: Path, number: int) -> tuple[int, ...]:
    """The mean colour of a frame of the source."""
    return colour(film, f"select=eq(n\\,{number})")


def test_each_picture_of_the_storyboard_shows_its_moment_across_chunks_too(
    api: Api, pipeline: Pipeline, films: Path, in_chunks: None
) -> None:
    file = source(films, "steps")
    owner = api.person("owner")
    film = pipeline.upload(file, owner=owner.email, publish="false")
    assert len(pipeline.step(film, "prepare")["chunks"]) >= 2
    film = pipeline.work(pipeline.film(film.id))
    answer = api.get(f"/api/video/{film.id}/storyboard.vtt", who="owner")
    assert answer.status_code == 200
    assert api.get(f"/api/video/{film.id}/storyboard.vtt", who="other").status_code == 404
    found = re.findall(r"(\S+) --> (\S+)\nhttp://[^/]+/videoflix-media/(\S+?)\?\S+#xywh=(\S+)\n", answer.body.decode())
    assert [start for start, _, _, _ in found] == [f"00:00:{second:02d}.000" for second in range(12)]
    assert found[-1][1] == "00:00:12.000"
    assert len({key for _, _, key, _ in found}) >= 2
    for second, (_, _, key, place) in enumerate(found):
        sheet = pipeline.folder / key.replace("/", "-")
        sheet.write_bytes(pipeline.media(key))
        x, y, width, height = place.split(",")
        assert (width, height) == ("160", "90")
        tile = colour(sheet, f"crop={width}:{height}:{x}:{y}")
        assert alike(tile, frame(file, second * 25)), f"second {second}: {tile}"


def test_a_film_of_one_keyframe_is_looked_at_once_for_its_poster(
    pipeline: Pipeline, films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As most clips of a few seconds are; somebody waits for that picture."""
    looks, run = [], process.run

    def noted(argv: list[str], **how: Any) -> process.Finished:
        if any(str(word).endswith("poster-0.jpg") for word in argv):
            looks.append("-skip_frame" in argv)
        return run(argv, **how)

    monkeypatch.setattr(process, "run", noted)
    assert pipeline.make(source(films, "leading_moov")).poster
    assert looks == [True]


def test_the_owners_poster_is_the_picture_of_that_moment(pipeline: Pipeline, films: Path, in_chunks: None) -> None:
    file = source(films, "steps")
    film = pipeline.make(file)
    assert film.state is State.READY, film.failure
    seen = {film.thumbnail, film.poster}
    # between segments, before a second is over, at its first frame, the last frame and behind it
    for at, number in ((7.5, 187), (2.0, 50), (8.0, 200), (1.999, 49), (11.96, 299), (12.0, 299), (0.0, 0)):
        film = choose(pipeline, film, at)
        for name in (film.thumbnail, film.poster):
            assert alike(colour(picture(pipeline, film, name)), frame(file, number)), at
            assert name not in seen, "an address that browsers keep for ever gets no other picture"
            seen.add(name)
    film = choose(pipeline, film, None)
    assert (film.thumbnail, film.poster) == ("thumbnail.jpg", "poster.jpg")
    assert film.state is State.READY
    assert taken("videoflix-local-mail")[1:] == [], "nobody is told twice that the film is ready"


def test_a_late_order_of_another_wish_changes_nothing(pipeline: Pipeline, films: Path) -> None:
    film = pipeline.make(source(films, "steps"))
    film = choose(pipeline, film, 3.0)
    pipeline.step(film, "poster", seconds=9.0)
    assert pipeline.film(film.id) == film
    pipeline.step(film, "poster", seconds=3.0)
    assert pipeline.film(film.id) == film


def test_a_wish_before_the_encoding_or_while_it_runs_is_the_films_first_poster(pipeline: Pipeline, films: Path) -> None:
    file = source(films, "steps")
    early = pipeline.upload(file, key="early.mp4")
    editing.edit(early.id, editing.Edit(poster_at=6.4))
    film = pipeline.work(early)
    assert alike(colour(picture(pipeline, film, film.poster)), frame(file, 160))
    late = pipeline.upload(file, key="late.mp4")
    prepared = pipeline.step(late, "prepare")
    pipeline.step(late, "encode", chunk=0)
    editing.edit(late.id, editing.Edit(poster_at=6.4))
    pipeline.step(late, "publish", prepared=prepared)
    assert _posters_begun(late), "it is drawn after all"


def test_a_wish_for_the_films_end_is_met_and_no_other_picture_stands_for_it(pipeline: Pipeline, films: Path) -> None:
    """Behind the last picture the source has none: another one, under the wish's name, would be taken for it."""
    file = source(films, "steps")
    exact = pipeline.upload(file, key="exact.mp4")
    editing.edit(exact.id, editing.Edit(poster_at=12.0))
    film = pipeline.work(exact)
    assert film.thumbnail == "thumbnail-12000.jpg"
    assert alike(colour(picture(pipeline, film, film.poster)), frame(file, 299))
    longer = pipeline.folder / "longer.mp4"
    media.ffmpeg("-i", str(file), "-f", "lavfi", "-i", "sine=r=48000:d=14", "-c:v", "copy", "-c:a", "aac", str(longer))
    held = pipeline.upload(longer)
    editing.edit(held.id, editing.Edit(poster_at=13.0))
    film = pipeline.work(held)
    assert film.thumbnail == "thumbnail.jpg"
    assert _posters_begun(film)
    pipeline.step(film, "poster", seconds=13.0)
    film = pipeline.film(film.id)
    assert film.thumbnail == "thumbnail-13000.jpg"
    assert alike(colour(picture(pipeline, film, film.poster)), frame(file, 299))


def test_a_wish_that_cannot_be_drawn_changes_nothing(
    pipeline: Pipeline, films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = pipeline.make(source(films, "steps"))
    run, drawn = process.run, []

    def slow_at_first(argv: list[str], **how: Any) -> process.Finished:
        drawn.append(argv)
        if len(drawn) == 1:
            raise process.TooSlowError
        return run(argv, **how)

    monkeypatch.setattr(process, "run", slow_at_first)
    assert choose(pipeline, film, 7.5).thumbnail == "thumbnail.jpg"
    assert choose(pipeline, film, 7.5).thumbnail == "thumbnail-7500.jpg"


def _posters_begun(film: Film) -> list[str]:
    """Names of the executions that were started to draw a film's poster."""
    (machine,) = aws.stepfunctions().list_state_machines()["stateMachines"]
    started = aws.stepfunctions().list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    return [each["name"] for each in started if each["name"].startswith(f"poster-{film.id}-")]


def test_a_film_that_is_deleted_while_its_poster_is_drawn_leaves_nothing(
    pipeline: Pipeline, films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = pipeline.make(source(films, "one_frame"))
    editing.edit(film.id, editing.Edit(poster_at=0.0))
    show = editing.show_poster

    def deleted_just_before(film_id: int, *rest, **more) -> bool:
        deletion.delete(film_id)
        aws.s3().put_object(Bucket="videoflix-media", Key=f"{film_id}/{film.version}/poster-0.jpg", Body=b"x")
        return show(film_id, *rest, **more)

    monkeypatch.setattr(editing, "show_poster", deleted_just_before)
    pipeline.step(film, "poster", seconds=0.0)
    assert store.get(film.id) is None
    assert aws.s3().list_objects_v2(Bucket="videoflix-media").get("KeyCount") == 0


def test_a_full_hd_film_has_a_poster_for_large_screens(pipeline: Pipeline, films: Path) -> None:
    film = pipeline.make(source(films, "hd_second"))
    assert size(picture(pipeline, film, film.thumbnail)) == (640, 360)
    assert size(picture(pipeline, film, film.poster)) == (1280, 720)
    film = choose(pipeline, film, 0.4)
    assert size(picture(pipeline, film, film.thumbnail)) == (640, 360)
    assert size(picture(pipeline, film, film.poster)) == (1280, 720)


def test_a_grainy_films_pictures_load_as_fast_as_anothers(pipeline: Pipeline, films: Path) -> None:
    file = films / "grain.mp4"
    media.ffmpeg("-f", "lavfi", "-i", "color=c=0x806040:s=640x360:r=24:d=1,noise=alls=60:allf=t", "-c:v", "libx264",
                 "-preset", "ultrafast", "-pix_fmt", "yuv420p", str(file))  # fmt: skip
    film = pipeline.make(file)
    for at in (None, 0.5):
        if at is not None:
            film = choose(pipeline, film, at)
        assert 0 < len(picture(pipeline, film, film.thumbnail).read_bytes()) <= 20_000
        assert 0 < len(picture(pipeline, film, film.poster).read_bytes()) <= 150_000
