"""However a phone was held or an editor mirrored and cropped it, a film is seen as the file says it is to be seen."""

from pathlib import Path

import pytest

from functions.catalogue.film import State
from tests import media
from tests.hostile_media import ebml
from tests.integration.transcoding.conftest import Pipeline

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
    "between": ["-display_rotation", "30"],
}
# of a size that changes, as calls are recorded: the picture is as large as the line just allowed
SIZES = ("320x240", "640x480", "160x120")
_SMALL, _PIXELS = "scale=32:32:flags=area,format=gray", 32 * 32
_CODED = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -profile:v main"


def _drawn(target: Path, size: str, options: str = "") -> Path:
    media.ffmpeg("-f", "lavfi", "-i", f"testsrc2=s={size}:r=25:d=1", *_CODED.split(), *options.split(), str(target))
    return target


def _pictures(folder: Path, *source: str) -> list[bytes]:
    raw = folder / "seen.gray"
    media.ffmpeg(*source, "-map", "0:v", "-vf", _SMALL, "-f", "rawvideo", str(raw))
    data = raw.read_bytes()
    return [data[place : place + _PIXELS] for place in range(0, len(data), _PIXELS)]


def _apart(one: bytes, other: bytes) -> float:
    """Mean difference of two pictures, in 256ths of white."""
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / _PIXELS


def _published(pipeline: Pipeline, source: Path) -> tuple[str, Path]:
    film = pipeline.make(source)
    assert film.state is State.READY, film.failure
    (made,) = film.renditions
    file = pipeline.folder / "published.ts"
    file.write_bytes(b"".join(segment.read_bytes() for segment in pipeline.segments(film, made.name)))
    return f"{made.width}x{made.height}", file


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_a_film_is_upright_and_not_mirrored(name: str, pipeline: Pipeline, films: Path, tmp_path: Path) -> None:
    stored = _drawn(films / "orientation.mp4", "320x240")
    source = films / f"{name}.mp4"
    media.ffmpeg(*ORIENTATIONS[name], "-i", str(stored), "-c", "copy", str(source))
    size, file = _published(pipeline, source)
    assert size == ("240x320" if name.startswith("turned") else "320x240")
    ours, theirs = _pictures(tmp_path, "-i", str(file)), _pictures(tmp_path, "-i", str(source))
    assert len(ours) == len(theirs) == 25
    assert max(_apart(*pair) for pair in zip(ours, theirs, strict=True)) < 6
    # this comparison would see any other orientation
    assert name == "as_stored" or _apart(ours[0], _pictures(tmp_path, "-i", str(stored))[0]) > 12


@pytest.mark.parametrize("name", ["as_stored", "upside_down_and_mirrored", "turned_left", "turned_right_and_mirrored"])
def test_a_film_whose_picture_changes_its_size_is_upright_throughout(
    name: str, pipeline: Pipeline, films: Path, tmp_path: Path
) -> None:
    parts = [_drawn(films / f"part-{size}.ts", size) for size in SIZES]
    call = films / "call.ts"
    call.write_bytes(b"".join(part.read_bytes() for part in parts))
    source = films / f"call-{name}.mp4"
    media.ffmpeg(*ORIENTATIONS[name], "-i", str(call), "-c", "copy", str(source))
    size, file = _published(pipeline, source)
    assert size == ("240x320" if name.startswith("turned") else "320x240")
    ours = _pictures(tmp_path, "-i", str(file))
    assert len(ours) == 75
    for number, part in enumerate(parts):
        shown = films / "part.mp4"
        media.ffmpeg(*ORIENTATIONS[name], "-i", str(part), "-c", "copy", str(shown))
        assert _apart(ours[25 * number + 12], _pictures(tmp_path, "-i", str(shown))[12]) < 12


def _cropped(target: Path) -> Path:
    """A wide film stored with bars above and below, which Matroska says not to show (RFC 9559, section 5.1.4.1.28)."""
    colours = "-color_range tv -colorspace bt709 -color_primaries bt709 -color_trc bt709"
    data = bytearray(_drawn(target.with_name("bars.mkv"), "320x240", colours).read_bytes())
    begin, length = ebml.content(data, ebml.SEGMENT, ebml.TRACKS, ebml.TRACK, ebml.VIDEO, ebml.COLOUR)
    start = data.rindex(ebml.COLOUR, 0, begin)
    crop = b"".join(kind + b"\x81" + bytes([40]) for kind in (ebml.CROP_TOP, ebml.CROP_BOTTOM))
    rest = begin + length - start - len(crop) - 2
    data[start : begin + length] = crop + ebml.VOID + bytes([0x80 | rest]) + bytes(rest)
    target.write_bytes(data)
    return target


def test_a_cropped_film_shows_what_is_left_in_its_own_shape(pipeline: Pipeline, films: Path, tmp_path: Path) -> None:
    source = _cropped(films / "cropped.mkv")
    size, file = _published(pipeline, source)
    assert size == "320x160"
    ours, theirs = _pictures(tmp_path, "-i", str(file)), _pictures(tmp_path, "-i", str(source))
    assert max(_apart(*pair) for pair in zip(ours, theirs, strict=True)) < 3
    whole = _pictures(tmp_path, "-i", str(films / "bars.mkv"))
    assert _apart(ours[0], whole[0]) > 9, "this comparison would see the bars"
