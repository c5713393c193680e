"""The sound of a film that cannot be encoded chunk by chunk: encoded as a whole first, cut by packet for the chunks."""

from __future__ import annotations

import queue
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from functions.transcoding import command, process
from functions.transcoding.plan import Plan
from functions.transcoding.source import Input
from functions.transcoding.storage import Shelf
from functions.transcoding.troubles import RefusedError, diagnose

STEP: Final = "sound"

_POLL: Final = 0.1  # seconds


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
    if shelf.sounds() == len(plan.chunks):
        return
    complete: queue.SimpleQueue[str] = queue.SimpleQueue()
    with tempfile.TemporaryDirectory(prefix="videoflix-sound-", ignore_cleanup_errors=True) as name:
        folder = Path(name)

        def store() -> None:
            while not complete.empty():
                file = folder / complete.get().strip()
                shelf.put_sound(int(file.stem), file.read_bytes())
                file.unlink()

        argv = command.sound_once(plan, source, process.executable("ffmpeg"))
        with process.start(argv, folder=folder, on_line=complete.put) as child:
            while not child.wait(_POLL):
                check()
                store()
            done = child.finished()
        if done.code:
            raise diagnose(done, STEP, otherwise="broken")
        store()
    if shelf.sounds() != len(plan.chunks):
        raise RefusedError("broken", STEP)
