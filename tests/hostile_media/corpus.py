"""What a hostile file is here: a named function that makes one, with a sentence that says what is wrong with it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.hostile_media import seeds

MARK = "uploader-wrote-this"
"""Stands in each text that a hostile file carries: nothing of it may go on to viewers or into a log."""


@dataclass
class Workshop:
    """What builders work with.

    Attributes:
        folder: Where seeds are kept, each made once.
        address: A listener of the test's own, `http://127.0.0.1:<port>`, that nobody may call.
        secret: A file of this machine that no film may tell anything about.
    """

    folder: Path
    address: str
    secret: Path
    _made: dict[str, bytes] = field(default_factory=dict)

    def seed(self, name: str) -> bytearray:
        """The bytes of a small and healthy film, to be damaged."""
        if name not in self._made:
            self._made[name] = seeds.make(self.folder, name)
        return bytearray(self._made[name])

    def drawn(self, *arguments: str, suffix: str) -> bytes:
        """The bytes of what ffmpeg makes of these arguments."""
        return seeds.draw(self.folder / f"drawn{suffix}", *arguments)

    def file(self, name: str, content: bytes) -> str:
        """The path of a file with this content, for ffmpeg to read."""
        path = self.folder / name
        path.write_bytes(content)
        return str(path)


Builder = Callable[..., bytes | bytearray]


@dataclass(frozen=True)
class Hostile:
    """A member of the corpus."""

    name: str
    suffix: str
    build: Callable[[Workshop], bytes | bytearray]


CORPUS: dict[str, Hostile] = {}


def hostile(suffix: str, *variants: Any) -> Callable[[Builder], Builder]:
    """Add the files that a builder makes to the corpus: one, or one for each variant, which it is handed."""

    def add(builder: Builder) -> Builder:
        for variant in variants or (None,):
            name = builder.__name__ if variant is None else f"{builder.__name__}-{variant}"
            build = builder if variant is None else _of(builder, variant)
            assert name not in CORPUS, name
            CORPUS[name] = Hostile(name, suffix, build)
        return builder

    return add


def _of(builder: Builder, variant: Any) -> Callable[[Workshop], bytes | bytearray]:
    return lambda shop: builder(shop, variant)
