"""Which sources are handed on as the highest rendition, and how: decided without ffmpeg."""

import dataclasses
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.transcoding import chunks, copied, copying, measure, plan
from functions.transcoding.copying import Packets
from functions.transcoding.plan import CopiedTop, CopyPlan, Plan
from functions.transcoding.probe import Picture, Sound, SourceInfo

FITTING = SourceInfo(
    container="mov",
    duration=20.0,
    picture=Picture(
        index=0,
        codec="h264",
        width=1920,
        height=1080,
        sample_aspect=Fraction(1),
        rotation=0,
        frame_rate=Fraction(24),
        interlaced=False,
        pixel_format="yuv420p",
        matrix="bt709",
        transfer="bt709",
        primaries="bt709",
        ends=20.0,
        progressive=True,
    ),
    sound=Sound(index=1, channels=2, rate=48_000, exact=True),
    size=10_000_000,
)
RECORD = bytes.fromhex("01640028ffe1001b67640028acd940780227e5c044")


def _info(picture: dict[str, object] | None = None, **facts: object) -> SourceInfo:
    return dataclasses.replace(FITTING, picture=dataclasses.replace(FITTING.picture, **(picture or {})), **facts)  # type: ignore[arg-type]


def test_nothing_stands_against_an_ordinary_film() -> None:
    assert copying.objection(FITTING, plan.make(FITTING)) is None
    untagged = _info({"matrix": None, "transfer": None, "primaries": None})
    assert copying.objection(untagged, plan.make(untagged)) is None


@pytest.mark.parametrize("beyond", [0.0, 0.021, 0.046])
def test_sound_that_ends_with_its_own_packet_a_moment_after_the_picture_holds_no_picture(beyond: float) -> None:
    """Nearly every film is so: a packet of sound is longer than half a frame."""
    usual = _info(duration=20.0 + beyond)
    made = plan.make(usual)
    assert (made.frames, copying.objection(usual, made)) == (480, None)


@pytest.mark.parametrize(
    ("info", "word"),
    [
        (_info({"codec": "hevc"}), "H.264"),
        (_info({"pixel_format": "yuv420p10le"}), "8 bits"),
        (_info({"pixel_format": "yuv422p"}), "4:2:0"),
        (_info({"pixel_format": "yuvj420p"}), "limited range"),
        (_info({"interlaced": True}), "progressive"),
        (_info({"progressive": False}), "progressive"),
        (_info({"rotation": 180, "orientation": (-1, 0, 0, -1)}), "turned or mirrored"),
        (_info({"orientation": (1, 0, 0, -1)}), "turned or mirrored"),
        (_info({"orientation": None}), "turned or mirrored"),
        (_info({"crop": (0, 8)}), "cropped"),
        (_info({"sample_aspect": Fraction(4, 3)}), "square"),
        (_info({"width": 3840, "height": 2160}), "size"),
        (_info({"frame_rate": Fraction(120)}), "frame rate"),
        (_info({"matrix": "smpte170m"}), "colours"),
        (_info({"transfer": "smpte2084"}), "colours"),
        (_info({"primaries": "bt2020"}), "colours"),
        (_info(container="mpegts"), "index"),
        (_info({"ends": None}), "how long"),
        (_info(duration=21.0), "last picture"),
        (_info(size=None), "too large"),
        (_info(size=copying.LARGEST + 1), "too large"),
        (_info(size=40_000_000), "bit rate"),
    ],
)
def test_a_header_that_differs_from_the_renditions_stands_against_it(info: SourceInfo, word: str) -> None:
    reason = copying.objection(info, plan.make(info))
    assert reason
    assert word in reason


def _told(made: Plan, order: list[int], *, keys: set[int], size: int = 20_000, jitter: float = 0.0) -> Packets:
    """Packets in the order of decoding, given the number in the order of showing of each."""
    packets = Packets(made)
    for place in order:
        time = (place + (jitter if place % 2 else -jitter)) / 24
        packets.packet(time, size, key=place in keys)
        if place in keys:
            packets.independent(time)
    return packets


def _reordered(frames: int, group: int) -> list[int]:
    """I P B P B …: each B after the P that it refers to."""
    order: list[int] = []
    for first in range(0, frames, group):
        end = min(first + group, frames)
        rest = list(range(first + 1, end))
        pairs = [(rest[at + 1], rest[at]) if at + 1 < len(rest) else (rest[at],) for at in range(0, len(rest), 2)]
        order += [first, *(place for pair in pairs for place in pair)]
    return order


MADE = plan.make(FITTING)
KEYS = set(range(0, 480, 48))


def test_a_film_of_closed_groups_on_its_grid_is_copied_and_cut_at_its_keyframes() -> None:
    packets = _told(MADE, _reordered(480, 48), keys=KEYS, jitter=0.02)
    found = copying.judge(MADE, packets, RECORD)
    assert isinstance(found, CopiedTop)
    assert found.copy == CopyPlan(codec="avc1.640028", delay=1)
    assert found.level == "4.0"
    assert found.starts == (0, 48, 192, 336)
    assert found.peak == 20_000 * 24 * 8
    made = plan.make(FITTING, copied=found)
    assert [each.copied for each in chunks.draft(made).renditions] == [False, False, True]
    assert made.starts == found.starts
    top, *others = made.renditions
    assert top.codecs == "avc1.640028,mp4a.40.2"
    assert made.encoded == tuple(others)
    assert [each.name for each in others] == [each.name for each in MADE.renditions[1:]]


def _repeated(order: list[int]) -> list[int]:
    return [*order[:100], order[99], *order[101:]]


@pytest.mark.parametrize(
    ("packets", "record", "word"),
    [
        (_told(MADE, _repeated(list(range(480))), keys=KEYS), RECORD, "constant"),
        (_told(MADE, list(range(480)), keys=KEYS, jitter=0.3), RECORD, "constant"),
        (_told(MADE, list(range(481)), keys=KEYS), RECORD, "constant"),
        (_told(MADE, list(range(479)), keys=KEYS), RECORD, "missing"),
        (_told(MADE, list(range(480)), keys=KEYS), RECORD.replace(b"\x67\x64", b"\x67\x7a"), "profile"),
        (_told(MADE, list(range(480)), keys=KEYS), RECORD.replace(b"\x28\xac", b"\x3c\xac"), "level"),
        (_told(MADE, list(range(480)), keys=KEYS), b"", "profile"),
        (_told(MADE, list(range(480)), keys={0, 24}), RECORD, "too far apart"),
        (_told(MADE, list(range(480)), keys={0, 200, 400}), RECORD, "first segment"),
        (_told(MADE, list(range(480)), keys=KEYS, size=60_000), RECORD, "bit rate"),
        # the fourth is shown before the third: three frames late
        (_told(MADE, [0, 2, 3, 4, 1, *range(5, 480)], keys={0, 48, 192, 336}), RECORD, "long after"),
    ],
)
def test_packets_that_would_not_play_like_the_other_renditions_stand_against_it(
    packets: Packets, record: bytes, word: str
) -> None:
    reason = copying.judge(MADE, packets, record)
    assert isinstance(reason, str)
    assert word in reason


def test_open_groups_do_not_begin_segments() -> None:
    """A player that begins there would show pictures that refer to what it never got."""
    order = list(range(480))
    for key in sorted(KEYS - {0}):
        order[key - 1], order[key] = order[key], order[key - 1]
    reason = copying.judge(MADE, _told(MADE, order, keys=KEYS), RECORD)
    assert isinstance(reason, str)
    assert "refer across" in reason


def test_a_keyframe_that_is_no_idr_picture_does_not_begin_a_segment() -> None:
    packets = Packets(MADE)
    for place in range(480):
        packets.packet(place / 24, 20_000, key=place in KEYS)
    packets.independent(0.0)
    assert packets.keyframes() == [0]


def test_messages_beside_each_picture_are_neither_lost_nor_handed_on() -> None:
    packets = _told(MADE, list(range(480)), keys=KEYS)
    for _ in KEYS:
        packets.message()
    assert isinstance(copying.judge(MADE, packets, RECORD), CopiedTop)
    packets.message()
    assert copying.judge(MADE, packets, RECORD) == "messages come with its pictures"


def test_a_peak_is_no_more_than_the_cap_or_twice_the_average() -> None:
    def film(heavy: int) -> Packets:
        packets = Packets(MADE)
        for place in range(480):
            packets.packet(place / 24, heavy if 192 <= place < 336 else 10_000, key=place in KEYS)
            if place in KEYS:
                packets.independent(place / 24)
        return packets

    within = copying.judge(MADE, film(33_000), RECORD)  # 6.3 Mbit/s
    assert isinstance(within, CopiedTop)
    assert copying.judge(MADE, film(45_000), RECORD) == "its bit rate is too high"  # 8.6 Mbit/s, on average 3.9


@pytest.mark.parametrize(
    ("height", "bytes_a_picture", "fits"),
    [(1080, 6_200, True), (1080, 6_000, False), (720, 2_700, True), (720, 2_500, False), (480, 100, True)],
)
def test_a_film_so_light_that_the_lower_renditions_would_be_nothing_is_encoded(
    height: int, bytes_a_picture: int, fits: bool
) -> None:
    """They have to be lighter than it: of 720p a fifth of its cap has to be left, and so of 480p."""
    made = plan.make(_info({"width": 2 * (height * 16 // 18), "height": height}))
    found = copying.judge(made, _told(made, list(range(480)), keys=KEYS, size=bytes_a_picture), RECORD)
    assert isinstance(found, CopiedTop) is fits
    if isinstance(found, str):
        assert "too low" in found
    else:
        assert found.average == bytes_a_picture * 8 * 24


@given(st.data(), st.sampled_from([Fraction(24), Fraction(30_000, 1001), Fraction(60)]), st.integers(1, 20_000))
def test_segments_begin_at_keyframes_and_none_is_too_long(data: st.DataObject, rate: Fraction, frames: int) -> None:
    gaps = data.draw(st.lists(st.integers(1, 600), max_size=80))
    keyframes = [0]
    for gap in gaps:
        if keyframes[-1] + gap < frames:
            keyframes.append(keyframes[-1] + gap)
    starts = copying.segment_starts(keyframes, frames, rate)
    if starts is None:
        return
    assert set(starts) <= set(keyframes)
    lengths = [(after - first) / rate for first, after in pairwise([*starts, frames])]
    assert all(length <= plan.LONGEST_SEGMENT + plan.SHORTEST_SEGMENT for length in lengths)
    assert all(length >= plan.SHORTEST_SEGMENT for length in lengths[:-1])
    assert len(lengths) == 1 or lengths[-1] >= plan.SHORTEST_SEGMENT


@given(st.sampled_from([Fraction(24), Fraction(25), Fraction(30), Fraction(60)]), st.integers(1, 500))
def test_keyframes_each_second_are_cut_like_an_encoding(rate: Fraction, seconds: int) -> None:
    frames = int(seconds * rate)
    starts = copying.segment_starts(range(0, frames, int(rate)), frames, rate)
    assert starts
    assert all((start / rate - 2) % 6 == 0 for start in starts[1:-1])


def test_a_chunk_takes_its_own_packets_by_half_a_frame_and_counts_decoding_from_its_first() -> None:
    found = copying.judge(MADE, _told(MADE, _reordered(480, 48), keys=KEYS), RECORD)
    assert isinstance(found, CopiedTop)
    made = dataclasses.replace(plan.make(FITTING, copied=found), chunks=(0, 2))
    number, codec, filters, chain = copied.options(made, made.chunk(1))
    assert (number, codec, filters) == ("-c:v:0", "copy", "-bsf:v:0")
    drop, times, units = chain.split(",setts=")[0], chain.split(",setts=")[1], chain.rsplit(",", 1)[1]
    assert drop == r"noise=drop=lt(pts*tb\,7.979167)+gte(pts*tb\,19.979167)"
    assert "dts=round((N+191)*90000/24)" in times
    assert units == "filter_units=remove_types=6|12"
    assert copied.options(MADE, MADE.chunk(0)) == []
    muxer = copied.output("1080p", "index.m3u8", made.chunk(1))
    assert "segment_frames=144" in muxer
    assert "segment_start_number=2" in muxer
    alone = copied.output("1080p", "index.m3u8", dataclasses.replace(made.chunk(1), starts=(192,)))
    assert "segment_frames=480" in alone, "a chunk of one segment is not cut"


def test_a_kept_rendition_says_what_it_weighs() -> None:
    found = copying.judge(MADE, _told(MADE, list(range(480)), keys=KEYS), RECORD)
    assert isinstance(found, CopiedTop)
    lengths = [MADE.seconds(after - first) for first, after in pairwise([*found.starts, 480])]
    assert plan.make(FITTING, copied=found).renditions[0].cap == measure.peak(
        lengths, [int(20_000 * 24 * n) for n in lengths]
    )
