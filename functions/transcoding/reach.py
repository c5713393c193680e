"""How far a source's picture and sound go: its packets are read, for its container does not say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from functions.transcoding import process
from functions.transcoding.source import Input

_SECONDS: Final = 300.0


@dataclass
class Reach:
    """Seconds from the film's beginning to the end of its last picture and of its last sound."""

    picture: float = 0.0
    sound: float = 0.0
    _ticks: dict[str, float] = field(default_factory=dict)

    def read(self, line: str) -> None:
        """Take a line of ffmpeg's `framecrc`: `stream, dts, pts, duration, …`, or `#tb stream: tick`."""
        try:
            if line.startswith("#tb "):
                stream, tick = line[4:].split(":")
                above, below = tick.split("/")
                self._ticks[stream] = int(above) / int(below)
            elif not line.startswith("#"):
                stream, _decoded, shown, lasts = line.split(",")[:4]
                end = (int(shown) + int(lasts)) * self._ticks[stream]
                if stream == "0":
                    self.picture = max(self.picture, end)
                else:
                    self.sound = max(self.sound, end)
        except (ValueError, KeyError, ZeroDivisionError):
            return  # a packet without a time is no end


def look(source: Input, picture: int, sound: int | None, check: Callable[[], None]) -> tuple[Reach, process.Finished]:
    """Read a source through without decoding it.

    Args:
        source: The film.
        picture: Number of its picture's stream.
        sound: Number of its sound's stream, if it has any.
        check: Called while waiting; what it raises ends the reading and is passed on.

    Returns:
        What was found, and how the reading ended.

    Raises:
        TooSlowError: it took too long.
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
    return reached, process.run(argv, seconds=_SECONDS, check=check, on_line=reached.read)
