"""What the programs of this folder share as commands: one at a time, one sentence for each trouble, exit codes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from infra import targets
from infra.targets import DeployError, Target
from layers.ffmpeg.build import LayerError
from localstack import lock

_SENTENCE = 300  # characters of an error that are worth reading


def tell(text: str) -> None:
    """Say how far we are."""
    print(text, flush=True)


def ask(question: str) -> bool:
    """Return whether somebody agrees.

    Raises:
        DeployError: nobody is at the keyboard.
    """
    if not sys.stdin.isatty():
        raise DeployError("Nobody is here to agree to this; say --yes.")
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def run(stage: str, state: Path | None, work: Callable[[Target], None]) -> int:
    """Do `work` on the stage while nobody else on this machine does; return the exit code."""
    try:
        target = targets.load(stage, state)
        held = lock.acquire(target.state / f"{target.stage}.deploy.lock")
        if held is None:
            return _fail(f"Another deployment of the stage {target.stage} is running.")
        with held:
            work(target)
    except (DeployError, LayerError) as error:
        return _fail(str(error))
    except (Boto3Error, BotoCoreError, ClientError) as error:  # Boto3Error: a file that S3 refused
        return _fail(f"Stopped; the next run goes on from here. {str(error)[:_SENTENCE]}")
    except OSError as error:
        return _fail(f"Stopped by this machine; the next run goes on from here. {error}")
    except KeyboardInterrupt:
        _fail("Interrupted; the next run goes on from here.")
        return 130
    return 0


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1
