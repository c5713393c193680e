"""What only the packets of an MPEG stream tell, as it has no index: whether time begins anew, how far keyframes are.

Recordings that were put together by their bytes begin anew: half of such a film would be lost, for pictures whose time
was there before are late, and dropped. And a seek ends between two keyframes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from functions.transcoding import process
from functions.transcoding.source import Input
from functions.transcoding.troubles import heed

STEP: Final = "times"

_SECONDS: Final = 300.0
_BACK: Final = 1.0  # seconds by which time has to jump back: less is a fault of a few packets
_ON: Final = 10.0  # seconds within which the next packet goes on from the one before: the slowest film needs two


@dataclass
class Times:
    """The decoding times of a picture's packets, in the order of the file. What one packet alone tells is noise.

    Attributes:
        anew: Whether they begin anew somewhere.
        apart: Seconds, at most, from a keyframe to the last packet before the next.
    """

    anew: bool = False
    apart: float = 0.0
    _last: float | None = None
    _reached: float | None = None
    _key: float | None = None

    def read(self, line: str) -> None:
        """Take a line of ffprobe's: a packet's decoding time in seconds, and its flags."""
        told, _, flags = line.strip().partition(",")
        try:
            time = float(told)
        except ValueError:
            return  # a packet without a time
        if "K" in flags:
            self._key = time
        if self._last is not None and 0 < time - self._last <= _ON:
            self._goes_on(time)
        self._last = time

    def _goes_on(self, time: float) -> None:
        if self._key is not None:
            self.apart = max(self.apart, time - self._key)
        if self._reached is None or time > self._reached:
            self._reached = time
        elif time < self._reached - _BACK:
            self.anew = True


def look(source: Input, picture: int, check: Callable[[], None]) -> Times:
    """Read a source through, as far as time allows, and return what its picture's packets tell.

    Args:
        source: The film.
        picture: Number of its picture's stream.
        check: Called while waiting; what it raises ends the reading and is passed on.

    Raises:
        PassingError: the source could not be read now.
    """
    times = Times()
    argv = [
        process.executable("ffprobe"),
        "-v", "error",
        # decoding times: with B-frames, the times of showing go back and forth
        "-select_streams", str(picture), "-show_entries", "packet=dts_time,flags",
        "-of", "csv=p=0",
        *source.arguments,
    ]  # fmt: skip

    def stop() -> None:
        check()
        if times.anew:
            raise _DecidedError

    with contextlib.suppress(_DecidedError, process.TooSlowError):
        heed(process.run(argv, seconds=_SECONDS, check=stop, on_line=times.read), STEP)
    return times


class _DecidedError(Exception):
    """The rest need not be read."""
