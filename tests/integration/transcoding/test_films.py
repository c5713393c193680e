"""Films of every kind become playable, exactly as long as they were and upright; what is no film is told so."""

import array
import itertools
import subprocess
from pathlib import Path

import pytest

from functions import aws, settings
from functions.catalogue import timestamps
from functions.catalogue.film import Film, State
from functions.transcoding import probe
from functions.transcoding.source import of_file
from functions.transcoding.troubles import SENTENCES
from tests import media
from tests.integration.transcoding import pictures
from tests.integration.transcoding.conftest import Pipeline, Tools
from tests.integration.transcoding.grey import Grey, distance
from tests.integration.transcoding.sources import source
from tests.queues import taken

pytestmark = pytest.mark.long

A_MINUTE = 60.0  # what a hostile file may cost
A_GIGABYTE = 1 << 30

ODD = {
    # source: seconds, and width x height of each rendition, lowest first
    "ntsc": (20.02, ["432x240"]),
    "portrait": (3, ["480x854", "720x1280"]),
    "anamorphic": (3, ["854x480"]),
    "rotated": (3, ["480x854"]),
    "ten_bit": (3, ["640x480"]),
    "interlaced": (3, ["854x480"]),
    "silent": (3, ["640x480"]),
    "long_silence": (24, ["320x240"]),
    "six_channels": (3, ["320x240"]),
    "one_frame": (0.04, ["640x480"]),
    "half_second": (0.52, ["640x480"]),
    "fast": (3, ["320x240"]),
    "slow": (20, ["320x240"]),
    "variable_rate": (9, ["640x480"]),
    "odd_sides": (3, ["320x240"]),
    "rgb": (3, ["320x240"]),
    "all_black": (3, ["640x480"]),
    "late_picture": (3.5, ["320x240"]),
    "long_sound": (4, ["320x240"]),
    "long_sound_asf": (5.05, ["160x90"]),
    "long_sound_flv": (5.05, ["160x90"]),
    "long_sound_live": (5, ["160x90"]),
    "recorded": (5, ["160x90"]),
    "mended_recording": (5, ["160x90"]),
    "short_sound": (9, ["320x240"]),
    "no_duration": (3, ["320x240"]),
    "wrapped_clock": (6, ["160x90"]),
    "transport_stream": (3, ["320x240"]),
    "hdr": (1, ["640x480"]),
    "hlg": (1, ["320x240"]),
    "ultra_hd": (0.5, ["854x480", "1280x720", "1920x1080"]),
    "telephone": (3, ["320x240"]),
    "studio_sound": (3, ["320x240"]),
    "eight_channels": (3, ["320x240"]),
    "nine_channels": (3, ["320x240"]),
    "unheard": (3, ["160x90"]),
    "flash": (3, ["320x240"]),
    "motion_jpeg": (3, ["320x240"]),
    "web": (3, ["320x240"]),
    "windows_media": (3, ["320x240"]),
    "fragmented": (9, ["320x240"]),
    "without_index": (9, ["320x240"]),
    "single_keyframe": (20, ["320x240"]),
    "many_streams": (3, ["320x240"]),
    "cover_first": (3, ["320x240"]),
    "resized": (3, ["320x240"]),
    "resized_fields": (3, ["352x288"]),
}
# of these the pictures are looked at, too
PICTURED = {
    "portrait",
    "one_frame",
    "half_second",
    "rotated",
    "ten_bit",
    "hdr",
    "rgb",
    "variable_rate",
    "odd_sides",
    "slow",
}
WIDE = {"hdr", "hlg"}  # brighter and more colourful than every screen shows
SILENT = {"silent", "unheard", "long_silence", "one_frame", "slow", "variable_rate"}

REFUSED = {
    "av1": "unsupported_codec",
    "sound_only": "no_picture",
    "tiny": "too_small_picture",
    "enormous": "too_large_picture",
    "cut_with_moov_at_end": "truncated",
    "cut_with_leading_moov": "truncated",
    "cut_matroska": "truncated",
    "cut_flash": "truncated",
    "joined_recordings": "times_begin_anew",
    "flipped_bits": "broken",
    "huge_durations": "bad_frame_rate",
    "text": "not_a_video",
    "empty": "not_a_video",
    "subtitles": "not_a_video",
    "picture_file": "not_a_video",
}


def _sizes(film: Film) -> list[str]:
    return [f"{made.width}x{made.height}" for made in film.renditions]


def _check_segments(pipeline: Pipeline, film: Film) -> None:
    for made in film.renditions:
        for declared, segment in zip(made.segments, pipeline.segments(film, made.name), strict=True):
            pictures, sound = media.packets(segment, "v"), media.packets(segment, "a")
            assert "K" in pictures[0].flags, "a player can only start at a keyframe"
            assert sum("K" in packet.flags for packet in pictures) == 1
            assert sound, "segments carry picture and sound"
            assert len(pictures) / made.frame_rate == pytest.approx(declared, abs=0.001)
            # by their own clocks too: a gap or a repeated stretch would show here
            first, last = min(p.time for p in pictures), max(p.time for p in pictures)
            assert last - first + 1 / made.frame_rate == pytest.approx(declared, abs=0.001)


def test_a_full_hd_film_gets_every_rung_and_each_is_what_the_catalogue_says_of_it(
    pipeline: Pipeline, films: Path
) -> None:
    film = pipeline.make(source(films, "full_hd"), title="My film")
    assert film.state is State.READY, film.failure
    assert _sizes(film) == ["854x480", "1280x720", "1920x1080"]
    assert film.duration == pytest.approx(4, abs=0.01)
    _check_segments(pipeline, film)
    starts = {made.name: made.segments for made in film.renditions}
    assert len(set(starts.values())) == 1, "a player changes the rung between segments: boundaries are the same"
    for made in film.renditions:
        files = pipeline.segments(film, made.name)
        stream = media.ffprobe(files[0], "-select_streams", "v", "-show_streams")["streams"][0]
        assert (stream["width"], stream["height"], stream["pix_fmt"]) == (made.width, made.height, "yuv420p")
        assert stream["profile"] == "High"
        assert made.codecs == f"avc1.6400{stream['level']:02x},mp4a.40.2"
        assert made.frame_rate == 24
        sizes = [file.stat().st_size * 8 for file in files]
        assert made.average_bandwidth == pytest.approx(sum(sizes) / 4, rel=0.01)
        assert made.peak_bandwidth >= made.average_bandwidth


def test_what_is_published_is_served_with_the_right_type_and_may_be_cached_for_ever(
    pipeline: Pipeline, films: Path
) -> None:
    film = pipeline.make(source(films, "silent"))
    for name, content_type in (
        ("480p/000.ts", "video/MP2T"),
        ("480p/index.m3u8", "application/vnd.apple.mpegurl"),
        ("thumbnail.jpg", "image/jpeg"),
    ):
        head = aws.s3().head_object(Bucket="videoflix-media", Key=f"{film.id}/{film.version}/{name}")
        assert head["ContentType"] == content_type
        assert "immutable" in head["CacheControl"]
    lines = pipeline.media(f"{film.id}/{film.version}/480p/index.m3u8").decode().splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["000.ts", "001.ts"]
    assert [line for line in lines if line.startswith("#EXTINF")] == ["#EXTINF:2.000000,", "#EXTINF:1.000000,"]


@pytest.mark.parametrize("name", ODD)
def test_an_odd_film_and_its_pictures_are_upright_in_its_shape_and_it_plays_for_as_long_as_it_lasts(
    name: str, pipeline: Pipeline, films: Path, tools: Tools, tmp_path: Path
) -> None:
    film = pipeline.make(source(films, name))
    assert film.state is State.READY, film.failure
    seconds, sizes = ODD[name]
    assert _sizes(film) == sizes
    assert film.duration == pytest.approx(seconds, abs=0.1)
    _check_segments(pipeline, film)
    first = pipeline.segments(film, "480p")[0]
    assert (_loudness(first, 0.0, 2.0, tmp_path) > 1000) is (name not in SILENT)
    assert tools.memory < A_GIGABYTE
    assert 0 < tools.seconds < A_MINUTE
    assert pipeline.media(f"{film.id}/{film.version}/thumbnail.jpg").startswith(b"\xff\xd8")
    if name in WIDE:
        stream = media.ffprobe(first, "-select_streams", "v", "-show_streams")["streams"][0]
        assert stream["pix_fmt"] == "yuv420p"
        assert {stream[tag] for tag in ("color_space", "color_transfer", "color_primaries")} == {"bt709"}
    if name in PICTURED:
        pictures.check(pipeline, film, film.renditions[-1].width, film.renditions[-1].height)


def test_every_sound_that_the_build_cannot_decode_is_known(films: Path) -> None:
    """Of one that is not, the uploader would be told that the picture cannot be decoded."""
    listed = subprocess.run([media.BINARIES / "ffmpeg", "-v", "quiet", "-codecs"], capture_output=True, check=True)
    codecs = [line.split() for line in listed.stdout.decode().partition("-------")[2].splitlines()[1:]]
    unheard = {name for flags, name, *_ in codecs if flags[2] == "A" and flags[0] != "D"}
    assert unheard == probe._UNHEARD - {"unknown"}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_made_fails_with_its_reason_and_leaves_nothing_behind(
    name: str, pipeline: Pipeline, films: Path, tools: Tools
) -> None:
    film = pipeline.make(source(films, name))
    assert tools.memory < A_GIGABYTE
    assert tools.seconds < A_MINUTE
    assert film.state is State.FAILED
    assert film.failure
    assert film.failure.code == REFUSED[name]
    assert film.published_version is None
    assert aws.s3().list_objects_v2(Bucket="videoflix-media").get("KeyCount") == 0
    queued = {mail["key"]: mail for mail in taken("videoflix-local-mail")}
    mails = list(queued.values())  # of those that have one key, one is sent
    assert [(mail["kind"], mail["to"]) for mail in mails] == [("video_failed", "demo@videoflix.local")]
    assert mails[0]["context"]["reason"] == film.failure.message


@pytest.mark.parametrize("name", ["a_bit", "few_bits", "many_bits"])
def test_whatever_bits_are_turned_a_film_is_whole_or_fails_with_a_reason(
    name: str, pipeline: Pipeline, films: Path, tools: Tools
) -> None:
    """Anywhere in the file, its index included: which it is depends on where they lie, never half a film."""
    film = pipeline.make(source(films, name))
    assert tools.memory < A_GIGABYTE
    assert tools.seconds < A_MINUTE
    if film.failure:
        assert film.failure.message == SENTENCES[film.failure.code]
        assert aws.s3().list_objects_v2(Bucket="videoflix-media").get("KeyCount") == 0
    else:
        assert film.state is State.READY
        assert film.duration == pytest.approx(9, abs=0.1)
        _check_segments(pipeline, film)


def test_no_frame_is_lost_repeated_or_shifted(pipeline: Pipeline, films: Path, tmp_path: Path) -> None:
    """29.97 frames a second: each picture of the result looks like the same picture of the source."""
    file = source(films, "ntsc")
    film = pipeline.make(file)
    joined = pipeline.joined(film, "480p")
    assert len(media.packets(joined, "v")) == len(media.packets(file, "v")) == 600
    table = tmp_path / "ssim.txt"
    pair = "[0:v]settb=1/30,setpts=N[a];[1:v]settb=1/30,setpts=N[b];[a][b]ssim=stats_file=" + str(table)
    media.ffmpeg("-i", str(joined), "-i", str(file), "-lavfi", pair, "-f", "null", "-")
    likeness = [float(line.split("All:")[1].split()[0]) for line in table.read_text().splitlines()]
    assert len(likeness) == 600
    assert min(likeness) > 0.9


@pytest.mark.parametrize("name", ["recorded", "mended_recording"])
def test_a_browsers_recording_has_the_frames_that_it_was_recorded_with(
    name: str, pipeline: Pipeline, films: Path
) -> None:
    film = pipeline.make(source(films, name))
    assert film.renditions[0].frame_rate == pytest.approx(30, rel=0.01)
    assert film.duration == pytest.approx(5, abs=0.05), "the sound goes on after the picture"


def test_a_variable_rate_that_was_copied_into_matroska_loses_no_frame(films: Path) -> None:
    info = probe.probe(of_file(source(films, "remuxed")))
    assert info.picture.frame_rate == pytest.approx(30, rel=0.01)
    assert info.duration == pytest.approx(9, abs=0.05)


def _loudness(file: Path, start: float, end: float, folder: Path) -> float:
    cut = folder / "cut.wav"
    media.ffmpeg("-i", str(file), "-vn", "-ss", str(start), "-to", str(end), "-ac", "1", "-f", "wav", str(cut))
    samples = cut.read_bytes()[100:]
    values = [int.from_bytes(samples[i : i + 2], "little", signed=True) for i in range(0, len(samples) - 1, 2)]
    return max(map(abs, values))


def test_sound_that_begins_late_still_belongs_to_its_pictures(pipeline: Pipeline, films: Path, tmp_path: Path) -> None:
    film = pipeline.make(source(films, "late_sound"))
    first = pipeline.segments(film, "480p")[0]
    assert _loudness(first, 0.1, 0.4, tmp_path) < 50
    assert _loudness(first, 0.7, 1.5, tmp_path) > 1000


def _samples(pipeline: Pipeline, film: Film) -> array.array:
    raw = pipeline.folder / "samples.f32"
    media.ffmpeg("-i", str(pipeline.joined(film, "480p")), "-vn", "-ac", "1", "-ar", "48000", "-f", "f32le", str(raw))
    samples = array.array("f")
    samples.frombytes(raw.read_bytes())
    return samples


def _beeps(pipeline: Pipeline, film: Film) -> list[float]:
    """Seconds at which beeps are heard that are at least half a second apart."""
    loud = [place for place, sample in enumerate(_samples(pipeline, film)) if abs(sample) > 0.1]
    first = [loud[0], *(place for before, place in itertools.pairwise(loud) if place - before > 24_000)]
    return [place / 48_000 for place in first]


def test_small_gaps_in_the_sound_do_not_add_up_until_lips_are_off(pipeline: Pipeline, films: Path) -> None:
    beeps = _beeps(pipeline, pipeline.make(source(films, "gaps")))
    assert beeps == pytest.approx([number * 1.013 for number in range(10)], abs=0.045)


def test_sound_whose_channels_change_stays_with_its_pictures(pipeline: Pipeline, films: Path) -> None:
    film = pipeline.make(source(films, "other_channels"))
    assert film.state is State.READY, film.failure
    assert _beeps(pipeline, film) == pytest.approx([0, 2, 4], abs=0.04)


def test_sound_that_is_timed_as_it_arrived_does_not_crackle(pipeline: Pipeline, films: Path) -> None:
    samples = _samples(pipeline, pipeline.make(source(films, "arrivals")))
    steps = [abs(a - b) for a, b in itertools.pairwise(samples[4_800:-48_000])]
    assert max(steps) < 1.1 * sorted(steps)[len(steps) * 99 // 100], "a click is heard"


@pytest.mark.usefixtures("in_chunks")
def test_no_picture_stands_still_where_keyframes_are_far_from_each_other(pipeline: Pipeline, films: Path) -> None:
    film = pipeline.make(source(films, "far_keyframes"))
    assert film.state is State.READY, film.failure
    assert film.cost.chunks > 2
    shown = Grey(20, 15).pictures(pipeline.joined(film, "480p"))
    assert min(distance(before, after) for before, after in itertools.pairwise(shown)) > 0.5


def test_picture_and_sound_start_together(pipeline: Pipeline, films: Path) -> None:
    """Players report a hole, and some wait, when one of them starts more than 0.1 s after the other."""
    film = pipeline.make(source(films, "landscape"))
    first = pipeline.segments(film, "480p")[0]
    picture = min(packet.time for packet in media.packets(first, "v"))
    sound = min(packet.time for packet in media.packets(first, "a"))
    assert picture == pytest.approx(timestamps.FIRST, abs=0.001)
    assert abs(picture - sound) < 0.03


def test_the_poster_of_a_film_that_starts_black_is_not_black(pipeline: Pipeline, films: Path, tmp_path: Path) -> None:
    film = pipeline.make(source(films, "black_start"))
    poster = tmp_path / "poster.jpg"
    poster.write_bytes(pipeline.media(f"{film.id}/{film.version}/thumbnail.jpg"))
    assert _brightness(poster) > 40


def _brightness(picture: Path) -> float:
    raw = picture.with_suffix(".gray")
    media.ffmpeg("-i", str(picture), "-f", "rawvideo", "-pix_fmt", "gray", str(raw))
    pixels = raw.read_bytes()
    return sum(pixels) / len(pixels)


def test_relaxed_policy_makes_all_three_rungs_of_a_small_film(
    pipeline: Pipeline, films: Path, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("AUTOTRANSCODE_POLICY", "relaxed")
    settings.current.cache_clear()
    film = pipeline.make(source(films, "one_frame"))
    assert [made.name for made in film.renditions] == ["480p", "720p", "1080p"]
    assert _sizes(film) == ["640x480", "960x720", "1440x1080"]
