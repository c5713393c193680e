"""The sound of a film that cannot be encoded chunk by chunk: encoded as a whole first, cut by packet for the chunks."""

from __future__ import annotations

import queue
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from functions.transcoding import command, process
from functions.transcoding.plan import Plan
from functions.transcoding.source import Input
from functions.transcoding.storage import Shelf
from functions.transcoding.troubles import PassingError, RefusedError, diagnose

STEP: Final = "sound"

_POLL: Final = 0.1  # seconds


def cut(plan: Plan) -> str:
    """Return a name for the way in which a plan cuts the sound; plans that cut it alike share it.

    So nobody has to remove what was cut for another plan, which somebody else may be at work with.
    """
    firsts = [plan.starts[first] for first in plan.chunks]
    told = msgspec.json.encode([plan.frame_rate, plan.frames, firsts, plan.sound], enc_hook=str)
    return sha256(told).hexdigest()[:16]


def make(plan: Plan, source: Input, shelf: Shelf, check: Callable[[], None]) -> None:
    """Encode and store the sound of all chunks, unless an earlier attempt did.

    Args:
        plan: Of the film, whose sound is to be encoded once.
        source: The film.
        shelf: Where the sound goes.
        check: Called several times a second; what it raises ends the work and is passed on.

    Raises:
        RefusedError: the sound cannot be encoded.
        PassingError: the source could not be read, or the sound not be stored.
    """
    name, parts = cut(plan), len(plan.chunks)
    if shelf.sounds(name) == parts:
        return
    if _stored(plan, source, shelf, check) != parts:
        raise RefusedError("broken", STEP)
    if shelf.sounds(name) != parts:
        raise PassingError("somebody took the sound away")


def _stored(plan: Plan, source: Input, shelf: Shelf, check: Callable[[], None]) -> int:
    """Encode and store the sound of all chunks; return of how many ffmpeg said that it is complete."""
    complete: queue.SimpleQueue[str] = queue.SimpleQueue()
    stored = 0
    with tempfile.TemporaryDirectory(prefix="videoflix-sound-", ignore_cleanup_errors=True) as name:
        folder = Path(name)

        def store() -> None:
            nonlocal stored
            while not complete.empty():
                file = folder / complete.get().strip()
                shelf.put_sound(cut(plan), int(file.stem), file.read_bytes())
                file.unlink()
                stored += 1

        argv = command.sound_once(plan, source, process.executable("ffmpeg"))
        with process.start(argv, folder=folder, on_line=complete.put) as child:
            while not child.wait(_POLL):
                check()
                store()
            done = child.finished()
        if done.code:
            raise diagnose(done, STEP, otherwise="broken")
        store()
    return stored
