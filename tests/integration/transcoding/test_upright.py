"""However a phone was held or an editor mirrored and cropped it, a film is seen as the file says it is to be seen."""

from pathlib import Path

import pytest

from functions.catalogue.film import State
from tests import media
from tests.hostile_media import ebml
from tests.integration.transcoding.conftest import Pipeline
from tests.integration.transcoding.grey import Grey, distance
from tests.integration.transcoding.sources import source

pytestmark = pytest.mark.long

_FLIP, _FLOP = "-display_vflip", "-display_hflip"
# all eight, as options of ffmpeg's for a file that is copied
ORIENTATIONS = {
    "as_stored": [],
    "mirrored": [_FLOP],
    "upside_down_and_mirrored": [_FLIP],
    "upside_down": ["-display_rotation", "180"],
    "turned_left": ["-display_rotation", "90"],
    "turned_right": ["-display_rotation", "-90"],
    "turned_left_and_mirrored": ["-display_rotation", "90", _FLOP],
    "turned_right_and_mirrored": ["-display_rotation", "-90", _FLOP],
    "between": ["-display_rotation", "60"],
}
_SMALL = Grey(32, 32)
_CODED = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -profile:v main"


def _drawn(target: Path, options: str = "") -> Path:
    media.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=1", *_CODED.split(), *options.split(), str(target))
    return target


def _published(pipeline: Pipeline, file: Path) -> tuple[str, Path]:
    film = pipeline.make(file)
    assert film.state is State.READY, film.failure
    (made,) = film.renditions
    return f"{made.width}x{made.height}", pipeline.joined(film, made.name)


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_a_film_is_upright_and_not_mirrored(name: str, pipeline: Pipeline, films: Path) -> None:
    stored = _drawn(films / "orientation.mp4")
    turned = films / f"{name}.mp4"
    media.ffmpeg(*ORIENTATIONS[name], "-i", str(stored), "-c", "copy", str(turned))
    size, file = _published(pipeline, turned)
    assert size == ("240x320" if name.startswith("turned") else "320x240")
    ours, theirs = _SMALL.pictures(file), _SMALL.pictures(turned)
    assert len(ours) == len(theirs) == 25
    assert max(distance(*pair) for pair in zip(ours, theirs, strict=True)) < 6
    # this comparison would see any other orientation
    assert name == "as_stored" or distance(ours[0], _SMALL.pictures(stored)[0]) > 12


@pytest.mark.parametrize("name", ["as_stored", "upside_down_and_mirrored", "turned_left", "turned_right_and_mirrored"])
def test_a_film_whose_picture_changes_its_size_is_upright_throughout(
    name: str, pipeline: Pipeline, films: Path
) -> None:
    call, turned = source(films, "resized"), films / f"resized-{name}.mp4"
    media.ffmpeg(*ORIENTATIONS[name], "-i", str(call), "-c", "copy", str(turned))
    size, file = _published(pipeline, turned)
    assert size == ("240x320" if name.startswith("turned") else "320x240")
    ours = _SMALL.pictures(file)
    assert len(ours) == 75
    for number in range(3):  # of a second each
        part, shown = films / f"resized-{number}.ts", films / "part.mp4"
        media.ffmpeg(*ORIENTATIONS[name], "-i", str(part), "-map", "0:v", "-c", "copy", str(shown))
        assert distance(ours[25 * number + 12], _SMALL.pictures(shown)[12]) < 12


def _cropped(target: Path) -> Path:
    """A wide film stored with bars above and below, which Matroska says not to show (RFC 9559, section 5.1.4.1.28)."""
    colours = "-color_range tv -colorspace bt709 -color_primaries bt709 -color_trc bt709"
    data = bytearray(_drawn(target.with_name("bars.mkv"), colours).read_bytes())
    begin, length = ebml.content(data, ebml.SEGMENT, ebml.TRACKS, ebml.TRACK, ebml.VIDEO, ebml.COLOUR)
    start = data.rindex(ebml.COLOUR, 0, begin)
    crop = b"".join(kind + b"\x81" + bytes([40]) for kind in (ebml.CROP_TOP, ebml.CROP_BOTTOM))
    rest = begin + length - start - len(crop) - 2
    data[start : begin + length] = crop + ebml.VOID + bytes([0x80 | rest]) + bytes(rest)
    target.write_bytes(data)
    return target


def test_a_cropped_film_shows_what_is_left_in_its_own_shape(pipeline: Pipeline, films: Path) -> None:
    stored = _cropped(films / "cropped.mkv")
    size, file = _published(pipeline, stored)
    assert size == "320x160"
    ours, theirs = _SMALL.pictures(file), _SMALL.pictures(stored)
    assert max(distance(*pair) for pair in zip(ours, theirs, strict=True)) < 3
    whole = _SMALL.pictures(films / "bars.mkv")
    assert distance(ours[0], whole[0]) > 9, "this comparison would see the bars"
