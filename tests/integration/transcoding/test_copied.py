"""Films whose own picture becomes the highest rendition: nothing of it is lost, and only what fits is taken so."""

import os
import subprocess
from pathlib import Path

import pytest

from functions import log
from functions.catalogue.film import State
from functions.transcoding import plan, probe, scan
from functions.transcoding import source as sources_of
from functions.transcoding.troubles import PassingError
from tests import media
from tests.integration.transcoding.conftest import Pipeline

pytestmark = pytest.mark.long

_PICTURE = "testsrc2=s={size}:r={rate}:d={seconds}"
_USUAL = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -bf 3 -b_strategy 0 -b:v 1200k -maxrate 1400k -bufsize 1400k"


def _draw(
    target: Path,
    options: str,
    *,
    size: str = "720x720",
    rate: str = "25",
    seconds: float = 26,
    sound: str = "-c:a ac3",
    sound_seconds: float | None = None,
    filters: str = "",
) -> Path:
    if not target.exists():
        picture = _PICTURE.format(size=size, rate=rate, seconds=seconds) + filters
        quiet = f"sine=r=48000:d={seconds if sound_seconds is None else sound_seconds}"
        inputs = ["-f", "lavfi", "-i", picture, *(["-f", "lavfi", "-i", quiet] if sound != "-an" else [])]
        media.ffmpeg(*inputs, *options.split(), *sound.split(), str(target))
    return target


# more keyframes than segments need, frames that are decoded two before they are shown
FITTING = {
    "ntsc.mp4": (f"{_USUAL} -g 48 -x264-params ref=3:b-pyramid=normal", "24000/1001", "-c:a aac"),
    # times in milliseconds, none for decoding
    "milliseconds.mkv": (f"{_USUAL} -g 75 -x264-params b-pyramid=none", "30", "-c:a ac3"),
    "sixty.mov": (f"{_USUAL} -g 250 -x264-params ref=3:b-pyramid=normal", "60000/1001", "-an"),
}


@pytest.fixture
def films(films: Path) -> Path:
    """A folder of these tests' own: others have other films of the same names."""
    folder = films / "copied"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def short_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks as short as they come, as if a second of film were dear, and shorter, so that a short film has two."""
    monkeypatch.setattr(plan, "cost", lambda *_: 1000.0)
    monkeypatch.setattr(plan, "_SHORTEST_CHUNK", 3.5)


def _pictures(file: Path) -> list[str]:
    """Hashes of all decoded pictures, in the order of showing; an error in any of them fails."""
    command = [
        media.BINARIES / "ffmpeg", "-v", "error", "-nostdin", "-xerror", "-i", file,
        "-map", "0:v", "-fps_mode", "passthrough", "-f", "framehash", "-hash", "md5", "-",
    ]  # fmt: skip
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stderr == ""
    return [line.rsplit(",", 1)[1].strip() for line in done.stdout.splitlines() if not line.startswith("#")]


@pytest.mark.usefixtures("short_chunks")
@pytest.mark.parametrize("name", FITTING)
def test_a_film_that_fits_is_handed_on_picture_by_picture_as_it_was_uploaded(
    name: str, pipeline: Pipeline, films: Path
) -> None:
    options, rate, sound = FITTING[name]
    # the sound's last packet ends after the last picture, as is usual
    file = _draw(films / name, options, rate=rate, seconds=10, sound=sound, sound_seconds=10.04)
    uploaded = pipeline.upload(file)
    prepared = pipeline.step(uploaded, "prepare")
    assert len(prepared["chunks"]) == 2, "chunks must meet somewhere"
    for chunk in prepared["chunks"]:
        pipeline.step(uploaded, "encode", chunk=chunk)
    pipeline.step(uploaded, "publish", prepared=prepared)
    film = pipeline.film(uploaded.id)
    assert film.state is State.READY, film.failure
    assert [made.name for made in film.renditions] == ["480p", "720p"]
    lower, top = film.renditions
    assert (lower.copied, top.copied, film.cost.chunks) == (False, True, 2)
    # the same pictures, each once, also where chunks meet; decoded without an error
    copied, encoded = pipeline.joined(film, "720p", "720p.ts"), pipeline.joined(film, "480p", "480p.ts")
    assert _pictures(copied) == _pictures(file)
    # a player may change between the two at each segment, and at each frame both say the same time
    assert top.segments == lower.segments
    assert max(top.segments) <= plan.LONGEST_SEGMENT
    times = [sorted(packet.time for packet in media.packets(joined, "v")) for joined in (copied, encoded)]
    assert times[0] == pytest.approx(times[1], abs=2 / 90_000)
    for segment in pipeline.segments(film, "720p"):
        assert "K" in media.packets(segment, "v")[0].flags, "a player can only start at a keyframe"
        assert media.packets(segment, "a"), "segments carry picture and sound"
    # what it says of itself is what it is
    stream = media.ffprobe(copied, "-select_streams", "v", "-show_streams")["streams"][0]
    assert top.codecs.startswith("avc1.")
    assert top.codecs[9:11] == f"{stream['level']:02x}"
    assert {"Main": "4d", "High": "64"}[stream["profile"]] == top.codecs[5:7]


def test_of_a_film_with_few_bits_the_lower_rendition_has_fewer(pipeline: Pipeline, films: Path) -> None:
    """Players take the heaviest for the best: the smaller picture, encoded as well as ever, would be that."""
    few = _USUAL.replace("-b:v 1200k -maxrate 1400k -bufsize 1400k", "-b:v 700k -maxrate 800k -bufsize 800k")
    file = _draw(films / "few.mp4", f"{few} -g 50", seconds=14, filters=",noise=alls=20:allf=t", sound="-an")
    film = pipeline.make(file)
    assert film.state is State.READY, film.failure
    lower, top = film.renditions
    assert top.copied
    assert lower.average_bandwidth < 0.9 * top.average_bandwidth
    assert lower.peak_bandwidth < 0.9 * top.peak_bandwidth


def test_a_small_film_is_copied_too_and_has_its_pictures(pipeline: Pipeline, films: Path) -> None:
    """Nothing of it is encoded but the storyboard."""
    file = _draw(films / "small.mp4", f"{_USUAL} -g 50", size="640x480", seconds=6, sound="-an")
    film = pipeline.make(file)
    assert film.state is State.READY, film.failure
    assert [made.name for made in film.renditions] == ["480p"]
    assert _pictures(pipeline.joined(film, "480p")) == _pictures(file)
    assert pipeline.media(f"{film.id}/{film.version}/thumbnail.jpg").startswith(b"\xff\xd8")
    assert film.storyboard
    assert sum(count for _name, count in film.storyboard.sheets) == 6


def test_a_film_with_a_damaged_picture_is_encoded_after_all(pipeline: Pipeline, films: Path, tmp_path: Path) -> None:
    """A decoder here gets over it, and viewers get clean pictures: the film is not lost for a few bits."""
    file = _draw(films / "small.mp4", f"{_USUAL} -g 50", size="640x480", seconds=6, sound="-an")
    packets = media.ffprobe(file, "-select_streams", "v", "-show_entries", "packet=pos,size")["packets"]
    begin, size = (int(packets[70][name]) for name in ("pos", "size"))
    data = bytearray(file.read_bytes())
    data[begin + size // 2 : begin + size - 1] = bytes(
        byte ^ 0x55 for byte in data[begin + size // 2 : begin + size - 1]
    )
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(data)
    uploaded = pipeline.upload(damaged)
    prepared = pipeline.step(uploaded, "prepare")
    with pytest.raises(PassingError):
        pipeline.step(uploaded, "encode", chunk=0)
    assert pipeline.step(uploaded, "prepare")["chunks"] == prepared["chunks"], "also by the next attempt"
    pipeline.step(uploaded, "encode", chunk=0)
    pipeline.step(uploaded, "publish", prepared=prepared)
    film = pipeline.film(uploaded.id)
    assert film.state is State.READY, film.failure
    assert film.renditions[0].codecs.startswith("avc1.6400"), "encoded in High profile; the source's is Main"
    assert film.renditions[0].folder == "480p-1", "what was stored of the copy may be in a player's cache"
    assert len(_pictures(pipeline.joined(film, "480p"))) == 150


def test_what_an_encoder_or_a_camera_wrote_between_the_pictures_is_not_handed_on(
    pipeline: Pipeline, films: Path
) -> None:
    file = _draw(films / "small.mp4", f"{_USUAL} -g 50", size="640x480", seconds=6, sound="-an")
    assert b"x264 - core" in file.read_bytes()
    film = pipeline.make(file)
    assert b"x264 - core" not in pipeline.joined(film, "480p").read_bytes()


# of a film that would fit
TURNED = {"turned.mp4": ("-display_rotation", "90"), "mirrored.mp4": ("-display_vflip",)}


def _turned(target: Path) -> None:
    upright = _draw(target.with_name("upright.mp4"), f"{_USUAL} -g 50", seconds=4)
    media.ffmpeg(*TURNED[target.name], "-i", str(upright), "-c", "copy", str(target))


_INTERLACED = "-flags +ildct+ilme -x264-params tff=1"
# longer than a segment may be
UNFIT = {
    "open_groups.mp4": (f"{_USUAL} -g 50 -x264-params open-gop=1:scenecut=0", {}, "keyframes"),
    "rolling_refresh.mkv": (f"{_USUAL} -g 50 -x264-params intra-refresh=1", {}, "keyframes"),
    "far_keyframes.mp4": (f"{_USUAL} -g 500 -x264-params scenecut=0", {}, "keyframes"),
    "late_keyframe.mp4": (f"{_USUAL} -g 250 -x264-params scenecut=0", {}, "first segment"),
    "variable_rate.mp4": (
        f"{_USUAL} -fps_mode vfr -g 50",
        {"filters": ",select='mod(n,7)'", "seconds": 26, "sound_seconds": 20},
        "frames are missing",
    ),
    "uneven.mkv": (
        f"{_USUAL} -fps_mode vfr -enc_time_base 1:1000 -g 50",
        {"filters": ",settb=1/1000,setpts=PTS+9*mod(N\\,3)"},
        "not constant",
    ),
    "ten_bit.mp4": (f"{_USUAL} -pix_fmt yuv420p10le -g 50", {}, "4:2:0"),
    "studio.mp4": (f"{_USUAL} -pix_fmt yuv422p -g 50", {}, "4:2:0"),
    "full_range.mp4": (f"{_USUAL} -pix_fmt yuvj420p -g 50", {}, "4:2:0"),
    "wide_pixels.mp4": (f"{_USUAL} -g 50", {"filters": ",setsar=4/3"}, "square"),
    "fields.mp4": (f"{_USUAL} -g 50 {_INTERLACED}", {"filters": ",tinterlace=interleave_top"}, "progressive"),
    "heavy.mp4": (f"{_USUAL} -b:v 12M -maxrate 12M -bufsize 12M -g 50", {"filters": ",noise=alls=60:allf=t"}, "rate"),
    "long_sound.mp4": (f"{_USUAL} -g 50", {"sound_seconds": 17}, "last picture"),
    "other_colours.mp4": (f"{_USUAL} -g 50 -colorspace smpte170m", {"size": "720x720"}, "colours"),
    "messages.mp4": (f"{_USUAL} -g 50 -x264-params nal-hrd=vbr", {}, "messages"),
    "transport.ts": (f"{_USUAL} -g 50", {}, "index"),
    "odd_size.mp4": (f"{_USUAL} -g 50", {"size": "800x800"}, "size"),
    "other_codec.mp4": ("-c:v mpeg4 -b:v 1M -g 50", {}, "H.264"),
    **{name: ("", {}, "turned or mirrored") for name in TURNED},
}


@pytest.mark.parametrize("name", UNFIT)
def test_a_film_that_does_not_fit_is_encoded(name: str, films: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copied, it would stutter, show wrong colours, not start at once, or be too heavy for the line of its viewers."""
    options, more, word = UNFIT[name]
    target = films / name
    if name in TURNED:
        _turned(target)
    else:
        _draw(target, options, **{"size": "640x480", "seconds": 13} | more)  # type: ignore[arg-type]
    said: list[dict[str, object]] = []
    monkeypatch.setattr(log, "info", lambda event, **facts: said.append({"event": event, **facts}))
    opened = sources_of.of_file(target)
    made = scan.planned(opened, probe.probe(opened), upscale=False, largest=1080)
    assert made.encoded == made.renditions
    (line,) = said
    assert line["event"] == "top_is_encoded"
    assert word in str(line["reason"])


def test_a_file_that_cannot_be_read_in_time_is_encoded(
    films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _draw(films / "small.mp4", f"{_USUAL} -g 50", size="640x480", seconds=6, sound="-an")
    opened = sources_of.of_file(file)
    info = probe.probe(opened)
    assert scan.planned(opened, info, upscale=False, largest=1080).encoded == (), "the test would show nothing"
    monkeypatch.setattr(scan, "_SECONDS", 0.5)
    silent = tmp_path / "film.mp4"
    os.mkfifo(silent)  # whoever opens it waits for a writer
    made = scan.planned(sources_of.of_file(silent), info, upscale=False, largest=1080)
    assert made.encoded == made.renditions
