"""A stack that comes back at another AWS port: queue URLs in its state name the port, and are put right."""

from __future__ import annotations

from pathlib import Path

from localstack.embedded.snapshots import write_whole
from localstack.stack import HOST


def follow_port(emulator: Path, port: int) -> None:
    """Rewrite the old port in the saved state, once, before the emulator reads it."""
    note = emulator / "port"
    old = note.read_text() if note.exists() else str(port)
    if old != str(port):
        before, after = f"{HOST}:{old}/".encode(), f"{HOST}:{port}/".encode()
        for path in [*emulator.glob("*.json"), *emulator.glob("*.journal")]:
            content = path.read_bytes()
            if before in content:
                write_whole(path, content.replace(before, after))
    emulator.mkdir(parents=True, exist_ok=True)
    note.write_text(str(port))
