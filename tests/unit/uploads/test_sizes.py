"""A file is cut so that S3 takes every part, and all of them together are the file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.uploads import sizes

MIB, GIB, TIB = 1024**2, 1024**3, 1024**4


@given(st.integers(1, 4 * TIB))
def test_parts_keep_within_the_limits_of_s3_and_make_up_the_file(size: int) -> None:
    part = sizes.part_size(size)
    count = sizes.part_count(size, part)
    assert 5 * MIB <= part <= 5 * GIB
    assert part % MIB == 0
    assert 1 <= count <= 1_000
    lengths = [sizes.part_length(size, part, number) for number in range(1, count + 1)]
    assert sum(lengths) == size
    assert min(lengths) > 0
    assert set(lengths[:-1]) <= {part}


@pytest.mark.parametrize(("size", "part"), [(101 * MIB, 8 * MIB), (5 * GIB, 8 * MIB), (20 * GIB, 21 * MIB)])
def test_parts_grow_with_the_file(size: int, part: int) -> None:
    assert sizes.part_size(size) == part
