"""What is made of a source: shapes, rungs, lengths, boundaries."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.transcoding import ladder, plan
from functions.transcoding.probe import Sound
from tests.unit.transcoding.builders import info, planned


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
        ({"width": 960, "height": 720, "sample_aspect": Fraction(4, 3)}, {"720p": (1280, 720), "480p": (854, 480)}),
        ({"width": 720, "height": 576, "sample_aspect": Fraction(16, 15)}, {"480p": (640, 480)}),
        ({"width": 1280, "height": 540, "sample_aspect": Fraction(3, 4)}, {"720p": (1280, 720), "480p": (854, 480)}),
        ({"width": 320, "height": 240}, {"480p": (320, 240)}),
        ({"width": 321, "height": 241}, {"480p": (320, 240)}),
        ({"width": 16, "height": 16}, {"480p": (16, 16)}),
        ({"width": 16000, "height": 500}, {"480p": (4096, 128)}),
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


def test_the_first_segment_is_short_so_that_the_beginning_is_there_soon() -> None:
    assert planned(20.0).starts == (0, 48, 192, 336)


@pytest.mark.parametrize(
    ("source", "made"),
    [(24, 24), (60, 60), (120, 60), (100, 50), ("120000/1001", "60000/1001"), (1000, "125/4")],
)
def test_more_than_sixty_frames_a_second_are_halved(source, made) -> None:
    assert planned(frame_rate=Fraction(source)).frame_rate == Fraction(made)


@given(seconds=st.floats(0.01, 21_600), rate=st.fractions(Fraction(1, 2), 1000, max_denominator=1001))
def test_a_plan_lasts_as_long_as_its_source(seconds: float, rate: Fraction) -> None:
    made = planned(seconds, frame_rate=rate)
    assert abs(made.duration - seconds) <= 0.5 / made.frame_rate + 1e-6 or made.frames == 1


def test_where_the_sound_goes_on_the_last_picture_stays() -> None:
    made = plan.make(info(10.0, ends=8.0))
    assert (made.frames, made.video.freeze) == (240, pytest.approx(2.5))


def test_a_header_cannot_order_an_hour_of_still_picture() -> None:
    made = plan.make(info(3600.0, ends=8.0))
    assert made.frames == 192
    assert made.video.freeze < 1


def test_a_film_without_sound_is_given_silence() -> None:
    assert plan.make(info(sound=None)).sound is None
    assert plan.make(info(sound=Sound(index=3, channels=6))).sound == 3


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
    ],
)
def test_the_level_is_the_lowest_that_allows_the_picture(width, height, rate, cap, level) -> None:
    """The original said 3.1 for 1080p: devices that believe it refuse to play, or stutter."""
    assert ladder.level(width, height, Fraction(rate), cap) == level


def test_codecs_name_profile_and_level_as_browsers_read_them() -> None:
    assert ladder.codecs("4.0") == "avc1.640028,mp4a.40.2"
    assert ladder.codecs("3.1") == "avc1.64001f,mp4a.40.2"
