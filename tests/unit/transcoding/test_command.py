"""The ffmpeg command: what a player would notice if a word of it were missing."""

from fractions import Fraction
from pathlib import Path

import pytest

from functions.transcoding import command, plan, source
from tests.unit.transcoding.builders import info, planned

SOURCE = source.Input("http://127.0.0.1/film", ("-protocol_whitelist", "http,tcp"))


def _command(made: plan.Plan) -> list[str]:
    return command.encode(made, SOURCE, "ffmpeg")


def _after(words: list[str], name: str) -> str:
    return words[words.index(name) + 1]


def _graph(made: plan.Plan) -> list[str]:
    return _after(_command(made), "-filter_complex").split(";")


def test_one_decode_feeds_all_and_each_size_is_scaled_from_the_next_larger() -> None:
    largest, middle, smallest, sound = _graph(planned())
    assert largest.startswith("[0:0]")
    assert "scale=1920:1080:flags=bicubic" in largest
    assert largest.endswith("split=2[v0][s0]")
    assert middle == "[s0]scale=1280:720:flags=bicubic,split=2[v1][s1]"
    assert smallest == "[s1]scale=854:480:flags=bicubic[v2]"
    assert sound.startswith("[0:1]aresample=48000:async=1:first_pts=0,")


def test_every_stream_is_told_its_keyframes_half_a_frame_early() -> None:
    words = _command(planned(10.0, frame_rate=Fraction(30_000, 1001)))
    for number in range(3):
        times = [float(time) for time in _after(words, f"-force_key_frames:v:{number}").split(",")]
        assert times[0] == 0
        assert times[1] == pytest.approx(59.5 * 1001 / 30_000, abs=2e-6)


def test_no_keyframe_comes_by_itself() -> None:
    """One more keyframe is one more segment, and not at the same place in every rung."""
    words = _command(planned(60.0))
    longest = max(b - a for a, b in zip(planned(60.0).starts, [*planned(60.0).starts[1:], 1440], strict=True))
    assert int(_after(words, "-keyint_min")) > longest
    assert int(_after(words, "-g")) > longest


def test_the_work_is_bounded_whatever_the_file_claims() -> None:
    words = _command(planned(30.0))
    assert _after(words, "-t") == "30.000000"
    assert words.index("-t") > words.index("-i"), "a limit on the input would not hold for frames made up on the way"
    assert _after(words, "-fps_mode:v") == "cfr"
    assert "fps=" not in _after(words, "-filter_complex")


def test_the_guards_stand_before_the_input() -> None:
    words = _command(planned())
    assert words.index("-protocol_whitelist") < words.index("-i")


@pytest.mark.parametrize(("rate", "frames"), [(24, "3"), (1, "0"), (12, "0"), (Fraction(25, 2), "3")])
def test_slow_films_do_without_frames_that_delay_the_first_picture(rate, frames: str) -> None:
    assert _after(_command(planned(frame_rate=Fraction(rate))), "-bf") == frames


def test_a_film_without_sound_gets_silence() -> None:
    assert _graph(plan.make(info(sound=None)))[-1] == "anullsrc=r=48000:cl=stereo[a]"


def test_fields_become_frames_and_wide_colours_ordinary_ones() -> None:
    first = _graph(planned(interlaced=True, transfer="smpte2084", matrix="bt2020nc"))[0]
    assert first.startswith("[0:0]bwdif=")
    assert "out_primaries=bt709:out_transfer=bt709" in first
    assert "format=yuv420p" in first


def test_an_untagged_picture_is_told_what_it_is_taken_for() -> None:
    first = _graph(planned(matrix=None, width=640, height=480))[0]
    assert "in_color_matrix=smpte170m" in first
    assert "colorspace=smpte170m:color_primaries=smpte170m:color_trc=smpte170m" in first


def test_nothing_the_uploader_wrote_into_the_file_goes_on() -> None:
    assert _after(_command(planned()), "-map_metadata") == "-1"


def test_a_source_over_http_may_lead_nowhere_else() -> None:
    options = source.of_url("http://127.0.0.1:4566/b/k?X-Amz-Signature=x").options
    assert _after(list(options), "-protocol_whitelist") == "http,tcp"
    assert _after(list(options), "-max_redirects") == "0"
    containers = _after(list(options), "-format_whitelist").split(",")
    assert not {"hls", "concat", "dash", "sdp", "rtsp", "image2", "lavfi"} & set(containers)


def test_a_source_over_https_is_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    options = list(source.of_url("https://s3.amazonaws.com/b/k").options)
    assert _after(options, "-protocol_whitelist") == "https,tls,tcp"
    assert _after(options, "-tls_verify") == "1"
    assert Path(_after(options, "-ca_file")).is_file()


def test_a_file_of_an_operator_may_name_no_address(tmp_path: Path) -> None:
    opened = source.of_file(tmp_path / "http:" / "film.mp4")
    assert opened.url.startswith("file:/")
    assert _after(list(opened.options), "-protocol_whitelist") == "file"
