"""The clock of MPEG-2 transport streams: where a film's segments begin on it, for all who have to agree on that."""

import math
from fractions import Fraction
from typing import Final

FIRST: Final = 10
"""Seconds: the timestamp of a film's beginning in its segments. More than zero, because a frame is decoded before it is
shown, and no decoding time may be negative.

The encoder writes it (`transcoding/command.py`) and captions name it (`X-TIMESTAMP-MAP`, RFC 8216, section 3.5), so
that players put picture and text together. It is part of what is stored: after a change, films have to be encoded and
captions to be put again.
"""

TICKS: Final = 90_000
"""Ticks of that clock in a second (ISO/IEC 13818-1, PTS)."""


def lasting(begin: int, end: int, rate: Fraction) -> float:
    """Return how long (seconds) a segment of the frames from number `begin` on, before `end`, lasts.

    That is the distance of its keyframe from the next segment's: each frame's time is rounded to a tick, so segments
    add up to their film however long it is.
    """
    return (_ticks(end, rate) - _ticks(begin, rate)) / TICKS


def _ticks(frame: int, rate: Fraction) -> int:
    return math.floor(frame / rate * TICKS + Fraction(1, 2))
