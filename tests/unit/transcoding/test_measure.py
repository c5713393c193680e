"""What playlists declare of a rendition is measured, by the rules of RFC 8216."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.transcoding import measure
from tests.unit.transcoding.builders import in_chunks


@given(st.lists(st.tuples(st.floats(0.04, 8), st.integers(188, 10_000_000)), min_size=1, max_size=40))
def test_the_peak_is_never_below_the_average(segments: list[tuple[float, int]]) -> None:
    durations, sizes = [one for one, _ in segments], [size for _, size in segments]
    assert measure.peak(durations, sizes) >= round(sum(sizes) * 8 / sum(durations))


@pytest.mark.parametrize(
    ("durations", "sizes", "bits"),
    [
        ([6.0, 6.0, 6.0], [600, 1200, 600], 1600),
        # a short first segment does not count alone, only together with the next (RFC 8216, section 4.1)
        ([2.0, 6.0, 6.0], [2_000, 600, 600], 2600),
        ([0.5], [100], 1600),
        # two short ones together are a stretch of half a target duration
        ([6.0, 1.5, 1.5, 6.0], [600, 900, 900, 600], 4800),
    ],
)
def test_the_peak_is_that_of_the_heaviest_stretch_of_about_a_segment(durations, sizes, bits) -> None:
    assert measure.peak(durations, sizes) == bits


def test_a_rendition_is_told_as_it_was_made() -> None:
    plan = in_chunks()
    made = measure.rendition(plan, plan.renditions[0], [2.0, 6.0], [100, 900])
    assert (made.name, made.width, made.height, made.frame_rate) == ("480p", 640, 480, 24.0)
    assert (made.average_bandwidth, made.peak_bandwidth) == (1000, 1200)
    assert made.segments == (2.0, 6.0)
    assert made.codecs == "avc1.64001e,mp4a.40.2"
