"""How a file says that its picture is to be shown: cropped, turned, mirrored. Pure: from ffprobe's facts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_CROPS: Final = ("crop_left", "crop_right"), ("crop_top", "crop_bottom")
_MATRIX: Final = "displaymatrix"

FACTS: Final = ("rotation", _MATRIX, *_CROPS[0], *_CROPS[1])
"""What ffprobe is to be asked for of the data beside a stream's pictures."""

Orientation = tuple[int, int, int, int]
"""How a picture is to be turned and mirrored for viewing: the signs of a, b, c and d of its display matrix, by which a
point (x, y) is shown at (ax + cy, bx + dy) (ISO/IEC 14496-12, section 6.2.2). One of eight."""

AS_STORED: Final[Orientation] = (1, 0, 0, 1)

_TOLERANCE: Final = 1  # degrees; ffprobe says whole ones only

# ffprobe prints three rows of numbers, each after its own number: `00000000:            0       65536           0`
_ROW: Final = re.compile(r"^[0-9a-f]{8}: +(-?\d+) +(-?\d+) ", re.MULTILINE)


def crop(stream: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many of the stored pixels are not to be seen, of the width and of the height."""
    sides = stream.get("side_data_list", [])
    across, down = (sum(int(side.get(name, 0)) for side in sides for name in names) for names in _CROPS)
    return across, down


def orientation(stream: Mapping[str, Any]) -> Orientation | None:
    """Return how the picture is to be turned and mirrored; None: by an angle that is no quarter turn."""
    matrices = [side for side in stream.get("side_data_list", []) if side.keys() & {"rotation", _MATRIX}]
    if not matrices:
        return AS_STORED
    rows = _ROW.findall(str(matrices[0].get(_MATRIX)))[:2]
    a, b, c, d = ([(int(number) > 0) - (int(number) < 0) for row in rows for number in row] + [0] * 4)[:4]
    straight = (a and d and not (b or c)) or (b and c and not (a or d))
    return (a, b, c, d) if straight else None


def rotation(stream: Mapping[str, Any]) -> int:
    """Return the degrees by which the picture is to be turned clockwise; 0 where that is no quarter turn.

    As ffmpeg takes it, which exchanges the sides within a degree of a quarter turn and keeps them for any other angle.
    """
    for side in stream.get("side_data_list", []):
        if "rotation" in side:
            angle = -float(side["rotation"])  # counter-clockwise by ffprobe's count, clockwise by ours
            turned = round(angle / 90) * 90
            return turned % 360 if abs(angle - turned) <= _TOLERANCE else 0
    return 0
