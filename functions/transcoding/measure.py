"""What a finished rendition is, as playlists declare it: measured from its segments, never guessed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

from functions.catalogue.film import Rendition
from functions.transcoding import ladder

if TYPE_CHECKING:
    from functions.transcoding.plan import Plan, RenditionPlan

_PACKET, _PACKET_HEADER = 188, 4  # bytes (ISO/IEC 13818-1); each frame and each packet of sound may waste one
_TABLES: Final = 20  # packets a second that say what the stream holds
_SOUND_SPREAD: Final = 1.2  # AAC at a constant rate spends more on one packet than on another


def rendition(plan: Plan, made: RenditionPlan, durations: Sequence[float], sizes: Sequence[int]) -> Rendition:
    """Return what viewers are told of a rendition.

    Args:
        plan: Of the film.
        made: What was to be made.
        durations: Seconds of each segment.
        sizes: Bytes of each segment.
    """
    return Rendition(
        name=made.name,
        width=made.width,
        height=made.height,
        frame_rate=float(plan.frame_rate),
        codecs=made.codecs,
        peak_bandwidth=peak(durations, sizes),
        average_bandwidth=round(sum(sizes) * 8 / sum(durations)),
        segments=tuple(durations),
        copied=made.copied is not None,
        take=plan.take,
    )


def bound(plan: Plan, made: RenditionPlan) -> int:
    """Return the bits per second that the peak of a rendition that is yet to be made will not exceed.

    The decoder's buffer (H.264, annex C) lets a stretch of `t` seconds take `cap * t + buffer` bits; the shortest one
    that counts as a peak is half a target duration. To that come the sound and what MPEG-TS adds.
    """
    longest = plan.seconds(max(end - start for start, end in pairwise((*plan.starts, plan.frames))))
    stretch = min(max(1, round(longest)) / 2, plan.duration)
    packets = float(plan.frame_rate) + plan.sound.rate / ladder.SOUND_FRAME + _TABLES
    payload = made.cap + made.buffer / stretch + _SOUND_SPREAD * ladder.SOUND_BIT_RATE
    return math.ceil(payload * _PACKET / (_PACKET - _PACKET_HEADER) + packets * _PACKET * 8)


def peak(durations: Sequence[float], sizes: Sequence[int]) -> int:
    """Return the peak segment bit rate, in bits per second (RFC 8216, section 4.1).

    It is the largest bit rate of any contiguous set of segments that lasts 0.5 to 1.5 target durations.
    """
    target = max(1, round(max(durations)))
    ends = [0.0, *accumulate(durations)]
    bytes_before = [0, *accumulate(sizes)]
    best = bytes_before[-1] * 8 / ends[-1]  # never below the average, which it may be in a short film
    for first in range(len(durations)):
        for after in range(first + 1, len(ends)):
            seconds = ends[after] - ends[first]
            if seconds > 1.5 * target:
                break
            if seconds >= 0.5 * target:
                best = max(best, (bytes_before[after] - bytes_before[first]) * 8 / seconds)
    return round(best)
