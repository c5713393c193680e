"""The service `deployer`: everything that a fresh LocalStack needs, once. `python -m localstack.compose.deployer`.

LocalStack's free edition forgets everything when it stops, so each start of the stack deploys again; on a LocalStack
that still runs, only what changed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from infra import note, targets
from layers.ffmpeg import build
from localstack import first_film
from localstack.compose import stack as compose
from localstack.progress import fail, step
from localstack.stack import ROOT, Stack, StackError

_LAYER = Path("/layer")  # the volume that LocalStack mounts at /opt of every function


def main() -> int:
    """Do all steps; return the exit code."""
    try:
        stack = compose.load()
        fresh = note.read(targets.load(compose.STAGE)) is None
        _provide_ffmpeg()
        step("Deploying")
        _run(stack, "-m", "infra.deploy", "--stage", compose.STAGE)
        step("Seeding the demo account")
        _run(stack, "manage.py", "seed")
        if fresh:
            step("Uploading the demo film; it plays in a minute or so")
            first_film.upload(stack)
    except (StackError, targets.DeployError, build.LayerError) as error:
        return fail(str(error))
    return 0


def _provide_ffmpeg() -> None:
    """Put the unpacked layer into the volume: LocalStack's free edition takes layers and does not apply them."""
    target = build.host_target()
    tree = build.unpack(target)
    shutil.copytree(tree, _LAYER, dirs_exist_ok=True)


def _run(stack: Stack, *arguments: str) -> None:
    environment = os.environ | stack.client_environment()
    if subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, check=False).returncode != 0:
        raise StackError("What went wrong stands above.")


if __name__ == "__main__":
    sys.exit(main())
