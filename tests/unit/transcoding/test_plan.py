"""What is made of a source: shapes, rungs, lengths, boundaries."""

import dataclasses
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.transcoding import ladder, measure, plan
from functions.transcoding.plan import SoundPlan
from functions.transcoding.probe import Sound
from tests.unit.transcoding.builders import PICTURE, in_chunks, info, planned


def _sizes(made: plan.Plan) -> dict[str, tuple[int, int]]:
    return {one.name: (one.width, one.height) for one in made.renditions}


@pytest.mark.parametrize(
    ("picture", "sizes"),
    [
        ({}, {"1080p": (1920, 1080), "720p": (1280, 720), "480p": (854, 480)}),
        ({"width": 3840, "height": 2160}, {"1080p": (1920, 1080), "720p": (1280, 720), "480p": (854, 480)}),
        ({"width": 1280, "height": 720}, {"720p": (1280, 720), "480p": (854, 480)}),
        ({"width": 1080, "height": 1920}, {"1080p": (1080, 1920), "720p": (720, 1280), "480p": (480, 854)}),
        ({"rotation": 90}, {"1080p": (1080, 1920), "720p": (720, 1280), "480p": (480, 854)}),
        ({"rotation": 180}, {"1080p": (1920, 1080), "720p": (1280, 720), "480p": (854, 480)}),
        ({"crop": (0, 280)}, {"720p": (1728, 720), "480p": (1152, 480)}),
        ({"width": 960, "height": 720, "sample_aspect": Fraction(4, 3)}, {"720p": (1280, 720), "480p": (854, 480)}),
        ({"width": 720, "height": 576, "sample_aspect": Fraction(16, 15)}, {"480p": (640, 480)}),
        ({"width": 1280, "height": 540, "sample_aspect": Fraction(3, 4)}, {"720p": (1280, 720), "480p": (854, 480)}),
        ({"width": 320, "height": 240}, {"480p": (320, 240)}),
        ({"width": 321, "height": 241}, {"480p": (320, 240)}),
        ({"width": 16, "height": 16}, {"480p": (16, 16)}),
        ({"width": 323, "height": 243}, {"480p": (322, 242)}),
        ({"width": 16000, "height": 500}, {"480p": (4096, 128)}),
        ({"width": 4588, "height": 16, "sample_aspect": Fraction(88, 161)}, {"480p": (4096, 26)}),
    ],
)  # fmt: skip
def test_the_ladder_goes_by_the_short_side_in_square_pixels_and_never_above_the_source(picture, sizes) -> None:
    assert _sizes(planned(**picture)) == sizes


def test_the_relaxed_policy_makes_every_rung() -> None:
    made = plan.make(info(width=320, height=240), upscale=True)
    assert _sizes(made) == {"1080p": (1440, 1080), "720p": (960, 720), "480p": (640, 480)}


@given(
    width=st.integers(16, 9000),
    height=st.integers(16, 9000),
    aspect=st.fractions(Fraction(1, 4), 4, max_denominator=100),
    rotation=st.sampled_from([0, 90, 180, 270]),
)
def test_every_picture_gets_even_sides_of_its_own_shape(
    width: int, height: int, aspect: Fraction, rotation: int
) -> None:
    made = planned(width=width, height=height, sample_aspect=aspect, rotation=rotation)
    shown = plan.shown_size(info(width=width, height=height, sample_aspect=aspect, rotation=rotation).picture)
    assert made.renditions
    for one in made.renditions:
        assert one.width % 2 == one.height % 2 == 0
        assert min(one.width, one.height) >= 2
        assert max(one.width, one.height) <= ladder.MAX_SIDE
        # rounded to even pixels: two pixels off is as near as it gets
        exact = one.height * shown[0] / shown[1]
        assert abs(one.width - exact) <= 2 * max(1, shown[0] / shown[1]) + 1


@settings(deadline=None)
@given(seconds=st.floats(0.01, 7200), rate=st.fractions(Fraction(1, 2), 60, max_denominator=1001))
def test_segments_cover_the_film_and_none_is_too_short_or_too_long(seconds: float, rate: Fraction) -> None:
    frames = max(1, round(seconds * rate))
    starts = plan.segment_starts(frames, rate)
    assert starts[0] == 0
    lengths = [(after - start) / rate for start, after in zip(starts, [*starts[1:], frames], strict=True)]
    assert all(length > 0 for length in lengths)
    assert sum(lengths) == frames / rate
    if len(lengths) > 1:
        assert lengths[-1] >= plan.SHORTEST_SEGMENT
    assert all(length <= plan.SEGMENT + plan.SHORTEST_SEGMENT + 2 / rate for length in lengths)


def test_a_last_segment_of_one_second_is_one_and_a_shorter_one_is_not() -> None:
    assert plan.segment_starts(72, Fraction(24)) == (0, 48)
    assert plan.segment_starts(71, Fraction(24)) == (0,)


def test_a_film_of_a_frame_in_ten_seconds_has_a_frame_in_every_segment() -> None:
    starts = plan.segment_starts(12, Fraction(1, 10))
    assert starts == tuple(sorted(set(starts)))
    assert len(starts) > 5


def test_the_first_segment_is_short_so_that_the_beginning_is_there_soon() -> None:
    assert planned(20.0).starts == (0, 48, 192, 336)


@pytest.mark.parametrize(
    ("source", "made"),
    [(24, 24), (60, 60), (120, 60), (100, 50), ("120000/1001", "60000/1001"), (1000, 60)],
)
def test_far_more_than_sixty_frames_a_second_are_halved(source, made) -> None:
    assert planned(frame_rate=Fraction(source)).frame_rate == Fraction(made)


@pytest.mark.parametrize(("source", "made"), [("600988/10000", 60), ("1201976/10000", 60), (63, 60), (64, 32)])
def test_a_film_a_hair_above_sixty_frames_a_second_keeps_nearly_all_of_them(source, made) -> None:
    """Consoles and screens give 60.1 now and then: at half of it, every movement stutters."""
    assert planned(frame_rate=Fraction(source)).frame_rate == made


@given(seconds=st.floats(0.01, 21_600), rate=st.fractions(Fraction(1, 2), 1000, max_denominator=1001))
def test_a_plan_lasts_as_long_as_its_source(seconds: float, rate: Fraction) -> None:
    made = planned(seconds, frame_rate=rate)
    assert abs(made.duration - seconds) <= 0.5 / made.frame_rate + 1e-6 or made.frames == 1


def test_where_the_sound_goes_on_the_last_picture_stays() -> None:
    made = plan.make(info(10.0, ends=8.0))
    assert (made.frames, made.video.freeze) == (240, pytest.approx(2.5))


@pytest.mark.parametrize(
    ("lacks", "rate", "freeze"),
    [
        (0.05, 24, 0.5),  # a last packet is no still picture
        (0.06, 24, 0.56),
        (600.0, 24, 600.5),
        (600.1, 24, 0.5),
        (2.0, 120, 2.5),
        (2.0, 121, 0.0),  # pictures are repeated one by one
    ],
)
def test_the_last_picture_stays_only_where_something_is_missing_that_can_be_made(lacks, rate, freeze) -> None:
    made = plan.make(info(1000.0, ends=1000.0 - lacks, frame_rate=Fraction(rate)))
    assert made.video.freeze == pytest.approx(freeze)


def test_a_source_that_does_not_say_when_its_picture_ends_is_taken_at_its_word() -> None:
    said, unsaid = plan.make(info(10.0)), plan.make(info(10.0, ends=None))
    assert (said.exact, unsaid.exact) == (True, False)
    assert said.frames == unsaid.frames == 240


def test_the_picture_is_found_and_made_progressive_where_it_is_not() -> None:
    made = planned(index=2, interlaced=True).video
    assert (made.index, made.deinterlace) == (2, True)
    assert planned().video.deinterlace is False


def test_a_copied_top_is_the_sources_own_and_the_others_are_cut_at_its_keyframes() -> None:
    copy = plan.CopyPlan(codec="avc1.640028", delay=2)
    top = plan.CopiedTop(copy=copy, level="5.2", average=6_000_000, peak=7_000_000, starts=(0, 100, 250))
    made, plain = plan.make(info(), copied=top), planned()
    first = made.renditions[0]
    assert (first.copied, first.level, first.cap, first.buffer) == (copy, "5.2", 7_000_000, 0)
    assert first.codecs == "avc1.640028,mp4a.40.2"
    assert made.renditions[1:] == made.encoded == plain.renditions[1:]
    assert (made.starts, made.without_copies().renditions) == ((0, 100, 250), plain.renditions)
    assert made.without_copies().starts == (0, 100, 250)


def test_each_plan_that_takes_anothers_place_has_folders_of_its_own() -> None:
    """Browsers keep for ever what they got under an address."""
    made = planned()
    assert (made.take, made.without_copies().take, made.without_copies().without_copies().take) == (0, 1, 2)


def test_a_picture_is_turned_by_us_unless_ffmpeg_does_because_it_has_to_crop_before() -> None:
    turned = {"rotation": 90, "orientation": (0, 1, -1, 0)}
    assert planned(**turned).video.orientation == (0, 1, -1, 0)
    assert planned(**turned, crop=(0, 280)).video.orientation is None


@pytest.mark.parametrize("average", [1_200_000, 2_500_000, 5_000_000, 6_500_000])
def test_beside_a_light_copy_every_rung_is_lighter_than_the_one_above_it(average: int) -> None:
    """Players take the heaviest for the best, and would show 720p where the film's own 1080p takes less."""
    copy = plan.CopyPlan(codec="avc1.640028", delay=2)
    starts = tuple(range(0, 720, 144))  # segments of six seconds
    top = plan.CopiedTop(copy=copy, level="4.0", average=average, peak=average, starts=starts)
    made, plain = plan.make(info(), copied=top), planned()
    bounds = [measure.bound(made, each) for each in made.renditions]
    assert bounds == sorted(bounds, reverse=True)
    for each, usual in zip(made.renditions[1:], plain.renditions[1:], strict=True):
        assert (each.cap, each.buffer) <= (usual.cap, usual.buffer)
        assert each.buffer == 2 * each.cap
        assert isinstance(each.buffer, int), "ffmpeg is told whole bits"
    assert made.without_copies().renditions == plain.renditions, "alone they are what they always are"


def test_the_smallest_source_keeps_even_sides() -> None:
    assert _sizes(planned(width=321, height=181)) == {"480p": (320, 180)}
    assert _sizes(planned(width=64, height=2)) == {"480p": (64, 2)}


def test_what_costs_next_to_nothing_is_counted_as_something() -> None:
    tiny = dataclasses.replace(PICTURE, width=2, height=2, frame_rate=Fraction(1))
    assert plan.cost(tiny, [], Fraction(1)) == 0.01
    assert plan.cost(PICTURE, planned().renditions, Fraction(24)) < 10


def test_two_chunks_already_meet() -> None:
    made = in_chunks(sound=Sound(index=1, channels=2, rate=48_000, exact=False))
    assert (len(made.chunks), made.sound.once) == (2, True)


def test_a_header_cannot_order_an_hour_of_still_picture() -> None:
    made = plan.make(info(3600.0, ends=8.0))
    assert made.frames == 192
    assert made.video.freeze < 1


def test_a_film_without_sound_is_given_silence() -> None:
    assert plan.make(info(sound=None)).sound == SoundPlan(index=None, rate=48_000, once=False)
    surround = Sound(index=3, channels=6, rate=48_000, exact=True)
    assert plan.make(info(sound=surround)).sound.index == 3


@pytest.mark.parametrize(
    ("rate", "exact", "seconds", "made"),
    [
        (48_000, True, 300.0, (48_000, False)),
        (44_100, True, 300.0, (44_100, False)),  # resampling would begin anew with each chunk
        (22_050, True, 300.0, (48_000, True)),
        (96_000, True, 300.0, (48_000, True)),
        (48_000, False, 300.0, (48_000, True)),  # Matroska counts milliseconds
        (48_000, False, 10.0, (48_000, False)),  # one chunk meets no other
        (0, False, 10.0, (48_000, False)),
    ],
)
def test_sound_is_encoded_in_chunks_only_where_they_meet_without_a_click(rate, exact, seconds, made) -> None:
    sound = plan.make(info(seconds, sound=Sound(index=1, channels=2, rate=rate, exact=exact))).sound
    assert (sound.rate, sound.once) == made


@pytest.mark.parametrize(
    ("container", "apart", "lead"), [("mov", 0.0, 1), ("mpegts", 2.0, 12), ("mpegts", 24.96, 25.96), ("avi", 0.0, 12)]
)
def test_a_chunk_is_read_from_a_keyframe_before_it(container: str, apart: float, lead: float) -> None:
    source = dataclasses.replace(info(60.0, container=container), keyframes_apart=apart)
    assert plan.make(source).lead == pytest.approx(lead)


@pytest.mark.parametrize(
    ("channels", "exact", "once"),
    [
        (6, False, True),
        (6, True, False),  # an MP4 describes its sound once
        (9, False, False),  # whose first two channels are taken as they are
    ],
)
def test_sound_whose_channels_may_change_is_brought_to_two_before_the_pictures(channels, exact, once) -> None:
    sound = Sound(index=1, channels=channels, rate=48_000, exact=exact, changing=True)
    made = plan.make(info(10.0, sound=sound)).sound
    assert (made.once, made.changing) == (once, once)
    assert made.pair == (channels == 9)


@pytest.mark.parametrize(
    ("picture", "colour"),
    [
        ({}, ("bt709", None, False)),
        ({"matrix": "smpte170m"}, ("smpte170m", None, False)),
        ({"matrix": "ycgco"}, ("bt709", None, False)),
        ({"matrix": None}, ("bt709", "bt709", False)),
        ({"matrix": None, "width": 640, "height": 480}, ("smpte170m", "smpte170m", False)),
        ({"matrix": None, "pixel_format": "rgb24"}, ("bt709", None, False)),
        ({"matrix": "bt2020nc", "transfer": "smpte2084", "primaries": "bt2020"}, ("bt709", None, True)),
        ({"matrix": None, "transfer": "arib-std-b67"}, ("bt709", None, True)),
        ({"primaries": "bt2020"}, ("bt709", None, True)),  # one of the three tags is enough
        ({"primaries": None, "matrix": "bt2020c"}, ("bt709", None, True)),
        ({"matrix": None, "primaries": None, "pixel_format": "nv12"}, ("bt709", "bt709", False)),
        ({"matrix": None, "pixel_format": "p010le"}, ("bt709", "bt709", False)),
        ({"matrix": None, "width": 1280, "height": 720}, ("bt709", "bt709", False)),
        ({"matrix": None, "width": 1278, "height": 718}, ("smpte170m", "smpte170m", False)),
    ],
)
def test_colours_stay_what_they_were_and_only_wide_ones_are_converted(picture, colour) -> None:
    made = planned(**picture).video.colour
    assert (made.matrix, made.assume, made.to_sdr) == colour


@pytest.mark.parametrize(
    ("width", "height", "rate", "cap", "level"),
    [
        (854, 480, 25, 1_500_000, "3.0"),
        (854, 480, 30, 1_500_000, "3.1"),
        (1280, 720, 30, 3_500_000, "3.1"),
        (1280, 720, 60, 3_500_000, "3.2"),
        (1920, 1080, 30, 6_500_000, "4.0"),
        (1920, 1080, 60, 6_500_000, "4.2"),
        (4096, 4096, 60, 6_500_000, "5.2"),
        (4096, 16, 25, 1_500_000, "4.0"),
        # at the limits of 3.0 and a macroblock, or a bit, above each
        (720, 576, 25, 12_500_000, "3.0"),
        (736, 576, 24, 1_500_000, "3.1"),
        (720, 592, 24, 1_500_000, "3.1"),
        (1840, 16, 25, 1_500_000, "3.1"),
        (720, 576, 25, 12_500_001, "3.1"),
    ],
)
def test_the_level_is_the_lowest_that_allows_the_picture(width, height, rate, cap, level) -> None:
    """The original said 3.1 for 1080p: devices that believe it refuse to play, or stutter."""
    assert ladder.level(width, height, Fraction(rate), cap) == level


def test_codecs_name_profile_and_level_as_browsers_read_them() -> None:
    assert ladder.codecs("4.0") == "avc1.640028,mp4a.40.2"
    assert ladder.codecs("3.1") == "avc1.64001f,mp4a.40.2"


@pytest.mark.parametrize(
    ("largest", "names"),
    [
        (480, ["480p"]),
        (720, ["720p", "480p"]),
        (1080, ["1080p", "720p", "480p"]),
        (1440, ["1440p", "1080p", "720p", "480p"]),
        (2160, ["2160p", "1440p", "1080p", "720p", "480p"]),
    ],
)
def test_the_largest_rung_is_a_setting_and_never_above_the_source(largest: int, names: list[str]) -> None:
    made = plan.make(info(width=3840, height=2160), largest=largest)
    assert [one.name for one in made.renditions] == names
    assert [one.name for one in plan.make(info(width=1280, height=720), largest=largest).renditions] == [
        name for name in names if name in ("720p", "480p")
    ]


@pytest.mark.parametrize("largest", [480, 720, 1080, 2160])
def test_the_relaxed_policy_keeps_to_the_largest_rung_and_upscales_to_1080p_at_most(largest: int) -> None:
    made = plan.make(info(width=320, height=240), upscale=True, largest=largest)
    assert [one.name for one in made.renditions] == [
        name for name in ("1080p", "720p", "480p") if int(name[:-1]) <= largest
    ]
    above = plan.make(info(width=3840, height=2160), upscale=True, largest=largest)
    assert above.renditions[0].name == f"{largest}p"


def _check_chunks(made: plan.Plan) -> None:
    parts = [made.chunk(number) for number in range(len(made.chunks))]
    assert tuple(start for part in parts for start in part.starts) == made.starts, "cut between segments, none lost"
    assert [part.begin for part in parts] == [0, *(part.end for part in parts[:-1])], "no frame in two, none in none"
    assert parts[-1].end == made.frames
    assert [part.last for part in parts] == [False] * (len(parts) - 1) + [True]
    assert [part.first_segment for part in parts] == list(made.chunks)
    assert [part.number for part in parts] == list(range(len(parts)))


@settings(deadline=None, max_examples=60)
@given(
    seconds=st.floats(0.01, 21_600),
    rate=st.fractions(Fraction(1, 2), 60, max_denominator=1001),
    cost=st.floats(0.01, 10_000),
)
def test_chunks_cover_the_film_and_are_cut_between_segments(seconds: float, rate: Fraction, cost: float) -> None:
    _check_chunks(plan.make(info(seconds, frame_rate=rate), chunk_cost=cost))


def test_a_short_film_is_one_chunk_on_the_same_path() -> None:
    made = planned(60.0)
    assert made.chunks == (0,)
    assert made.chunk(0).last
    assert made.chunk(0).first_segment == 0


def test_a_two_hour_film_is_some_120_chunks_of_nearly_equal_length() -> None:
    made = planned(7200.0)
    assert 110 <= len(made.chunks) <= 130
    _check_chunks(made)
    lengths = [made.seconds(part.end - part.begin) for part in map(made.chunk, range(len(made.chunks)))]
    assert max(lengths) <= 7200 / len(lengths) + plan.SEGMENT, "the longest chunk is what everybody waits for"


@settings(deadline=None, max_examples=60)
@given(
    seconds=st.floats(60, 21_600),
    height=st.sampled_from([240, 480, 720, 1080, 2160]),
    rate=st.sampled_from([Fraction(24), Fraction(60)]),
)
def test_no_chunk_takes_longer_than_a_lambda_lives(seconds: float, height: int, rate: Fraction) -> None:
    """On two cores a chunk has twice its wall time of CPU; Lambda allows 900 s, and a retry should lose little."""
    picture = info(seconds, width=height * 16 // 9, height=height, frame_rate=rate)
    made = plan.make(picture, largest=2160)
    second = plan.cost(picture.picture, made.renditions, made.frame_rate)
    for number in range(len(made.chunks)):
        part = made.chunk(number)
        length = made.seconds(part.end - part.begin)
        assert length <= 600 * 1.5 + plan.SEGMENT
        assert length * second / 2 < 450


def test_what_costs_more_is_cut_shorter() -> None:
    ordinary, fast = planned(3600.0), planned(3600.0, frame_rate=Fraction(60))
    small = planned(3600.0, width=640, height=480)
    assert len(small.chunks) < len(ordinary.chunks) < len(fast.chunks)
    cost = plan.cost(info().picture, ordinary.renditions, Fraction(24))
    assert plan.cost(info().picture, ordinary.renditions, Fraction(48)) > cost
    assert plan.cost(info().picture, ordinary.renditions[1:], Fraction(24)) < cost


def test_a_chunk_is_read_from_a_little_before_and_further_where_a_seek_is_not_exact() -> None:
    assert plan.make(info(container="mov")).lead == plan.make(info(container="matroska")).lead
    assert plan.make(info(container="mpegts")).lead > 6 * plan.make(info(container="mov")).lead


@pytest.mark.parametrize(
    ("seconds", "interval"), [(0.5, 1), (60.0, 1), (100.0, 1), (101.0, 2), (600.0, 6), (1000.0, 10), (7200.0, 10)]
)
def test_the_storyboard_has_about_a_hundred_pictures_and_at_least_one_in_ten_seconds(seconds, interval) -> None:
    made = planned(seconds)
    assert made.seconds(made.board.step) == interval


@pytest.mark.parametrize(
    ("picture", "size"),
    [({}, (160, 90)), ({"rotation": 90}, (90, 160)), ({"width": 640, "height": 480}, (160, 120))],
)
def test_its_pictures_have_the_films_shape(picture: dict, size: tuple[int, int]) -> None:
    board = planned(**picture).board
    assert (board.width, board.height) == size


def test_a_film_slower_than_the_storyboard_has_a_picture_of_each_frame_at_most() -> None:
    assert planned(60.0, frame_rate=Fraction(1, 2)).board.step == 1


@pytest.mark.parametrize(("lines", "level"), [(1440, "5.0"), (2160, "5.1")])
def test_the_large_rungs_have_levels_that_allow_them(lines: int, level: str) -> None:
    made = plan.make(info(width=3840, height=2160, frame_rate=Fraction(24)), largest=lines)
    assert made.renditions[0].level == level


def test_chunks_as_tests_cut_them_are_cut_like_any() -> None:
    _check_chunks(in_chunks())
