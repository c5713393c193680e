"""Planning a film with one reading of it: its packets decide whether the highest rendition is copied."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import msgspec

from functions import log
from functions.transcoding import copying, plan, process
from functions.transcoding.plan import CopiedTop, Plan
from functions.transcoding.probe import SourceInfo
from functions.transcoding.source import Input
from functions.transcoding.troubles import PassingError

_SECONDS: Final = 20.0  # of reading; a slower one is not worth waiting for
_HEADER_SECONDS: Final = 10.0
_KEY: Final = 0x01  # ffmpeg's flags of a packet (libavcodec/packet.h)
_UNUSABLE: Final = 0x02 | 0x04  # corrupt, to be discarded
_IDR, _SEI = 5, 6  # kinds of units in a packet (ITU-T H.264, table 7-1)
_DUMPED: Final = re.compile(r"^[0-9a-f]{8}: ((?:[0-9a-f]{2,4} )+)", re.MULTILINE)
_DUMPED_LENGTH: Final = 4096  # characters, of which the first line has what we need


def planned(
    source: Input,
    info: SourceInfo,
    *,
    upscale: bool,
    largest: int,
    check: Callable[[], None] = lambda: None,
) -> Plan:
    """Plan a film, its highest rendition copied from the source where that is as good.

    Args:
        source: The film.
        info: What it is.
        upscale: As of `plan.make`.
        largest: As of `plan.make`.
        check: Called while waiting; what it raises ends the reading and is passed on.

    Raises:
        PassingError: somebody killed the tool that reads.
    """
    encoded = plan.make(info, upscale=upscale, largest=largest)
    found = copying.objection(info, encoded) or _read(source, encoded, check)
    if isinstance(found, str):
        log.info("top_is_encoded", reason=found)
        return encoded
    log.info("top_is_copied", codec=found.copy.codec)
    return plan.make(info, upscale=upscale, largest=largest, copied=found)


def _read(source: Input, encoded: Plan, check: Callable[[], None]) -> CopiedTop | str:
    packets, lines = copying.Packets(encoded), _Lines()
    stream = f"0:{encoded.video.index}"
    argv = [
        process.executable("ffmpeg"),
        "-hide_banner", "-nostdin", "-loglevel", "error",
        # the times that the encoding's own command will see
        "-copyts", "-start_at_zero",
        *source.arguments,
        # each packet; those that hold an IDR picture; those that hold messages
        "-map", stream, "-map", stream, "-map", stream, "-c", "copy",
        "-bsf:v:1", f"filter_units=pass_types={_IDR}",
        "-bsf:v:2", f"filter_units=pass_types={_SEI}",
        "-f", "framecrc", "-",
    ]  # fmt: skip

    def look() -> None:
        check()
        if packets.objection:
            raise _DecidedError

    try:
        done = process.run(argv, seconds=_SECONDS, check=look, on_line=lambda line: lines.read(line, packets))
    except _DecidedError:
        return packets.objection or ""
    except process.TooSlowError:
        return "it takes too long to read"
    _heed(done)
    if done.code or done.errors:
        return "it cannot be read without errors"
    return copying.judge(encoded, packets, _parameters(source, encoded.video.index, check))


def _heed(done: process.Finished) -> None:
    if done.killed:
        # it says nothing about the film, which would be encoded for hours instead of copied
        raise PassingError("the reading tool was killed")


class _DecidedError(Exception):
    """Something stands against copying: the rest need not be read."""


class _Lines:
    """Reads ffmpeg's `framecrc`: `stream, dts, pts, duration, size, checksum[, F=flags][, S=side data]`."""

    def __init__(self) -> None:
        self._tick = 0.0

    def read(self, line: str, packets: copying.Packets) -> None:
        """Tell `packets` what a line says; a line that cannot be read stands against copying."""
        if packets.objection:
            return
        try:
            if line.startswith("#tb 0:"):
                above, below = line[6:].split("/")
                self._tick = int(above) / int(below)
            elif line and not line.startswith("#"):
                self._packet([word.strip() for word in line.split(",")], packets)
        except (ValueError, IndexError, ZeroDivisionError):
            packets.objection = "its packets are odd"

    def _packet(self, words: list[str], packets: copying.Packets) -> None:
        stream, shown, size, extras = words[0], int(words[2]) * self._tick, int(words[4]), words[6:]
        if stream == "1":
            packets.independent(shown)
        elif stream == "2":
            packets.message()
        else:
            # the flags are left out where the packet is a keyframe and nothing else
            flags = next((int(word.removeprefix("F="), 0) for word in extras if word.startswith("F=")), _KEY)
            if flags & _UNUSABLE or any(word.startswith("S=") for word in extras):
                raise ValueError  # side data: other parameters from here on
            packets.packet(shown, size, key=bool(flags & _KEY))


def _parameters(source: Input, index: int, check: Callable[[], None]) -> bytes:
    """Return the beginning of the track's decoder configuration record; nothing where it cannot be read."""
    argv = [
        process.executable("ffprobe"),
        "-v", "error",
        "-select_streams", str(index), "-show_entries", "stream=extradata", "-show_data",
        "-of", "json",
        *source.arguments,
    ]  # fmt: skip
    try:
        done = process.run(argv, seconds=_HEADER_SECONDS, check=check)
        _heed(done)
        (stream,) = msgspec.json.decode(done.output)["streams"]
        dumped = str(stream["extradata"])[:_DUMPED_LENGTH]
    except (process.TooSlowError, msgspec.DecodeError, KeyError, ValueError):
        return b""
    return bytes.fromhex("".join(_DUMPED.findall(dumped)))
