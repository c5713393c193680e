"""What was made is looked at before a viewer gets it: whatever is not as declared is found."""

import dataclasses
import sys
from pathlib import Path

import pytest

from functions.catalogue import timestamps
from functions.catalogue.film import Rendition
from functions.transcoding import audit
from functions.transcoding.encode import Segments
from functions.transcoding.plan import Chunk, Plan
from functions.transcoding.storage import Shelf
from functions.transcoding.troubles import LeaseLostError, PassingError, RefusedError
from tests.unit.transcoding.builders import in_chunks

SIZE = 1000
PACKET = round(1024 * timestamps.TICKS / 48_000)


@pytest.fixture
def plan() -> Plan:
    return in_chunks()


@pytest.fixture
def part(plan: Plan) -> Chunk:
    """The second chunk: two segments."""
    assert len(plan.chunks) == 2
    return plan.chunk(1)


def ticks(plan: Plan, frame: int) -> int:
    return round((frame / plan.frame_rate + timestamps.FIRST) * timestamps.TICKS)


def right(plan: Plan, part: Chunk) -> list[str]:
    """Return the lines that ffprobe prints of a chunk that is as it should be."""
    lines = []
    for segment, start in enumerate(part.starts):
        after = part.starts[segment + 1] if segment + 1 < len(part.starts) else part.end
        lines += [
            f"video,{int(frame == start)},{ticks(plan, frame)},{segment * SIZE + 188 + (frame - start)}"
            for frame in range(start, after)
        ]
    first, end = ticks(plan, part.begin), ticks(plan, part.end)
    return lines + [f"audio,1,{time},{place(plan, part, time)}" for time in range(first, end, PACKET)]


def place(plan: Plan, part: Chunk, time: int) -> int:
    """Return where in the stream the sound of a time lies: at the end of its segment."""
    number = sum(ticks(plan, start) <= time for start in part.starts) - 1
    return (number + 1) * SIZE - 188


def declared(plan: Plan, part: Chunk) -> Segments:
    ends = (*part.starts[1:], part.end)
    durations = tuple(plan.seconds(end - start) for start, end in zip(part.starts, ends, strict=True))
    return Segments(durations, (SIZE,) * len(durations))


_STAND_IN = f"""#!{sys.executable}
import os, sys
sys.stdin.buffer.read()
sys.stdout.write(open(__file__ + ".lines").read())
sys.stderr.write({{errors!r}})
sys.stdout.flush()
if {{code}} < 0:
    os.kill(os.getpid(), -{{code}})
sys.exit({{code}})
"""


@pytest.fixture
def look(plan: Plan, part: Chunk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Check the chunk of which ffprobe says these lines."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(Shelf, "segments", lambda *_: iter([b"s" * SIZE] * len(part.starts)))

    def check(lines: list[str], *, made: Segments | None = None, errors: str = "", code: int = 0) -> None:
        tool = tmp_path / "ffprobe"
        tool.write_text(_STAND_IN.format(errors=errors, code=code))
        tool.chmod(0o755)
        (tmp_path / "ffprobe.lines").write_text("".join(f"{line}\n" for line in lines))
        audit.chunk(plan, part, {"480p": made or declared(plan, part)}, Shelf(1, "1-a"), lambda: None)

    return check


@pytest.fixture
def finds(look):
    def find(lines: list[str], **how: object) -> bool:
        with pytest.raises(RefusedError) as refused:
            look(lines, **how)
        return (refused.value.code, refused.value.step) == ("audit_failed", "audit")

    return find


def pictures(lines: list[str]) -> list[int]:
    return [number for number, line in enumerate(lines) if line.startswith("video")]


def sounds(lines: list[str]) -> list[int]:
    return [number for number, line in enumerate(lines) if line.startswith("audio")]


def test_what_is_as_declared_passes(look, plan: Plan, part: Chunk) -> None:
    look(right(plan, part))


def test_frames_may_come_in_the_order_of_decoding(look, plan: Plan, part: Chunk) -> None:
    lines = right(plan, part)
    lines[5], lines[6] = lines[6], lines[5]
    look(lines)


@pytest.mark.parametrize("where", [0, 70, -1])
def test_a_missing_frame_is_found(finds, plan: Plan, part: Chunk, where: int) -> None:
    lines = right(plan, part)
    del lines[pictures(lines)[where]]
    assert finds(lines)


@pytest.mark.parametrize("where", [0, 70, -1])
def test_a_repeated_frame_is_found(finds, plan: Plan, part: Chunk, where: int) -> None:
    lines = right(plan, part)
    place = pictures(lines)[where]
    assert finds([*lines[:place], lines[place], *lines[place:]])


def test_a_frame_in_another_ones_place_is_found(finds, plan: Plan, part: Chunk) -> None:
    lines = right(plan, part)
    kind, key, time, place = lines[40].split(",")
    lines[40] = f"{kind},{key},{int(time) + 900},{place}"
    assert finds(lines)


def test_sound_that_lies_in_the_segment_behind_its_own_is_found(finds, plan: Plan, part: Chunk) -> None:
    """Every player reads segment by segment: it would wait for the sound of the first one."""
    lines = right(plan, part)
    for number in sounds(lines):
        kind, key, time, _ = lines[number].split(",")
        lines[number] = f"{kind},{key},{time},{2 * SIZE - 188}"
    assert finds(lines)


def test_a_chunk_that_is_shifted_as_a_whole_is_found(finds, plan: Plan, part: Chunk) -> None:
    """It would not fit to the one before."""
    lines = right(plan, part)
    shifted = [line.split(",") for line in lines]
    assert finds([f"{kind},{key},{int(time) + 3750},{place}" for kind, key, time, place in shifted])


def test_a_segment_that_does_not_start_on_a_keyframe_is_found(finds, plan: Plan, part: Chunk) -> None:
    """A player that begins or changes the rung there shows grey."""
    for start in (0, part.starts[1] - part.begin):
        lines = right(plan, part)
        lines[start] = lines[start].replace("video,1,", "video,0,")
        assert finds(lines)


def test_a_keyframe_on_the_wrong_side_of_a_boundary_is_found(finds, plan: Plan, part: Chunk) -> None:
    lines = right(plan, part)
    start = part.starts[1] - part.begin
    kind, key, time, _ = lines[start].split(",")
    lines[start] = f"{kind},{key},{time},{SIZE - 188}"
    assert finds(lines)


@pytest.mark.parametrize("where", [1, 100])
def test_a_gap_in_the_sound_is_found(finds, plan: Plan, part: Chunk, where: int) -> None:
    lines = right(plan, part)
    del lines[sounds(lines)[where]]
    assert finds(lines)


def test_sound_that_is_shifted_in_the_middle_is_found(finds, plan: Plan, part: Chunk) -> None:
    lines = right(plan, part)
    for place in sounds(lines)[100:]:
        kind, key, time, rest = lines[place].split(",")
        lines[place] = f"{kind},{key},{int(time) + 90},{rest}"
    assert finds(lines)


def test_a_check_that_somebody_killed_says_nothing_about_the_chunk(look, plan: Plan, part: Chunk) -> None:
    with pytest.raises(PassingError):
        look(right(plan, part), code=-9)


def test_no_sound_and_no_picture_are_found(finds, plan: Plan, part: Chunk) -> None:
    lines = right(plan, part)
    assert finds([line for line in lines if line.startswith("video")])
    assert finds([line for line in lines if line.startswith("audio")])
    assert finds([])


def test_a_picture_without_a_time_is_found(finds, plan: Plan, part: Chunk) -> None:
    assert finds([*right(plan, part), "video,0,N/A,77"])


@pytest.mark.parametrize("change", [0.5, -0.5, 0.04])
def test_a_duration_that_is_not_true_is_found(finds, plan: Plan, part: Chunk, change: float) -> None:
    made = declared(plan, part)
    wrong = dataclasses.replace(made, durations=(made.durations[0] + change, *made.durations[1:]))
    assert finds(right(plan, part), made=wrong)


def test_a_segment_too_few_is_found(finds, plan: Plan, part: Chunk) -> None:
    made = declared(plan, part)
    assert finds(right(plan, part), made=Segments(made.durations[:1], made.sizes[:1]))


def test_what_a_decoder_complains_of_is_found(finds, plan: Plan, part: Chunk) -> None:
    assert finds(right(plan, part), errors="[h264 @ 0x1] error while decoding MB 3 4")
    assert finds(right(plan, part), code=1)


def test_a_check_that_takes_too_long_is_no_verdict(look, plan: Plan, part: Chunk, monkeypatch) -> None:
    monkeypatch.setattr(audit, "_SECONDS", -1.0)
    monkeypatch.setattr("functions.transcoding.process._POLL", 0.0)
    with pytest.raises(PassingError):
        look(right(plan, part))


def test_a_bucket_that_hands_nothing_out_is_no_verdict(look, plan: Plan, part: Chunk, monkeypatch) -> None:
    def broken(*_: object):
        yield b"s"
        raise PassingError("the media bucket did not hand out an object")

    monkeypatch.setattr(Shelf, "segments", broken)
    with pytest.raises(PassingError):
        look(right(plan, part))


def test_who_waits_can_end_the_check(plan: Plan, part: Chunk, look, monkeypatch, tmp_path: Path) -> None:
    tool = tmp_path / "ffprobe"
    tool.write_text(f"#!{sys.executable}\nimport time\ntime.sleep(600)\n")
    tool.chmod(0o755)

    def lost() -> None:
        raise LeaseLostError

    with pytest.raises(LeaseLostError):
        audit.chunk(plan, part, {"480p": declared(plan, part)}, Shelf(1, "1-a"), lost)


def rendition(name: str = "480p", **facts: object) -> Rendition:
    made = Rendition(
        name=name,
        width=640,
        height=480,
        frame_rate=24.0,
        codecs="avc1.64001e,mp4a.40.2",
        peak_bandwidth=1600,
        average_bandwidth=1143,
        segments=(2.0, 6.0, 6.0),
    )
    return dataclasses.replace(made, **facts)


SIZES = [200, 1200, 600]


def test_a_film_as_its_playlists_say_passes() -> None:
    audit.film((rendition(), rendition("720p")), {"480p": SIZES, "720p": SIZES})


@pytest.mark.parametrize(
    ("facts", "sizes"),
    [
        ({}, [200, 1200]),  # one is missing
        ({}, [200, 0, 1800]),  # one is empty
        ({}, [200, 1200, 600, 1]),
        ({"peak_bandwidth": 1200}, SIZES),  # BANDWIDTH must not be exceeded (RFC 8216, 4.3.4.2)
        ({"average_bandwidth": 900}, SIZES),
        ({"average_bandwidth": 1400}, SIZES),
        ({}, [400, 2400, 1200]),  # not what was encoded
    ],
)
def test_a_film_that_is_not_what_its_playlists_say_is_refused(facts: dict, sizes: list[int]) -> None:
    with pytest.raises(RefusedError) as refused:
        audit.film((rendition(**facts),), {"480p": sizes})
    assert (refused.value.code, refused.value.step) == ("audit_failed", "audit")


def test_renditions_that_are_not_cut_alike_are_refused() -> None:
    """A player that changes the rung would jump."""
    other = rendition("720p", segments=(2.0, 5.0, 7.0))
    with pytest.raises(RefusedError):
        audit.film((rendition(), other), {"480p": SIZES, "720p": SIZES})
