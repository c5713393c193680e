"""A film looks as good as if each rendition had been made by a plain command of its own, straight from the source.

What a viewer would see if it broke: soft or blocky pictures, at the same bit rates as before. `make bench` compares
1080p, too, and for longer.
"""

from pathlib import Path

import pytest

from bench.transcode import ours, quality
from functions.catalogue.film import State
from tests import media
from tests.integration.transcoding.conftest import Pipeline

# detail of every size that moves, with a little grain: on flat colours every encoder is good
_TEXTURED = "mandelbrot=s=1280x720:r=24:start_scale=0.6:end_scale=0.05:end_pts=60:maxiter=400,noise=alls=2:allf=t"


@pytest.fixture(scope="module")
def textured(films: Path) -> Path:
    target = films / "textured.mkv"
    sound = ["-f", "lavfi", "-i", "sine=r=48000:d=2"]
    picture = ["-f", "lavfi", "-i", f"{_TEXTURED},format=yuv420p"]
    encoded = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-c:a", "aac"]
    media.ffmpeg(*picture, *sound, "-t", "2", *encoded, str(target))
    return target


def test_each_rendition_is_as_like_its_source_as_the_plain_command_makes_it(
    pipeline: Pipeline, textured: Path, tmp_path: Path
) -> None:
    film = pipeline.make(textured)
    assert film.state is State.READY, film.failure
    assert [made.name for made in film.renditions] == ["480p", "720p"]
    subject = ours.subject(textured)
    for made in subject.plan.renditions:
        published = quality.ssim(pipeline.segments(film, made.name), textured, made)
        plain = quality.ssim(quality.reference_segments(subject, made, tmp_path / made.name), textured, made)
        assert plain < 0.995, "too easy a film to tell one encode from another"
        assert published > plain - quality.WITHIN, f"{made.name}: SSIM {published}, the plain command {plain}"
