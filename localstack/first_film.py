"""The demo film of a new stack: ffmpeg draws it, it is uploaded like any other, and `make up` waits until it plays.

Once only: whoever deletes it does not get it back at the next `make up`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from localstack import demo_film
from localstack.progress import step
from localstack.stack import ROOT, Stack, StackError, read_env_file

_WAIT = 180.0  # seconds without any progress; the film takes about 15 on two cores
_POLL = 3.0  # seconds; each look is a program of its own, which takes a second of what the encoder needs
_UPLOADED, _DONE = "uploaded", "done"


def provide(stack: Stack) -> None:
    """Draw and upload the film unless that was done before, and wait until it is ready.

    Raises:
        StackError: it cannot be drawn, or it failed, or nothing happens.
    """
    note = stack.state / "demo-film"
    known = note.read_text() if note.exists() else ""
    if known == _DONE:
        return
    if known != _UPLOADED:
        step("Drawing the demo film")
        upload(stack)
        note.write_text(_UPLOADED)
    _await(stack)
    note.write_text(_DONE)


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

    access = stack.client_environment()
    s3 = boto3.client(
        "s3",
        endpoint_url=stack.endpoint,
        region_name=access["AWS_REGION"],
        aws_access_key_id=access["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=access["AWS_SECRET_ACCESS_KEY"],
        config=Config(s3={"addressing_style": "path"}),
    )
    bucket = read_env_file(stack.environment_file)["UPLOADS_BUCKET"]
    s3.upload_file(str(file), bucket, demo_film.KEY, ExtraArgs={"Metadata": demo_film.METADATA})


def _await(stack: Stack) -> None:
    told, changed = "", time.monotonic()
    while True:
        film = _film(stack)
        if film["state"] == "ready":
            return
        if film["state"] == "failed":
            raise StackError(f"The demo film failed: {film['failure']}. The logs are in {stack.log_folder}.")
        progress = f"The demo film is {film['state']} ({film['percent']:.0f} %)"
        if progress != told:
            step(progress)
            told, changed = progress, time.monotonic()
        elif time.monotonic() - changed > _WAIT:
            raise StackError(f"The demo film is still {film['state']}; the logs in {stack.log_folder} may say why.")
        time.sleep(_POLL)


def _film(stack: Stack) -> dict[str, Any]:
    """Return what the operator's door says of the film."""
    command = [sys.executable, "manage.py", "check_videos", "--json"]
    environment = os.environ | stack.client_environment()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if not done.stdout.startswith("["):
        raise StackError(f"manage.py check_videos failed: {done.stderr.strip()[-300:]}")
    films = [film for film in json.loads(done.stdout) if film["source_key"] == demo_film.KEY]
    return films[0] if films else {"state": "waiting for its upload event", "percent": 0, "failure": None}
