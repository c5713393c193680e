"""Decoded pictures, small and grey: enough to tell one from another, and cheap to compare."""

from dataclasses import dataclass
from pathlib import Path

from tests import media


@dataclass(frozen=True)
class Grey:
    """Pictures of `width` x `height` pixels of one byte each."""

    width: int
    height: int

    def pictures(self, file: Path, *filters: str) -> list[bytes]:
        """All pictures of a file, each made small after `filters`."""
        raw = file.with_suffix(".gray")
        chain = ",".join([*filters, f"scale={self.width}:{self.height}:flags=area", "format=gray"])
        media.ffmpeg(
            "-i", str(file), "-map", "0:v", "-vf", chain, "-fps_mode", "passthrough", "-f", "rawvideo", str(raw)
        )
        data, size = raw.read_bytes(), self.width * self.height
        return [data[place : place + size] for place in range(0, len(data), size)]


def distance(one: bytes, other: bytes) -> float:
    """Mean difference of two pictures, in 256ths of white."""
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)
