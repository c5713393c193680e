"""The ffmpeg command: what a player would notice if a word of it were missing."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from functions.transcoding import command, plan, source
from functions.transcoding.probe import Sound
from tests.unit.transcoding.builders import in_chunks, info, planned

SOURCE = source.Input("http://127.0.0.1/film", ("-protocol_whitelist", "http,tcp"))


def _command(made: plan.Plan, chunk: int = 0, sound: source.Input | None = None) -> list[str]:
    return command.encode(made, made.chunk(chunk), SOURCE, "ffmpeg", sound=sound)


def _after(words: list[str], name: str) -> str:
    return words[words.index(name) + 1]


def _graph(made: plan.Plan, chunk: int = 0) -> list[str]:
    words = _command(made, chunk)
    graphs = [graph for option, graph in pairwise(words) if option == "-filter_complex"]
    return ";".join(graphs).split(";")


def test_one_decode_feeds_all_and_each_size_is_scaled_from_the_next_larger() -> None:
    largest, _, middle, _, smallest, board, *sound = _graph(planned())
    assert largest.startswith("[0:0]")
    assert "scale=1920:1080:flags=bicubic" in largest
    assert largest.endswith("split=2[w0][s0]")
    assert middle == "[s0]scale=1280:720:flags=bicubic,split=2[w1][s1]"
    assert smallest.startswith("[s1]scale=854:480:flags=bicubic,fps=24")
    assert smallest.endswith("split=2[v2][t]")
    assert board.startswith("[t]select=")
    assert board.endswith("[board]")
    assert any("[0:1]aresample=48000:async=1:" in part and ":first_pts=0," in part for part in sound)


def test_a_chunk_has_its_own_frames_and_no_other_by_number_and_not_by_a_rounded_time() -> None:
    made = in_chunks(frame_rate=Fraction(30_000, 1001))
    first, second = made.chunk(0), made.chunk(1)
    for part in (first, second):
        graph = ";".join(_graph(made, part.number))
        assert f"fps=30000/1001:start_time={float(part.begin / made.frame_rate):.6f}" in graph
        assert f"trim=start_frame=0:end_frame={part.end - part.begin}" in graph
    assert first.end == second.begin


def test_only_the_last_chunk_holds_its_last_picture() -> None:
    made = in_chunks()
    assert "tpad=" not in ";".join(_graph(made, 0))
    assert "tpad=stop_mode=clone" in ";".join(_graph(made, 1))


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(30_000, 1001), Fraction(1)])
@pytest.mark.parametrize("shown", [0.04, 10.0, 70.0])
def test_each_chunk_that_ends_after_the_picture_holds_its_last_one(shown: float, rate: Fraction) -> None:
    """Else a song with a still picture fails as cut off once it is long enough for two chunks."""
    made = plan.make(info(220.0, ends=shown, frame_rate=rate, width=640, height=480), chunk_cost=0.1)
    assert len(made.chunks) > 10
    for number in range(len(made.chunks)):
        part, words = made.chunk(number), _command(made, number)
        graph = _after(words, "-filter_complex")
        start, skipped, end = (
            float(graph.split(word)[1].split(",")[0].split(":")[0].split(";")[0])
            for word in ("start_time=", "start_frame=", "end_frame=")
        )
        assert end - skipped == part.end - part.begin
        assert start + skipped / rate == pytest.approx(part.begin / rate, abs=1e-6)
        assert start <= max(0.0, shown - 0.5 - 1e-6), "there is a picture to begin with, even if it ends a little early"
        if "-ss" in words:
            assert float(_after(words, "-ss")) == pytest.approx(start - made.lead)
        held = float(graph.split("stop_duration=")[1].split(",")[0]) if "tpad=" in graph else 0.0
        over = made.seconds(part.end) - shown
        assert (held > 0) is (over > -0.5)
        assert held == pytest.approx(max(0.0, over + 0.5), abs=0.6 / rate), "a file that is cut off is still seen to be"


def test_the_first_chunk_is_read_from_the_start_and_others_from_a_keyframe_before_theirs() -> None:
    made = in_chunks()
    assert "-ss" not in _command(made, 0)
    words = _command(made, 1)
    begin = made.seconds(made.chunk(1).begin)
    assert float(_after(words, "-ss")) == pytest.approx(begin - made.lead)
    assert words.index("-noaccurate_seek") < words.index("-ss") < words.index("-i")
    for number in (0, 1):
        assert {"-copyts", "-start_at_zero"} <= set(_command(made, number)), "every chunk counts the film's own time"


def test_segments_are_numbered_through_the_film_and_cut_at_the_same_frames_in_every_rung() -> None:
    made = planned(130.0)
    part = made.chunk(1)
    words = _command(made, 1)
    outputs = _after(words, "tee").split("|")
    assert len(outputs) == 3
    for output, name in zip(outputs, ("1080p", "720p", "480p"), strict=True):
        assert f"start_number={part.first_segment}:" in output
        assert f"hls_segment_filename={name}/%03d.ts" in output
    cuts = {_after(words, f"-force_key_frames:v:{number}") for number in range(3)}
    assert len(cuts) == 1
    assert len(cuts.pop().split(",")) == len(part.starts)


def _packets(made: plan.Plan, number: int) -> tuple[int, int]:
    words = _after(_command(made, number), "-bsf:a")
    first, end = words.removeprefix(r"noise=drop=lt(pts\,").removesuffix(")").split(r")+gte(pts\,")
    return int(first), int(end)


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(30_000, 1001), Fraction(25, 2)])
def test_packets_of_sound_are_in_one_chunk_each_and_in_none_twice(rate: Fraction) -> None:
    made = in_chunks(120.0, frame_rate=rate)
    assert len(made.chunks) > 2
    packets = [_packets(made, number) for number in range(len(made.chunks))]
    assert packets[0][0] == 0
    assert [first for first, _ in packets[1:]] == [end for _, end in packets[:-1]]
    assert all(first % 1024 == end % 1024 == 0 for first, end in packets)
    assert packets[-1][1] >= made.duration * 48_000 > packets[-1][1] - 1024


def test_the_encoder_of_sound_is_warm_when_a_chunk_begins() -> None:
    """Else one hears where chunks meet."""
    made = in_chunks()
    first, _ = _packets(made, 1)
    assert f"first_pts={first - 8 * 1024}," in ";".join(_graph(made, 1))
    assert "first_pts=0," in ";".join(_graph(made, 0))


def test_sound_that_was_encoded_before_is_only_copied_and_begins_with_its_chunk() -> None:
    made = plan.make(info(300.0, sound=Sound(index=1, channels=2, rate=22_050, exact=True)))
    assert made.sound.once
    sound = source.Input("http://127.0.0.1/sound", ("-f", "aac"))
    words = command.encode(made, made.chunk(1), SOURCE, "ffmpeg", sound=sound)
    assert _after(words, "-c:a") == "copy"
    assert "aresample" not in _after(words, "-filter_complex")
    assert words.index("-itsoffset") < words.index("http://127.0.0.1/sound")
    offset = float(_after(words, "-itsoffset"))
    assert offset == pytest.approx(made.seconds(made.chunk(1).begin), abs=1024 / 48_000)


def test_the_sound_of_a_whole_film_is_cut_where_its_chunks_meet() -> None:
    made = plan.make(info(300.0, sound=Sound(index=1, channels=2, rate=48_000, exact=False)))
    words = command.sound_once(made, SOURCE, "ffmpeg")
    cuts = [float(cut) for cut in _after(words, "-segment_times").split(",")]
    assert len(cuts) == len(made.chunks) - 1
    for number, cut in enumerate(cuts, 1):
        assert cut == pytest.approx(made.seconds(made.chunk(number).begin), abs=1.5 * 1024 / 48_000)


def test_the_sound_of_a_short_film_that_is_encoded_before_it_is_one_file() -> None:
    made = plan.make(info(10.0, sound=Sound(index=1, channels=6, rate=48_000, exact=False, changing=True)))
    words = command.sound_once(made, SOURCE, "ffmpeg")
    assert float(_after(words, "-segment_times")) > made.duration - 1024 / 48_000


def test_storyboard_pictures_are_at_even_distances_through_all_chunks() -> None:
    made = in_chunks(120.0, frame_rate=Fraction(30_000, 1001))
    step = made.board.step
    chosen = []
    for number in range(len(made.chunks)):
        graph = ";".join(_graph(made, number))
        offset = int(graph.split("mod(n+")[1].split("\\,")[0].split(",")[0])
        part = made.chunk(number)
        chosen += [part.begin + n for n in range(part.end - part.begin) if (n + offset) % step == 0]
    assert chosen == list(range(0, made.frames, step))


def test_every_stream_is_told_its_keyframes_half_a_frame_early() -> None:
    words = _command(planned(10.0, frame_rate=Fraction(30_000, 1001)))
    for number in range(3):
        times = [float(time) for time in _after(words, f"-force_key_frames:v:{number}").split(",")]
        assert times[0] == 0
        assert len(times) == 3
        assert times[1] == pytest.approx(59.5 * 1001 / 30_000, abs=2e-6)


def test_no_keyframe_comes_by_itself() -> None:
    """One more keyframe is one more segment, and not at the same place in every rung."""
    words = _command(planned(60.0))
    longest = max(b - a for a, b in zip(planned(60.0).starts, [*planned(60.0).starts[1:], 1440], strict=True))
    assert int(_after(words, "-keyint_min")) > longest
    assert int(_after(words, "-g")) > longest


def test_the_work_is_bounded_whatever_the_file_claims() -> None:
    """Frames are made up behind all scaling, and no more than the plan has."""
    for part in _graph(planned(30.0)):
        if "fps=" in part:
            assert "trim=start_frame=0:end_frame=720" in part
            assert part.find("scale=") < part.index("fps=")
    assert _after(_command(planned(30.0)), "-fps_mode:v") == "passthrough", "nothing is added behind the graph"


def test_the_guards_stand_before_the_input() -> None:
    words = _command(planned())
    assert words.index("-protocol_whitelist") < words.index("-i")


@pytest.mark.parametrize(("rate", "frames"), [(24, "3"), (1, "0"), (12, "0"), (Fraction(25, 2), "3")])
def test_slow_films_do_without_frames_that_delay_the_first_picture(rate, frames: str) -> None:
    assert _after(_command(planned(frame_rate=Fraction(rate))), "-bf") == frames


def test_a_film_without_sound_gets_silence() -> None:
    sound = _graph(plan.make(info(sound=None)))[-1]
    assert sound.startswith("anullsrc=r=48000:cl=stereo,atrim=end_sample=")
    assert sound.endswith("[a]")
    assert "amix" not in sound


def test_fields_become_frames_and_wide_colours_ordinary_ones() -> None:
    first = _graph(planned(interlaced=True, transfer="smpte2084", matrix="bt2020nc"))[0]
    assert first.startswith("[0:0]scale=interl=-1,bwdif=")
    assert "out_primaries=bt709:out_transfer=bt709" in first
    assert "format=yuv420p" in first


def test_a_picture_that_changes_its_size_stays_in_one_graph_and_nothing_comes_before_the_scaling() -> None:
    words = _command(planned(index=2))
    guards = words[: words.index("-i")]
    assert _after(guards, "-reinit_filter:2") == "0"
    assert "-noautorotate:2" in guards, "a matrix that comes later would turn"
    assert _after(guards, "-apply_cropping:2") == "codec", "and one in the container would crop"


def test_filters_that_keep_the_first_frames_size_never_meet_another() -> None:
    """They would read beyond a smaller frame: memory that is not the film's."""
    assert not [word for word in _command(planned(orientation=None)) if "reinit" in word]
    assert not [word for word in _command(planned(crop=(0, 8))) if "reinit" in word]
    turned = _graph(planned(rotation=90, orientation=(0, 1, -1, 0)))[0].split(",")
    assert turned.index("transpose=clock") > next(place for place, each in enumerate(turned) if "scale=" in each)
    assert _graph(planned(interlaced=True))[0].startswith("[0:0]scale=interl=-1,bwdif=")


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
