"""How a file of a given size is sent: in one piece or in parts, and in which. Pure; all sizes are bytes."""

from __future__ import annotations

from typing import Final

_MIB: Final = 1024 * 1024

ONE_PIECE: Final = 100 * 1024 * 1024
"""The largest file sent by one request; what breaks off is sent again from its start."""

_SMALLEST_PART: Final = 8 * _MIB
# S3 takes 10,000 (Amazon S3 User Guide, "multipart upload limits"); with 1,000 all addresses fit into one answer
_MOST_PARTS: Final = 1_000


def part_size(size: int) -> int:
    """Return the size of each part but the last: whole MiB, at least 8, more where the parts would be too many."""
    return max(_SMALLEST_PART, -(-size // (_MOST_PARTS * _MIB)) * _MIB)


def part_count(size: int, part: int) -> int:
    """Return how many parts of `part` bytes a file has."""
    return -(-size // part)


def part_length(size: int, part: int, number: int) -> int:
    """Return the bytes of part `number` (from 1): `part`, and what is left for the last."""
    return min(part, size - (number - 1) * part)
