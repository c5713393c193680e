"""Running the encoding, with a stand-in for ffmpeg that writes what a test asks for."""

import sys
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.transcoding import encode
from functions.transcoding.encode import Reached, peak
from functions.transcoding.plan import Plan
from functions.transcoding.source import Input
from functions.transcoding.troubles import LeaseLostError, PassingError, RefusedError
from tests.unit.transcoding.builders import planned

SOURCE = Input("http://127.0.0.1/film", ())

_STAND_IN = f"""#!{sys.executable}
import os, sys, time
from pathlib import Path
lines = ["#EXTM3U"]
folders = sorted(path for path in Path(".").iterdir() if path.is_dir())
for number, (duration, size) in enumerate({{segments}}):
    lines += [f"#EXTINF:{{{{duration}}}},", f"{{{{number:03d}}}}.ts"]
    for folder in folders:
        (folder / f"{{{{number:03d}}}}.ts").write_bytes(b"s" * size)
        (folder / "new").write_text("\\n".join(lines) + "\\n")
        os.replace(folder / "new", folder / "index.m3u8")
    print("out_time_us=N/A", f"out_time_us={{{{(number + 1) * 2000000}}}}", "progress=continue", sep="\\n", flush=True)
    {{pause}}
print({{errors!r}}, file=sys.stderr)
sys.exit({{code}})
"""


@pytest.fixture
def ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Put a stand-in on PATH that makes these segments (seconds, bytes) and ends so."""
    tools, temporary = tmp_path / "bin", tmp_path / "temporary"
    tools.mkdir()
    temporary.mkdir()
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))

    def stand_in(segments: list[tuple[float, int]], *, code: int = 0, errors: str = "", pause: str = "pass") -> Path:
        text = _STAND_IN.format(segments=segments, code=code, errors=errors, pause=pause).replace("{{", "{")
        (tools / "ffmpeg").write_text(text.replace("}}", "}"))
        (tools / "ffmpeg").chmod(0o755)
        return temporary

    return stand_in


def _small(seconds: float = 8.0) -> Plan:
    return planned(seconds, width=640, height=480, frame_rate=planned().frame_rate)


def _nothing(*_: object) -> None:
    pass


def test_finished_segments_are_stored_measured_and_removed(ffmpeg) -> None:
    temporary = ffmpeg([(2.0, 100), (6.0, 900)])
    stored, reports = {}, []

    def store(rendition: str, file: Path) -> None:
        stored[rendition, file.name] = file.read_bytes()

    (made,) = encode.encode(_small(), SOURCE, store, reports.append)
    assert {name: len(body) for name, body in stored.items()} == {("480p", "000.ts"): 100, ("480p", "001.ts"): 900}
    assert (made.name, made.width, made.height, made.segments) == ("480p", 640, 480, (2.0, 6.0))
    assert made.average_bandwidth == 1000
    assert made.peak_bandwidth == 1200
    assert list(temporary.iterdir()) == []


def test_progress_is_told_while_it_works(ffmpeg) -> None:
    ffmpeg([(2.0, 10)] * 4, pause="time.sleep(0.3)")
    reports: list[Reached] = []
    encode.encode(_small(), SOURCE, _nothing, reports.append)
    assert {2.0, 8.0} <= {report.encoded for report in reports}
    seconds = [report.stored["480p"] for report in reports]
    assert seconds == sorted(seconds)
    assert len(set(seconds)) > 2


def test_a_film_that_comes_out_too_short_is_not_passed_off_as_whole(ffmpeg) -> None:
    ffmpeg([(2.0, 10), (5.5, 10)])
    with pytest.raises(RefusedError) as refused:
        encode.encode(_small(), SOURCE, _nothing, _nothing)
    assert refused.value.code == "truncated"


def test_where_the_source_does_not_say_how_long_its_picture_is_a_second_less_is_no_truncation(ffmpeg) -> None:
    ffmpeg([(2.0, 10), (5.5, 10)])
    (made,) = encode.encode(planned(8.0, width=640, height=480, ends=None), SOURCE, _nothing, _nothing)
    assert made.segments == (2.0, 5.5)


def test_a_lost_connection_is_no_fault_of_the_film(ffmpeg) -> None:
    """ffmpeg ends with 0 there."""
    ffmpeg([(2.0, 10)], errors="[http @ 0x1] Stream ends prematurely at 100, should be 200")
    with pytest.raises(PassingError):
        encode.encode(_small(), SOURCE, _nothing, _nothing)


@pytest.mark.parametrize(
    ("code", "errors", "reason"),
    [
        (69, "Error while decoding", "broken"),
        (1, "Cannot allocate memory", "too_heavy"),
        (1, "Decoder not found for codec", "unsupported_codec"),
        (187, "HTTP error 404 Not Found", "source_missing"),
    ],
)
def test_a_failed_encoding_is_explained(ffmpeg, code: int, errors: str, reason: str) -> None:
    ffmpeg([(2.0, 10)], code=code, errors=errors)
    with pytest.raises(RefusedError) as refused:
        encode.encode(_small(), SOURCE, _nothing, _nothing)
    assert (refused.value.code, refused.value.step) == (reason, "encode")


def test_an_encoder_that_the_system_killed_was_too_heavy(ffmpeg) -> None:
    ffmpeg([(2.0, 10)], pause="os.kill(os.getpid(), 9)")
    with pytest.raises(RefusedError) as refused:
        encode.encode(_small(), SOURCE, _nothing, _nothing)
    assert refused.value.code == "too_heavy"


def test_an_encoder_that_makes_nothing_made_no_film(ffmpeg) -> None:
    ffmpeg([])
    with pytest.raises(RefusedError) as refused:
        encode.encode(_small(), SOURCE, _nothing, _nothing)
    assert refused.value.code == "truncated"


def test_an_encoder_that_stands_still_is_given_up(ffmpeg, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it would hold its film until Lambda's time is over."""
    monkeypatch.setattr(encode, "_STILL", 1.0)
    temporary = ffmpeg([(2.0, 10)], pause="time.sleep(600)")
    with pytest.raises(PassingError):
        encode.encode(_small(), SOURCE, _nothing, _nothing)
    assert list(temporary.iterdir()) == []


def test_a_segment_that_cannot_be_stored_stops_the_encoding(ffmpeg) -> None:
    temporary = ffmpeg([(2.0, 10)] * 400, pause="time.sleep(0.05)")

    def store(_rendition: str, _file: Path) -> None:
        raise PassingError("the media bucket did not take an object")

    with pytest.raises(PassingError):
        encode.encode(_small(), SOURCE, store, _nothing)
    assert list(temporary.iterdir()) == []


def test_whoever_is_told_of_progress_can_stop_it(ffmpeg) -> None:
    temporary = ffmpeg([(2.0, 10)] * 400, pause="time.sleep(0.05)")

    def report(reached: Reached) -> None:
        if reached.encoded > 4:
            raise LeaseLostError

    with pytest.raises(LeaseLostError):
        encode.encode(_small(), SOURCE, _nothing, report)
    assert list(temporary.iterdir()) == []


def test_the_encoder_rests_while_storing_is_slow(ffmpeg, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a slow network would fill Lambda's temporary storage."""
    monkeypatch.setattr(encode, "_FULL", 5_000)
    monkeypatch.setattr(encode, "_ROOM", 1_000)
    temporary = ffmpeg([(0.1, 1_000)] * 80, pause="time.sleep(0.02)")
    gate, most = threading.Event(), 0

    def store(_rendition: str, _file: Path) -> None:
        gate.wait()

    calls = 0

    def report(_reached: Reached) -> None:
        nonlocal calls, most
        calls += 1
        if calls < 30:
            most = max(most, len(list(temporary.rglob("*.ts"))))
        else:
            gate.set()

    (made,) = encode.encode(_small(), SOURCE, store, report)
    assert len(made.segments) == 80, "it went on when there was room"
    assert most < 60, "it did not rest"


def test_the_folder_is_where_the_tools_work(ffmpeg, tmp_path: Path) -> None:
    before = set(Path().iterdir())
    ffmpeg([(8.0, 10)])
    encode.encode(_small(), SOURCE, _nothing, _nothing)
    assert set(Path().iterdir()) == before


@given(st.lists(st.tuples(st.floats(0.04, 8), st.integers(188, 10_000_000)), min_size=1, max_size=40))
def test_the_peak_is_never_below_the_average(segments: list[tuple[float, int]]) -> None:
    durations, sizes = [one for one, _ in segments], [size for _, size in segments]
    assert peak(durations, sizes) >= round(sum(sizes) * 8 / sum(durations))


@pytest.mark.parametrize(
    ("durations", "sizes", "bits"),
    [
        ([6.0, 6.0, 6.0], [600, 1200, 600], 1600),
        # a short first segment does not count alone, only together with the next (RFC 8216, section 4.1)
        ([2.0, 6.0, 6.0], [2_000, 600, 600], 2600),
        ([0.5], [100], 1600),
    ],
)
def test_the_peak_is_that_of_the_heaviest_stretch_of_about_a_segment(durations, sizes, bits) -> None:
    assert peak(durations, sizes) == bits
