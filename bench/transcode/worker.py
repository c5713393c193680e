"""A worker of its own for `bounds`: it looks at a source, draws its poster, and makes its first and its last chunk.

python -m bench.transcode.worker URL FOLDER prompt|stalled
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import threading
import time
from pathlib import Path

from bench.transcode import shelf
from bench.transcode.bounds import held
from bench.transcode.shelf import FolderShelf
from functions.transcoding import audit, encode, ladder, pictures, probe, scan, source

_REST = 3.0  # seconds without a byte more
_LEAST = 8 << 20  # bytes that wait by then


def main() -> None:
    """Work, and print the largest resident size that the system has seen: of this process and of a child."""
    url, folder, how = sys.argv[1:]
    opened, kept = source.of_url(url), shelf.empty(Path(folder))
    planned = scan.planned(opened, probe.probe(opened), upscale=False, largest=ladder.ALWAYS)
    pictures.of_source(planned, opened)
    for number in sorted({0, len(planned.chunks) - 1}):
        part = planned.chunk(number)
        taking = kept.store if how == "prompt" else _Stalled(kept).store
        made = encode.encode(planned, part, opened, taking, lambda _reached: None)
        audit.chunk(planned, part, made, kept, lambda: None)
    own, child = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps({"largest_bytes": (own + child) * 1024}))


class _Stalled:
    """A store that takes nothing until what waits for it has stopped growing."""

    def __init__(self, kept: FolderShelf) -> None:
        self._kept, self._open = kept, threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def store(self, name: str, file: Path) -> None:
        """Keep a file, some time."""
        self._open.wait()
        self._kept.store(name, file)

    def _watch(self) -> None:
        waiting, since = 0, time.monotonic()
        while not (waiting > _LEAST and time.monotonic() - since > _REST):
            time.sleep(0.1)
            now = held(Path(tempfile.gettempdir()))
            if now != waiting:
                waiting, since = now, time.monotonic()
        self._open.set()


if __name__ == "__main__":
    main()
