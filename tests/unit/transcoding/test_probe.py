"""What ffprobe says, read; and what is refused before any encoding."""

import json
from collections.abc import Callable, Iterable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.catalogue.film import MAX_SECONDS
from functions.transcoding import plan, probe, process
from functions.transcoding.process import Finished
from functions.transcoding.source import Input
from functions.transcoding.troubles import PassingError, RefusedError
from infra.targets import ROOT

VIDEO = {
    "index": 0,
    "codec_type": "video",
    "codec_name": "h264",
    "width": 1280,
    "height": 720,
    "sample_aspect_ratio": "1:1",
    "pix_fmt": "yuv420p",
    "field_order": "progressive",
    "color_space": "bt709",
    "color_transfer": "unknown",
    "r_frame_rate": "30000/1001",
    "avg_frame_rate": "30000/1001",
    "start_time": "0.000000",
    "duration": "10.010000",
    "disposition": {"default": 1, "attached_pic": 0},
}
AUDIO = {
    "index": 1,
    "codec_type": "audio",
    "codec_name": "aac",
    "channels": 2,
    "sample_rate": "48000",
    "time_base": "1/48000",
    "disposition": {"default": 1},
}


def _facts(*streams: dict, **file: str) -> dict:
    return {"streams": list(streams), "format": {"duration": "10.010000", "start_time": "0.0"} | file}


def _code(facts: dict) -> str:
    with pytest.raises(RefusedError) as refused:
        probe.read(facts)
    return refused.value.code


def test_an_ordinary_film_is_read() -> None:
    info = probe.read(_facts(VIDEO, AUDIO))
    assert info.duration == 10.01
    assert (info.picture.width, info.picture.height, info.picture.frame_rate) == (1280, 720, Fraction(30_000, 1001))
    assert (info.picture.matrix, info.picture.transfer) == ("bt709", None)
    assert info.picture.ends == 10.01
    assert info.sound == probe.Sound(index=1, channels=2, rate=48_000, exact=True)


@pytest.mark.parametrize(
    ("said", "turned"), [(-90, 90), (90, 270), (180, 180), (-180, 180), (0, 0), (45, 0), (60, 0), (-89, 90)]
)
def test_a_phone_held_upright_is_turned(said: int, turned: int) -> None:
    info = probe.read(_facts(VIDEO | {"side_data_list": [{"side_data_type": "x"}, {"rotation": said}]}))
    assert info.picture.rotation == turned


def _matrix(a: int, b: int, c: int, d: int) -> dict[str, object]:
    rows = "\n00000000: {:>12} {:>11} {:>11}\n00000001: {:>12} {:>11} {:>11}\n00000002: {:>12} {:>11} {:>11}\n"
    return {"displaymatrix": rows.format(a, b, 0, c, d, 0, 0, 0, 1 << 30), "rotation": 0}


@pytest.mark.parametrize(
    ("beside", "orientation"),
    [
        ([], (1, 0, 0, 1)),
        ([{"side_data_type": "x"}], (1, 0, 0, 1)),
        ([_matrix(65536, 0, 0, 65536)], (1, 0, 0, 1)),
        ([_matrix(65536, 0, 0, -65536)], (1, 0, 0, -1)),
        ([{"side_data_type": "x"}, _matrix(0, 65536, -65536, 0)], (0, 1, -1, 0)),
        ([_matrix(46340, -46340, 46340, 46340)], None),
        ([_matrix(0, 0, 0, 0)], None),
        ([_matrix(65536, 0, 0, 0)], None),
        ([{"displaymatrix": "no numbers", "rotation": 0}], None),
        ([{"rotation": 90}], None),
    ],
)
def test_a_picture_is_shown_as_stored_unless_the_file_says_otherwise(
    beside: list[dict], orientation: tuple[int, ...] | None
) -> None:
    assert probe.read(_facts(VIDEO | {"side_data_list": beside})).picture.orientation == orientation


def test_what_the_container_crops_is_known() -> None:
    crop = {"crop_top": 140, "crop_bottom": 130, "crop_left": 8, "crop_right": 0}
    assert probe.read(_facts(VIDEO | {"side_data_list": [crop]})).picture.crop == (8, 270)
    assert probe.read(_facts(VIDEO)).picture.crop == (0, 0)


def test_too_small_is_what_is_seen_and_too_large_what_is_decoded() -> None:
    narrow = {"crop_left": VIDEO["width"] - 8}
    assert _code(_facts(VIDEO | {"side_data_list": [narrow]})) == "too_small_picture"
    huge = {"width": 20_000, "height": 20_000, "side_data_list": [{"crop_left": 19_000, "crop_top": 19_000}]}
    assert _code(_facts(VIDEO | huge)) == "too_large_picture"


def test_the_cover_of_a_song_is_no_film() -> None:
    assert _code(_facts(AUDIO, VIDEO | {"disposition": {"attached_pic": 1}})) == "no_picture"


def test_the_default_streams_are_taken() -> None:
    other = VIDEO | {"index": 4, "disposition": {"default": 0}}
    sound = AUDIO | {"index": 5, "disposition": {"default": 0}}
    info = probe.read(_facts(other, sound, VIDEO, AUDIO))
    assert (info.picture.index, info.sound) == (0, probe.Sound(index=1, channels=2, rate=48_000, exact=True))


def test_a_sound_of_unknown_form_does_not_cost_the_film() -> None:
    info = probe.read(_facts(VIDEO, {"index": 1, "codec_type": "audio"}))
    assert info.sound is None


@pytest.mark.parametrize("codec", ["ac4", "mpegh_3d_audio", "unknown"])
def test_sound_that_cannot_be_decoded_gives_way_to_another_or_leaves_the_film_silent(codec: str) -> None:
    """Broadcasts have both; a film whose picture is fine must not be told that its picture cannot be decoded."""
    unheard, other = AUDIO | {"codec_name": codec}, AUDIO | {"index": 2, "disposition": {"default": 0}}
    assert probe.read(_facts(VIDEO, unheard)).sound is None
    info = probe.read(_facts(VIDEO, unheard, other))
    assert info.sound
    assert info.sound.index == 2


@pytest.mark.parametrize(
    ("codec", "container", "layout", "changing"),
    [
        ("ac3", "matroska,webm", "stereo", True),
        ("ac3", "matroska,webm", "unknown", False),  # announced, and no packet came
        ("aac", "matroska,webm", "stereo", False),
        ("aac", "mpegts", "stereo", True),
    ],
)
def test_whether_the_sounds_channels_may_change(codec: str, container: str, layout: str, changing: bool) -> None:
    sound = AUDIO | {"codec_name": codec, "channel_layout": layout}
    info = probe.read(_facts(VIDEO, sound, format_name=container))
    assert info.sound
    assert info.sound.changing is changing


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"codec_name": "av1"}, "unsupported_codec"),
        ({"codec_name": None}, "unsupported_codec"),
        ({"width": 15}, "too_small_picture"),
        ({"width": 16384, "height": 8192}, "too_large_picture"),
        ({"width": 0}, "broken"),
        ({"r_frame_rate": "2000/1", "avg_frame_rate": "2000/1"}, "bad_frame_rate"),
        ({"r_frame_rate": "1/10", "avg_frame_rate": "1/10"}, "bad_frame_rate"),
        ({"r_frame_rate": "0/0", "avg_frame_rate": "0/0"}, "bad_frame_rate"),
        ({"duration": "30000.0"}, "too_long"),
    ],
)
def test_what_cannot_be_encoded_is_refused_with_its_reason(change: dict, code: str) -> None:
    assert _code(_facts(VIDEO | change)) == code


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (_facts(), "not_a_video"),
        ({}, "not_a_video"),
        (_facts(VIDEO, duration="0.000000"), "no_duration"),
        (_facts(VIDEO, duration="N/A"), "no_duration"),
        (_facts(VIDEO, duration="nan"), "no_duration"),
        (_facts(VIDEO, duration="21601"), "too_long"),
    ],
)
def test_a_file_that_says_nothing_useful_is_refused(facts: dict, code: str) -> None:
    assert _code(facts) == code


@pytest.mark.parametrize(
    ("grid", "average", "interlaced", "rate"),
    [
        ("25", "25", False, "25"),
        ("30", "20", False, "30"),  # every third frame left out
        ("50", "25", True, "25"),  # fields
        ("60000/1001", "30000/1001", False, "30000/1001"),  # fields that nobody marked
        ("90000", "2400/81", False, "30000/1001"),  # a phone
        ("1000", "24", False, "24"),  # milliseconds
        ("1000", "57", False, "60000/1001"),
        ("1000", "70", False, "70"),
        ("120", "1502/25", False, "60"),  # some frames are a tick late
        ("60", "601/20", False, "30"),
        ("50", "1251/50", True, "1251/50"),
        ("40", "20", False, "20"),
        ("120", "120", False, "120"),
        (None, "24", False, "24"),
        ("24", None, False, "24"),
    ],
)
def test_the_frame_rate_has_a_place_for_every_frame(grid, average, interlaced, rate) -> None:
    read = probe.frame_rate(grid and Fraction(grid), average and Fraction(average), interlaced)
    assert read == Fraction(rate)


def test_matroska_says_in_a_tag_when_the_picture_ends() -> None:
    stream = {name: value for name, value in VIDEO.items() if name != "duration"}
    info = probe.read(_facts(stream | {"tags": {"DURATION": "00:00:09.500000000"}}))
    assert info.picture.ends == 9.5
    assert probe.read(_facts(stream)).picture.ends is None
    # one picture beside a song: ffprobe gives it the song's duration
    assert probe.read(_facts(VIDEO | {"tags": {"DURATION": "00:00:01.000000000"}})).picture.ends == 1


@pytest.mark.parametrize("hours", ["9" * 400, "9" * 5000, "\u0665"])
def test_a_tag_that_says_no_time_counts_as_none(hours: str) -> None:
    """Tags are anybody's text: more digits than a number has, or digits that no writer of films uses."""
    stream = {key: value for key, value in VIDEO.items() if key != "duration"}
    info = probe.read(_facts(stream | {"tags": {"DURATION": f"{hours}:00:00.000000000"}}))
    assert (info.duration, info.picture.ends) == (10.01, None)


def test_a_picture_that_outlasts_its_container_counts() -> None:
    assert probe.read(_facts(VIDEO | {"duration": "10.5"})).duration == 10.5


@given(
    video=st.dictionaries(
        st.sampled_from(sorted(VIDEO)), st.sampled_from(["", "N/A", "-1", "0", "1e400", "x:y", "99999999"]), max_size=4
    ).filter(lambda change: not change.keys() & {"index", "width", "height", "disposition", "codec_type"})
)
def test_whatever_a_header_claims_is_read_or_refused(video: dict) -> None:
    try:
        info = probe.read(_facts(VIDEO | video, AUDIO))
    except RefusedError:
        return
    assert 0 < info.duration <= MAX_SECONDS


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch):
    """Make ffprobe answer what a test wants."""

    def answer(done: Finished | Exception) -> None:
        def run(*_args: object, **_rest: object) -> Finished:
            if isinstance(done, Exception):
                raise done
            return done

        monkeypatch.setattr(process, "run", run)
        monkeypatch.setattr(process, "executable", lambda name: name)

    return answer


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Invalid data found when processing input", "not_a_video"),
        ("Format not on whitelist 'mov,matroska'", "not_a_video"),
        ("[mov] moov atom not found", "truncated"),
        ("Server returned 404 Not Found", "source_missing"),
        ("Cannot allocate memory", "too_heavy"),
    ],
)
def test_a_failed_look_is_explained(tool, said: str, code: str) -> None:
    tool(Finished(1, "", said))
    with pytest.raises(RefusedError) as refused:
        probe.probe(Input("http://x", ()))
    assert (refused.value.code, refused.value.step) == (code, "probe")


@pytest.mark.parametrize("said", ["HTTP error 503 Service Unavailable", "Connection refused", "Operation timed out"])
def test_a_store_in_trouble_is_not_blamed_on_the_film(tool, said: str) -> None:
    tool(Finished(1, "", said))
    with pytest.raises(PassingError):
        probe.probe(Input("http://x", ()))


def test_an_ffprobe_that_somebody_killed_says_nothing_about_the_film(tool) -> None:
    tool(Finished(-9, "", ""))
    with pytest.raises(PassingError):
        probe.probe(Input("http://x", ()))


def test_a_file_that_takes_too_long_to_look_at_is_not_said_to_be_damaged(tool) -> None:
    """It may be whole and the store be slow: it is tried again, and no more often than anything else."""
    tool(process.TooSlowError())
    with pytest.raises(PassingError):
        probe.probe(Input("http://x", ()))


@pytest.mark.parametrize("printed", ["", "[1, 2]", '{"streams": ['])
def test_an_answer_that_was_cut_off_is_refused(tool, printed: str) -> None:
    tool(Finished(0, printed, ""))
    with pytest.raises(RefusedError) as refused:
        probe.probe(Input("http://x", ()))
    assert refused.value.code == "broken"


@pytest.mark.parametrize(
    ("rate", "tick", "exact"),
    [
        ("48000", "1/48000", True),
        ("44100", "1/44100", True),
        ("48000", "1/1000", False),  # Matroska: half a millisecond beside is a click where two chunks meet
        ("48000", "1/90000", False),
        ("24000", "1/48000", True),
        ("48000", None, False),
        (None, "1/48000", False),
    ],
)
def test_whether_the_sounds_times_are_counted_in_samples(rate: str | None, tick: str | None, exact: bool) -> None:
    info = probe.read(_facts(VIDEO, AUDIO | {"sample_rate": rate, "time_base": tick}))
    assert info.sound
    assert info.sound.exact is exact


_CLOCK = VIDEO | {"duration": "N/A", "r_frame_rate": "1000/1", "avg_frame_rate": "0/0"}
_COARSE = AUDIO | {"codec_name": "opus", "time_base": "1/1000"}


def _packets(pictures: Iterable[int], sounds: Iterable[int]) -> list[str]:
    """What ffmpeg tells of packets that come at such milliseconds."""
    ticks = ["#software: Lavf", "#tb 0: 1/1000", "#tb 1: 1/1000"]
    shown = [f"0, {time:10d}, {time:10d}, {1:8d}, 700, 0x2dcf7d30, F=0x0" for time in pictures]
    return ticks + shown + [f"1, {time:10d}, {time:10d}, {20:8d}, 90, 0x2dcf7d30" for time in sounds]


def _jittered(seconds: int) -> list[int]:
    """When a browser's pictures come, 30 in a second, some of them late."""
    return [number * 1000 // 30 + number * 7 % 13 for number in range(seconds * 30)]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make ffprobe tell a header, and reading through tell packets: of ffmpeg, or of ffprobe."""

    def tell(header: dict, *, ffmpeg: Iterable[str] = (), ffprobe: Iterable[str] = (), slow: bool = False) -> None:
        def run(argv: list[str], *, on_line: Callable[[str], None] | None = None, **_rest: object) -> Finished:
            if on_line is None:
                return Finished(0, json.dumps(header), "")
            for line in {"ffmpeg": ffmpeg, "ffprobe": ffprobe}[argv[0]]:
                on_line(line)
            if slow:
                raise process.TooSlowError
            return Finished(0, "", "")

        monkeypatch.setattr(process, "run", run)
        monkeypatch.setattr(process, "executable", lambda name: name)

    return tell


@pytest.mark.parametrize("length", ["N/A", "90.020000"])  # as it was recorded, and as programs mend it
def test_a_recording_of_a_browser_is_not_a_film_of_a_thousand_frames_a_second(told, length: str) -> None:
    """Its header only says that times are milliseconds: it would take twice the frames, and the sound's end be lost."""
    header = _facts(_CLOCK, _COARSE, format_name="matroska,webm", duration=length)
    told(header, ffmpeg=_packets(_jittered(60), range(0, 90_010, 20)))
    info = probe.probe(Input("http://x", ()))
    assert info.picture.frame_rate == 30
    made = plan.make(info)
    assert made.frame_rate == 30
    assert made.duration == pytest.approx(90, abs=0.05)
    assert len(made.chunks) == len(plan.make(probe.read(_facts(VIDEO | {"duration": "90"}, AUDIO))).chunks)


@pytest.mark.parametrize(
    ("pictures", "rate"),
    [
        (range(0, 60_000, 8), 125),
        (range(0, 60_000, 200), Fraction(24_000, 1001)),  # of a screen on which little happens
        ([0], 30),  # of one on which nothing does
        ([], 30),
    ],
)
def test_a_picture_that_is_only_timed_by_a_clock_is_as_fast_as_its_packets_come(told, pictures, rate) -> None:
    told(_facts(_CLOCK, _COARSE), ffmpeg=_packets(pictures, range(0, 10_000, 20)))
    assert probe.probe(Input("http://x", ())).picture.frame_rate == rate


def test_how_fast_a_picture_is_is_told_by_as_many_packets_as_there_is_time_for(told) -> None:
    told(_facts(_CLOCK, _COARSE), ffmpeg=_packets(_jittered(60), []), slow=True)
    assert probe.probe(Input("http://x", ())).picture.frame_rate == 30


def test_a_clock_finer_than_any_rate_is_one_too(told) -> None:
    told(_facts(_CLOCK | {"r_frame_rate": "90000/1"}, _COARSE), ffmpeg=_packets(_jittered(60), []))
    assert probe.probe(Input("http://x", ())).picture.frame_rate == 30


def _averaged(rate: str) -> dict:
    """What ffprobe tells of a Matroska file that was made of another container's: of the rate, its average."""
    picture = VIDEO | {"r_frame_rate": rate, "avg_frame_rate": rate}
    return _facts(picture, _COARSE, format_name="matroska,webm")


def _with_holds(rate: float) -> list[int]:
    """When the pictures of a recording come that stands still twice, in whole milliseconds."""
    return [round(number * 1000 / rate) for number in range(700) if not (100 < number < 180 or 300 < number < 340)]


@pytest.mark.parametrize(
    ("average", "pictures", "rate"),
    [
        ("101/4", _with_holds(30), 30),
        ("101/5", _with_holds(24), 24),
        ("50/1", _with_holds(60), 50),  # a usual rate is believed
        ("19001/317", [], Fraction(19_001, 317)),  # as 60000/1001 is read, which is one
        ("25/2", range(0, 60_000, 80), Fraction(25, 2)),  # a camera's own, which is constant
        ("101/4", [], Fraction(101, 4)),  # nothing could be read
        ("101/4", [*_with_holds(30), 1], 30),  # no rate has a place for all
    ],
)
def test_a_rate_that_is_only_an_average_gives_way_to_one_that_has_a_place_for_each_picture(
    told, average: str, pictures: list[int], rate: Fraction
) -> None:
    told(_averaged(average), ffmpeg=_packets(pictures, range(0, 10_000, 20)))
    assert probe.probe(Input("http://x", ())).picture.frame_rate == rate


@pytest.mark.parametrize("rate", ["24000/1001", "25/1", "30000/1001", "50/1", "19001/317"])
def test_a_film_of_a_usual_rate_is_not_read_through(monkeypatch: pytest.MonkeyPatch, rate: str) -> None:
    tools = []

    def run(argv: list[str], **_rest: object) -> Finished:
        tools.append(argv[0])
        return Finished(0, json.dumps(_averaged(rate)), "")

    monkeypatch.setattr(process, "run", run)
    monkeypatch.setattr(process, "executable", lambda name: name)
    probe.probe(Input("http://x", ()))
    assert tools == ["ffprobe"]


def test_a_film_without_a_length_in_a_slow_store_is_not_said_to_be_too_long(told) -> None:
    """As a live recording of some gigabytes is: only its packets tell how long it is."""
    endless = _facts(VIDEO, _COARSE, duration="N/A")
    told(endless, ffmpeg=_packets(range(0, 60_000, 40), []), slow=True)
    with pytest.raises(PassingError):
        probe.probe(Input("http://x", ()))
    told(endless, ffmpeg=_packets(range(0, 21_700_000, 2000), []), slow=True)
    with pytest.raises(RefusedError) as refused:
        probe.probe(Input("http://x", ()))
    assert refused.value.code == "too_long", "the rest need not be read for that"


def test_a_film_without_a_length_is_read_once_for_as_long_as_its_step_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each further try would read as much: of 22 GB that was an hour of work, for a sentence that was not true."""
    given: list[float] = []

    def run(_argv: list[str], *, seconds: float, **_rest: object) -> Finished:
        given.append(seconds)
        return Finished(0, json.dumps(_facts(VIDEO, _COARSE, duration="N/A")), "")

    monkeypatch.setattr(process, "run", run)
    monkeypatch.setattr(process, "executable", lambda name: name)
    with pytest.raises(RefusedError):
        probe.probe(Input("http://x", ()))
    stage = json.loads((ROOT / ".chalice/config.json").read_text(encoding="utf-8"))["stages"]["prod"]
    assert given[-1] >= stage["lambda_functions"]["transcode"]["lambda_timeout"]


def _decoded(times: Iterable[float]) -> list[str]:
    """What ffprobe tells of a picture's packets: of 100 the first is a keyframe."""
    return [f"{time},{'___' if number % 100 else 'K__'}" for number, time in enumerate(times)]


def test_an_mpeg_stream_without_a_length_is_asked_what_others_are_asked(told) -> None:
    """Else its second half would be lost where time begins anew, or a chunk begin with a still picture."""
    stream = _facts(VIDEO, AUDIO, duration="N/A", format_name="mpegts")
    packets, even = _packets(range(0, 60_000, 40), []), [number / 5 for number in range(300)]
    told(stream, ffmpeg=packets, ffprobe=_decoded(even))
    assert probe.probe(Input("http://x", ())).keyframes_apart == pytest.approx(20, abs=0.2)
    told(stream, ffmpeg=packets, ffprobe=_decoded([*even, *even]))
    with pytest.raises(RefusedError) as refused:
        probe.probe(Input("http://x", ()))
    assert refused.value.code == "times_begin_anew"
