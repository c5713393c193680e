"""How far a source's picture and sound go, and how fast: its packets are read, for its container does not say."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from functions.catalogue.film import MAX_SECONDS
from functions.transcoding import ladder, process
from functions.transcoding.source import Input

LONGER: Final = 0.5
"""Seconds by which the sound has to outlast the picture to count: less is held anyway."""

_KEPT: Final = MAX_SECONDS * ladder.MAX_FRAME_RATE  # times of pictures: those of more tell no more, and fill the memory


@dataclass
class Reach:
    """What the packets tell that were read.

    Attributes:
        picture: Seconds from the film's beginning to the end of its last picture.
        sound: Seconds from the film's beginning to the end of its last sound.
    """

    picture: float = 0.0
    sound: float = 0.0
    _pictures: int = 0
    _first: float = math.inf
    _last: float = -math.inf
    _times: array[float] = field(default_factory=lambda: array("d"))
    _ticks: dict[str, float] = field(default_factory=dict)

    @property
    def outlasted(self) -> bool:
        """Whether the sound goes on after the picture."""
        return self.sound - self.picture > LONGER

    @property
    def film(self) -> float:
        """Seconds of the whole film."""
        return self.sound if self.outlasted else self.picture

    @property
    def average(self) -> Fraction | None:
        """Pictures a second, from the first to the last; None: there are no two."""
        seconds = self._last - self._first
        return Fraction((self._pictures - 1) / seconds).limit_denominator(1001) if seconds > 0 else None

    def lost(self, rate: Fraction) -> int:
        """Return how many pictures a constant rate has no place for, as another one is nearest to theirs.

        Args:
            rate: Pictures a second.
        """
        each = float(rate)
        return len(self._times) - len({math.floor(time * each + 0.5) for time in self._times})

    def read(self, line: str) -> None:
        """Take a line of ffmpeg's `framecrc`: `stream, dts, pts, duration, …`, or `#tb stream: tick`."""
        try:
            if line.startswith("#tb "):
                stream, tick = line[4:].split(":")
                above, below = tick.split("/")
                self._ticks[stream] = int(above) / int(below)
            elif not line.startswith("#"):
                stream, _decoded, shown, lasts = line.split(",")[:4]
                begin = int(shown) * self._ticks[stream]
                end = begin + int(lasts) * self._ticks[stream]
                if stream == "0":
                    self.picture = max(self.picture, end)
                    self._count(begin)
                else:
                    self.sound = max(self.sound, end)
        except (ValueError, KeyError, ZeroDivisionError):
            return  # a packet without a time is no end

    def _count(self, shown: float) -> None:
        self._pictures += 1
        self._first, self._last = min(self._first, shown), max(self._last, shown)
        if len(self._times) < _KEPT:
            self._times.append(shown)


def look(
    source: Input, picture: int, sound: int | None, check: Callable[[], None], *, seconds: float
) -> tuple[Reach, process.Finished | None]:
    """Read a source through, as far as time allows, without decoding it.

    Args:
        source: The film.
        picture: Number of its picture's stream.
        sound: Number of its sound's stream, if it has any.
        check: Called while waiting; what it raises ends the reading and is passed on.
        seconds: How long it may take.

    Returns:
        What was found, and how the reading ended; None: it took too long.
    """
    reached = Reach()
    heard = [] if sound is None else ["-map", f"0:{sound}"]
    argv = [
        process.executable("ffmpeg"),
        "-hide_banner", "-nostdin", "-loglevel", "error",
        # the film's own times, as the encoding's own command will see them
        "-copyts", "-start_at_zero",
        *source.arguments,
        "-map", f"0:{picture}", *heard, "-c", "copy",
        "-f", "framecrc", "-",
    ]  # fmt: skip
    try:
        return reached, process.run(argv, seconds=seconds, check=check, on_line=reached.read)
    except process.TooSlowError:
        return reached, None
