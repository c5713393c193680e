"""A media bucket that is a folder: what a chunk stores, and what its audit reads back."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from functions.catalogue import layout
from functions.transcoding import command
from functions.transcoding.source import Input
from functions.transcoding.storage import Shelf


@dataclass(frozen=True)
class FolderShelf(Shelf):
    """Stores into a folder instead of S3."""

    folder: Path

    def store(self, name: str, file: Path) -> None:
        """Keep a finished file of the encoder's."""
        target = self.folder / name
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target / file.name)

    def segments(self, rendition: str, names: Iterable[str]) -> Iterator[bytes]:
        """Yield the stored segments of a rendition."""
        for name in names:
            yield (self.folder / rendition / name).read_bytes()

    def put_sound(self, _cut: str, chunk: int, sound: bytes) -> None:
        """Keep the sound of a chunk."""
        self._sound(chunk).write_bytes(sound)

    def sounds(self, _cut: str) -> int:
        """Return of how many chunks the sound is stored."""
        return len(list(self.folder.glob("*.aac")))

    def sound(self, chunk: int) -> Input:
        """Return the input for a chunk's sound."""
        return Input(f"file:{self._sound(chunk)}", ("-protocol_whitelist", "file", "-f", "aac"))

    def stored(self, rendition: str, segments: int) -> list[Path]:
        """Return the files of a rendition's first segments."""
        return [self.folder / rendition / layout.segment_name(number) for number in range(segments)]

    def _sound(self, chunk: int) -> Path:
        return self.folder / f"{chunk:05d}.aac"


def empty(folder: Path) -> FolderShelf:
    """Return a shelf on a folder that holds nothing yet."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / command.BOARD).mkdir(parents=True)
    return FolderShelf(0, "bench", folder)
