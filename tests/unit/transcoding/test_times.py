"""A recording whose time begins anew is told from one with a few odd packets, and how far keyframes are is counted."""

import pytest

from functions.transcoding.times import Times

EVEN = [number / 25 for number in range(100)]


def _anew(times: list[float | str]) -> bool:
    read = Times()
    for time in times:
        read.read(f"{time},___\n")
    return read.anew


def test_two_recordings_one_behind_the_other_begin_anew() -> None:
    assert _anew([*EVEN, *EVEN])
    assert _anew([*EVEN, *EVEN[:50]]), "a shorter one loses itself, not the end of the first"


@pytest.mark.parametrize(
    "times",
    [
        [],
        EVEN,
        [time * 50 for time in EVEN],  # a picture in two seconds
        [-17.3 + time for time in EVEN],  # a clock that comes to its end, as ffprobe counts on
        [*EVEN, *(100 + time for time in EVEN)],  # reception was lost for a while
        [*EVEN[:50], "N/A", *EVEN[50:]],
        [*EVEN[:50], 0.5, *EVEN[50:]],  # a packet with a wrong time, which no other one confirms
        [*EVEN[:50], 9000.0, *EVEN[50:]],
        [*EVEN[:50], *EVEN[45:]],  # a fifth of a second twice, as where reception was bad
    ],
)
def test_no_other_film_does(times: list[float | str]) -> None:
    assert not _anew(times)


def test_how_far_keyframes_are_from_each_other() -> None:
    """A chunk is read from so far before its first picture: it would begin with another one's otherwise."""
    read = Times()
    for number in range(1000):
        read.read(f"{number / 25},{'K__' if number in (0, 100, 600) else '___'}\n")
    assert read.apart == pytest.approx(20, abs=0.05), "to the end of the film is less"
