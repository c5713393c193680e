"""Running the encoding, with a stand-in for ffmpeg that writes what a test asks for."""

import dataclasses
import signal
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from functions.catalogue import timestamps
from functions.transcoding import encode
from functions.transcoding.encode import Reached, Segments
from functions.transcoding.plan import CopyPlan, Plan
from functions.transcoding.source import Input
from functions.transcoding.troubles import LeaseLostError, PassingError, RefusedError
from tests.unit.transcoding.builders import in_chunks, planned

pytestmark = pytest.mark.slow  # starts what stands in for ffmpeg

SOURCE = Input("http://127.0.0.1/film", ())

_STAND_IN = f"""#!{sys.executable}
import os, sys, time
from pathlib import Path
lines = ["#EXTM3U"]
folders = sorted(path for path in Path(".").iterdir() if path.is_dir() and path.name != "storyboard")
for number, (duration, size) in enumerate({{segments}}, {{first}}):
    lines += [f"#EXTINF:{{{{duration}}}},", f"{{{{number:03d}}}}.ts"]
    for folder in folders:
        segment = (folder / f"{{{{number:03d}}}}.ts").open("wb")
        segment.write(b"s" * (size - {{late}}))
        segment.flush()
        (folder / "new").write_text("\\n".join(lines) + "\\n")
        if {{tick}}:
            os.utime(folder / "new", ns=({{tick}}, {{tick}}))
        os.replace(folder / "new", folder / "index.m3u8")
        if {{late}}:
            time.sleep(0.3)
        segment.write(b"s" * {{late}})
        segment.close()
    print("frame=N/A", f"frame={{{{(number + 1) * 48 - 1}}}}", sep="\\n", flush=True)
    {{pause}}
for sheet in range({{sheets}}):
    (Path("storyboard") / f"{{{{{{{{sheet:03d}}}}}}}}.jpg").write_bytes(b"jpeg")
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
    monkeypatch.setattr(encode, "_POLL", 0.02)

    def stand_in(segments: list[tuple[float, int]], *, code: int = 0, errors: str = "", **rest: object) -> Path:
        """Write it.

        `first`: number of the first segment; `late`: bytes of a segment that are written when the playlist names it;
        `tick`: the playlist's only time.
        """
        rest = {"pause": "pass", "sheets": 1, "late": 0, "tick": 0, "first": 0} | rest
        text = _STAND_IN.format(segments=segments, code=code, errors=errors, **rest).replace("{{", "{")
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

    made = encode.encode(_small(), _small().chunk(0), SOURCE, store, reports.append)
    assert {name: len(body) for name, body in stored.items()} == {
        ("480p", "000.ts"): 100,
        ("480p", "001.ts"): 900,
        ("storyboard", "000.jpg"): 4,
    }
    assert made == {"480p": Segments((2.0, 6.0), (100, 900))}
    assert list(temporary.iterdir()) == []


def _copied() -> Plan:
    """Return a plan that takes the source's own packets over."""
    (top,) = _small().renditions
    copy = CopyPlan(codec="avc1.42c01e", delay=0)
    return dataclasses.replace(_small(), renditions=(dataclasses.replace(top, copied=copy),))


def test_a_copied_segment_is_taken_when_it_is_whole(ffmpeg) -> None:
    """ffmpeg's muxer of copied streams names a segment before it has written it to its end."""
    ffmpeg([(timestamps.FIRST + 2.0, 100), (6.0, 900)], late=60)
    stored = {}

    def store(rendition: str, file: Path) -> None:
        stored[rendition, file.name] = len(file.read_bytes())

    made = encode.encode(_copied(), _copied().chunk(0), SOURCE, store, _nothing)
    assert (stored["480p", "000.ts"], stored["480p", "001.ts"]) == (100, 900)
    assert made["480p"].sizes == (100, 900)


def test_segments_that_are_named_within_one_tick_of_the_file_systems_clock_are_all_taken(ffmpeg) -> None:
    """Copying takes a millisecond a segment, and some file systems count four."""
    ffmpeg([(2.0, 100), (6.0, 900)], tick=10**18, pause="time.sleep(0.3)")
    made = encode.encode(_small(), _small().chunk(0), SOURCE, _nothing, _nothing)
    assert made["480p"].sizes == (100, 900)


def test_progress_is_told_while_it_works(ffmpeg) -> None:
    ffmpeg([(2.0, 10)] * 4, pause="time.sleep(0.3)")
    reports: list[Reached] = []
    encode.encode(_small(), _small().chunk(0), SOURCE, _nothing, reports.append)
    frames = [report.frames for report in reports]
    assert frames == sorted(frames)
    assert {48, 192} <= set(frames)
    stored = [report.stored["480p"] for report in reports]
    assert stored == sorted(stored)
    assert len(set(stored)) > 2
    assert max(stored) <= 4


def test_a_film_that_comes_out_too_short_is_not_passed_off_as_whole(ffmpeg) -> None:
    ffmpeg([(2.0, 10), (5.5, 10)])
    with pytest.raises(RefusedError) as refused:
        encode.encode(_small(), _small().chunk(0), SOURCE, _nothing, _nothing)
    assert refused.value.code == "truncated"


def test_where_the_source_does_not_say_how_long_its_picture_is_a_second_less_is_no_truncation(ffmpeg) -> None:
    ffmpeg([(2.0, 10), (5.5, 10)])
    whole = planned(8.0, width=640, height=480, ends=None)
    made = encode.encode(whole, whole.chunk(0), SOURCE, _nothing, _nothing)
    assert made["480p"].durations == (2.0, 5.5)


def test_a_lost_connection_is_no_fault_of_the_film(ffmpeg) -> None:
    """ffmpeg ends with 0 there."""
    ffmpeg([(2.0, 10)], errors="[http @ 0x1] Stream ends prematurely at 100, should be 200")
    with pytest.raises(PassingError):
        encode.encode(_small(), _small().chunk(0), SOURCE, _nothing, _nothing)


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
        encode.encode(_small(), _small().chunk(0), SOURCE, _nothing, _nothing)
    assert (refused.value.code, refused.value.step) == (reason, "encode")


def test_a_full_temporary_folder_is_no_fault_of_the_film(ffmpeg) -> None:
    said = "[out#1/image2 @ 0x7f58] Task finished with error code: -28 (No space left on device)"
    ffmpeg([(2.0, 100)], code=228, errors=said)
    with pytest.raises(PassingError, match="full"):
        encode.encode(_small(), _small().chunk(0), SOURCE, _nothing, _nothing)


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_an_encoder_that_somebody_killed_says_nothing_about_its_film(ffmpeg, name: str) -> None:
    ffmpeg([(2.0, 10)], pause=f"os.kill(os.getpid(), {int(signal.Signals[name])})")
    with pytest.raises(PassingError):
        encode.encode(_small(), _small().chunk(0), SOURCE, _nothing, _nothing)


def test_an_encoder_that_a_limit_ended_was_too_heavy(ffmpeg) -> None:
    # Python ignores it by itself
    ends = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL); os.kill(os.getpid(), signal.SIGXFSZ)"
    ffmpeg([(2.0, 10)], pause=ends)
    with pytest.raises(RefusedError) as refused:
        encode.encode(_small(), _small().chunk(0), SOURCE, _nothing, _nothing)
    assert refused.value.code == "too_heavy"


def test_an_encoder_that_makes_nothing_made_no_film(ffmpeg) -> None:
    ffmpeg([])
    with pytest.raises(RefusedError) as refused:
        encode.encode(_small(), _small().chunk(0), SOURCE, _nothing, _nothing)
    assert refused.value.code == "truncated"


def test_an_encoder_that_stands_still_is_given_up(ffmpeg, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it would hold its film until Lambda's time is over."""
    monkeypatch.setattr(encode, "_STILL", 1.0)
    temporary = ffmpeg([(2.0, 10)], pause="time.sleep(600)")
    with pytest.raises(PassingError):
        encode.encode(_small(), _small().chunk(0), SOURCE, _nothing, _nothing)
    assert list(temporary.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells what a process takes")
def test_an_encoder_that_works_its_way_to_its_first_frame_is_let_work(ffmpeg, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a keyframe that is far before the chunk: no frame comes for minutes, and at the next try neither."""
    monkeypatch.setattr(encode, "_STILL", 0.5)
    monkeypatch.setattr(encode, "_WORK", 0.02)
    ffmpeg([(8.0, 10)], pause="end = time.monotonic() + 1.5\n    while time.monotonic() < end: pass")
    made = encode.encode(_small(), _small().chunk(0), SOURCE, _nothing, _nothing)
    assert made["480p"].durations == (8.0,)


def test_a_segment_that_cannot_be_stored_stops_the_encoding(ffmpeg) -> None:
    temporary = ffmpeg([(2.0, 10)] * 400, pause="time.sleep(0.05)")

    def store(_rendition: str, _file: Path) -> None:
        raise PassingError("the media bucket did not take an object")

    with pytest.raises(PassingError):
        encode.encode(_small(), _small().chunk(0), SOURCE, store, _nothing)
    assert list(temporary.iterdir()) == []


def test_whoever_is_told_of_progress_can_stop_it(ffmpeg) -> None:
    temporary = ffmpeg([(2.0, 10)] * 400, pause="time.sleep(0.05)")

    def report(reached: Reached) -> None:
        if reached.frames > 96:
            raise LeaseLostError

    with pytest.raises(LeaseLostError):
        encode.encode(_small(), _small().chunk(0), SOURCE, _nothing, report)
    assert list(temporary.iterdir()) == []


def test_whoever_waits_for_the_last_segment_to_be_stored_is_asked_whether_to_go_on(ffmpeg) -> None:
    """The film may be deleted meanwhile, or the Lambda's time be over."""
    temporary = ffmpeg([(8.0, 10)])
    stuck, asked = threading.Event(), 0

    def report(reached: Reached) -> None:
        nonlocal asked
        if reached.frames == 192:
            asked += 1
        if asked > 2:
            stuck.set()  # S3 gives up in the end, too
            raise LeaseLostError

    with pytest.raises(LeaseLostError):
        encode.encode(_small(), _small().chunk(0), SOURCE, lambda _folder, _file: stuck.wait(30) or None, report)
    assert list(temporary.iterdir()) == []


def test_the_encoder_rests_while_storing_is_slow(ffmpeg, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a slow network would fill Lambda's temporary storage."""
    monkeypatch.setattr(encode, "_FULL", 5_000)
    monkeypatch.setattr(encode, "_ROOM", 1_000)
    temporary = ffmpeg([(0.1, 1_000)] * 80, pause="time.sleep(0.01)")
    gate, most = threading.Event(), 0

    def store(_rendition: str, _file: Path) -> None:
        gate.wait()

    calls = 0

    def report(_reached: Reached) -> None:
        nonlocal calls, most
        calls += 1
        if calls < 60:
            most = max(most, len(list(temporary.rglob("*.ts"))))
        else:
            gate.set()

    made = encode.encode(_small(), _small().chunk(0), SOURCE, store, report)
    assert len(made["480p"].sizes) == 80, "it went on when there was room"
    assert most < 60, "it did not rest"


def test_the_folder_is_where_the_tools_work(ffmpeg, tmp_path: Path) -> None:
    before = set(Path().iterdir())
    ffmpeg([(8.0, 10)])
    encode.encode(_small(), _small().chunk(0), SOURCE, _nothing, _nothing)
    assert set(Path().iterdir()) == before


def test_only_the_last_chunk_may_be_shorter_than_planned(ffmpeg) -> None:
    """In the middle a missing frame is a fault, whatever the source says of its end."""
    made = in_chunks(ends=None)
    part = made.chunk(0)
    whole = made.seconds(part.end - part.begin)
    ffmpeg([(2.0, 10), (whole - 2.5, 10)])
    with pytest.raises(RefusedError) as refused:
        encode.encode(made, part, SOURCE, _nothing, _nothing)
    assert refused.value.code == "truncated"


def test_segments_are_counted_as_stored_only_without_a_gap(ffmpeg) -> None:
    """A playlist that names a segment which is not there yet stops the player."""
    ffmpeg([(2.0, 10)] * 4, pause="time.sleep(0.2)")
    last = threading.Event()

    def store(_folder: str, file: Path) -> None:
        if file.name == "001.ts":
            last.wait(30)
        elif file.name == "003.ts":
            last.set()

    early, late = [], []

    def report(reached: Reached) -> None:
        (late if last.is_set() else early).append(reached.stored["480p"])

    encode.encode(_small(), _small().chunk(0), SOURCE, store, report)
    assert early
    assert set(early) <= {0, 1}


@pytest.mark.parametrize("number", [0, 1])
def test_no_segment_is_counted_as_stored_while_the_chunks_first_one_is_not(ffmpeg, number: int) -> None:
    """They are sent side by side, and storage may take the first one last."""
    made = in_chunks()
    part = made.chunk(number)
    ends = (*part.starts[1:], part.end)
    lengths = [made.seconds(end - start) for start, end in zip(part.starts, ends, strict=True)]
    ffmpeg([(length, 10) for length in lengths], first=part.first_segment)
    held, others, seen = threading.Event(), [], []

    def store(folder: str, file: Path) -> None:
        if folder == "storyboard":
            return
        if int(file.stem) == part.first_segment:
            held.wait(30)
        else:
            others.append(file.name)

    def report(reached: Reached) -> None:
        if others and not held.is_set():
            seen.append(reached.stored["480p"])
            if len(seen) == 3:
                held.set()

    encode.encode(made, part, SOURCE, store, report)
    assert len(others) == len(lengths) - 1 > 0
    assert seen == [0, 0, 0]


def test_nothing_of_a_refused_chunks_storyboard_is_stored(ffmpeg) -> None:
    ffmpeg([(2.0, 10)], code=1, errors="broken")
    folders = []
    with pytest.raises(RefusedError):
        encode.encode(_small(), _small().chunk(0), SOURCE, lambda folder, _file: folders.append(folder), _nothing)
    assert "storyboard" not in folders
