"""The ladder: which renditions a film gets and how each is encoded. The one place to add a rung or move a cap."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Final


@dataclass(frozen=True)
class Rung:
    """A step of the ladder.

    Attributes:
        lines: Pixels of the picture's short side; the rendition is called `<lines>p`.
        cap: Bits per second that the picture exceeds only for as long as `buffer` lasts.
        buffer: Size in bits of the decoder's buffer by which the cap is kept (H.264 annex C).
    """

    lines: int
    cap: int
    buffer: int

    @property
    def name(self) -> str:
        """The name of its rendition."""
        return f"{self.lines}p"


LADDER: Final = (
    Rung(480, cap=1_500_000, buffer=3_000_000),
    Rung(720, cap=3_500_000, buffer=7_000_000),
    Rung(1080, cap=6_500_000, buffer=13_000_000),
    Rung(1440, cap=12_000_000, buffer=24_000_000),
    Rung(2160, cap=24_000_000, buffer=48_000_000),
)
"""Lowest first; `LARGEST_RUNG` ends it. The caps are about twice what ordinary films take at `QUALITY` (Apple: peak at
most twice the average)."""

STEP: Final = 0.6
"""Part of the bit rate above it that a rung may take beside a copy. With a buffer of two seconds that is no more than
the other's average in the 3 s that count as a peak among segments of 6 s. The ladder's own steps are greater."""
LEAST: Final = 0.2
"""Part of its cap below which a rung is not worth having: 300 kbit/s at 480p."""

QUALITY: Final = 21  # x264's crf: VMAF 94.5 at 1080p
PRESET: Final = "veryfast"  # slower ones gain 0.5 VMAF for twice the time
MAX_FRAME_RATE: Final = 60
MAX_SIDE: Final = 4096  # of the long side: H.264 levels allow little more

ALWAYS: Final = 1080  # lines of the highest rung that `AUTOTRANSCODE_POLICY=relaxed` makes of every film
SOUND_RATES: Final = (48_000, 44_100)  # samples per second; the first for all that has another
SOUND_FRAME: Final = 1024  # samples in an AAC packet (ISO/IEC 14496-3)
SOUND_CHANNELS: Final = 2
SOUND_BIT_RATE: Final = 128_000
SOUND_CODEC: Final = "mp4a.40.2"  # RFC 6381 name of AAC-LC

# H.264 table A-1: level, macroblocks per second, macroblocks per frame, kbit/s (High profile: 1.25 times Main's)
_LEVELS: Final = (
    ("3.0", 40_500, 1_620, 12_500),
    ("3.1", 108_000, 3_600, 17_500),
    ("3.2", 216_000, 5_120, 25_000),
    ("4.0", 245_760, 8_192, 25_000),
    ("4.2", 522_240, 8_704, 62_500),
    ("5.0", 589_824, 22_080, 168_750),
    ("5.1", 983_040, 36_864, 300_000),
    ("5.2", 2_073_600, 36_864, 300_000),
)


def beside_copy(average: float, below: int) -> float:
    """Return the most bits per second that a rung may take beside a copy.

    Args:
        average: Bits per second of the copy.
        below: How many rungs below the copy it stands.
    """
    return average * STEP**below


def level(width: int, height: int, frame_rate: Fraction, cap: int) -> str:
    """Return the lowest H.264 level that allows such a picture (ITU-T H.264, A.3.1)."""
    across, down = math.ceil(width / 16), math.ceil(height / 16)
    for name, per_second, per_frame, kilobits in _LEVELS:
        fits = across * down <= per_frame and max(across, down) <= math.isqrt(8 * per_frame)
        if fits and across * down * frame_rate <= per_second and cap <= kilobits * 1000:
            return name
    return _LEVELS[-1][0]


def codecs(h264_level: str) -> str:
    """Return the CODECS attribute of a rendition: High profile at a level, with the sound (RFC 6381, section 3.3)."""
    return f"avc1.6400{round(float(h264_level) * 10):02x},{SOUND_CODEC}"
