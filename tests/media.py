"""ffmpeg and ffprobe for tests: the binaries of the layer, so that what is tested is what is deployed."""

import functools
import json
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.stack import ROOT

_ARCHITECTURE = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "x86_64")
BINARIES = ROOT / "layers" / "ffmpeg" / "build" / _ARCHITECTURE / "bin"


@dataclass(frozen=True)
class Packet:
    """One packet of a stream; times in seconds."""

    time: float
    duration: float
    flags: str


def ffmpeg(*arguments: str) -> None:
    command = [str(BINARIES / "ffmpeg"), "-v", "error", "-nostdin", "-y", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def ffprobe(file: Path, *arguments: str) -> dict[str, Any]:
    command = [str(BINARIES / "ffprobe"), "-v", "error", "-of", "json", *arguments, str(file)]
    found: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return found


def packets(file: Path, stream: str) -> list[Packet]:
    """The packets of a stream (`v` or `a`), in file order."""
    kind = {"v": "video", "a": "audio"}[stream]
    return [packet for of, packet in _packets(file, file.stat().st_mtime_ns) if of == kind]


@functools.lru_cache(8)  # who asks for pictures asks for sound next
def _packets(file: Path, _changed: int) -> list[tuple[str, Packet]]:
    entries = "packet=codec_type,pts_time,duration_time,flags"
    found = ffprobe(file, "-show_entries", entries)["packets"]
    return [
        (p["codec_type"], Packet(float(p["pts_time"]), float(p.get("duration_time", 0)), p["flags"])) for p in found
    ]


def height(file: Path) -> int:
    return int(ffprobe(file, "-select_streams", "v", "-show_entries", "stream=height")["streams"][0]["height"])
