"""The demo film of a new stack: ffmpeg draws it, it is uploaded like any other, and `make up` waits until it plays.

Once only: whoever deletes it does not get it back at the next `make up`, and what became of it is told once.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from localstack import demo_film
from localstack.progress import step
from localstack.stack import Stack, StackError

_WAIT = 180.0  # seconds without any progress; the film takes about 10 on two cores
_POLL = 0.5  # seconds
_UPLOADED, _DONE = "uploaded", "done"
_AWAITED = "waiting for its upload event"


def provide(stack: Stack) -> str:
    """Draw and upload the film unless that was done before, and wait until nothing more is to be expected.

    Returns:
        Why it does not play, and what can be done; empty where nobody needs to be told.

    Raises:
        StackError: it cannot be drawn, or the catalogue does not answer.
    """
    note = stack.state / "demo-film"
    known = note.read_text() if note.exists() else ""
    if known == _DONE:
        return ""
    if known != _UPLOADED:
        step("Drawing the demo film")
        upload(stack)
        note.write_text(_UPLOADED)
    with _client_of(stack):
        trouble = _await()
    note.write_text(_DONE)
    if not trouble:
        return ""
    way_out = "Look at it in the studio or with `manage.py redrive`, which also try it again"
    return f"{trouble} The stack is up without it. {way_out}; the logs are in {stack.log_folder}."


def upload(stack: Stack) -> None:
    """Draw and upload the film.

    Raises:
        StackError: ffmpeg cannot draw it.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "demo.mp4"
        _draw(file)
        _upload(stack, file)


def _draw(file: Path) -> None:
    ffmpeg = _ffmpeg()
    try:
        demo_film.draw(file, ffmpeg=ffmpeg)
    except (subprocess.CalledProcessError, OSError) as error:
        said = error.stderr.decode(errors="replace").strip() if isinstance(error, subprocess.CalledProcessError) else ""
        raise StackError(f"{ffmpeg} could not draw the demo film. {said[-300:] or error}") from None


def _ffmpeg() -> Path:
    """Return the layer's ffmpeg, which the deployment built for this machine."""
    from layers.ffmpeg import build  # noqa: PLC0415 - only a new stack needs it

    target = build.host_target()
    build.unpack(target)
    return target.ffmpeg


def _upload(stack: Stack, file: Path) -> None:
    import boto3  # noqa: PLC0415 - a second that only the first start pays
    from botocore.config import Config  # noqa: PLC0415

    with _client_of(stack):
        s3 = boto3.client("s3", config=Config(s3={"addressing_style": "path"}))
        bucket = os.environ["UPLOADS_BUCKET"]
        s3.upload_file(str(file), bucket, demo_film.KEY, ExtraArgs={"Metadata": demo_film.METADATA})


def _await() -> str:
    """Return what went wrong, once the film is ready, failed, deleted, or stuck."""
    told, seen, changed = "", False, time.monotonic()
    while True:
        film = _film()
        deleted = seen and film["state"] == _AWAITED
        if film["state"] == "ready" or deleted:
            return ""
        if film["state"] == "failed":
            return f"The demo film failed: {film['failure']}"
        seen = film["state"] != _AWAITED
        progress = f"The demo film is {film['state']} ({film['percent']:.0f} %)"
        if progress != told:
            step(progress)
            told, changed = progress, time.monotonic()
        elif time.monotonic() - changed > _WAIT:
            return f"The demo film is still {film['state']}."
        time.sleep(_POLL)


def _film() -> dict[str, Any]:
    """Return what the catalogue says of the film."""
    from pynamodb.exceptions import PynamoDBException  # noqa: PLC0415 - only a new stack waits for the film

    from functions.catalogue import making, store  # noqa: PLC0415

    try:
        owned = store.ownership(demo_film.KEY)
        film = store.get(owned.film_id) if owned else None
        if film is None:
            return {"state": _AWAITED, "percent": 0.0, "failure": None}
        percent = making.standing(film).percent
    except PynamoDBException as error:
        raise StackError(f"The catalogue does not say how far the demo film is: {error}") from None
    return {"state": film.state.value, "percent": percent, "failure": film.failure and film.failure.message}


@contextlib.contextmanager
def _client_of(stack: Stack) -> Iterator[None]:
    """Have the environment of the stack's own functions, whatever AWS else the person at the keyboard talks to."""
    before = dict(os.environ)
    try:
        _set_environment(stack.deployed_environment())
        yield
    finally:
        _set_environment(before)


def _set_environment(values: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(values)
