"""Deploy a stage: `python -m infra.deploy --stage local|localstack|prod [--plan] [--yes] [--state DIR]`.

Plans, prints the plan, then acts. The same steps for every stage, only the endpoint differs. Each step looks first
and changes what differs, so an interrupted run is finished by the next one.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import IO

from botocore.exceptions import BotoCoreError, ClientError

from infra import targets
from infra.deployment import Deployment
from infra.targets import DeployError, Target
from layers.ffmpeg.build import LayerError
from localstack import lock

_SENTENCE = 300  # characters of an error that are worth reading


def tell(text: str) -> None:
    """Say how far we are."""
    print(text, flush=True)


def run(target: Target, *, plan_only: bool, yes: bool) -> None:
    """Plan, print, act.

    Raises:
        DeployError: as its sentence says.
    """
    deployment = Deployment(target, tell)
    plan = deployment.plan()
    if plan.unchanged:
        tell(f"Nothing changed. The stage {target.stage} is at {deployment.restore(plan)}/api/")
        return
    deployment.show(plan)
    if plan_only:
        return
    _agree(target, yes=yes)
    tell(f"Done. The stage {target.stage} is at {deployment.act(plan)}/api/")


def alone(target: Target) -> IO[bytes]:
    """Return the lock that keeps a second deployment of the stage away, from this machine at least.

    Raises:
        DeployError: somebody else holds it.
    """
    held = lock.acquire(target.state / f"{target.stage}.deploy.lock")
    if held is None:
        raise DeployError(f"Another deployment of the stage {target.stage} is running.")
    return held


def _agree(target: Target, *, yes: bool) -> None:
    if yes or target.emulated:
        return
    if not sys.stdin.isatty():
        raise DeployError("Nobody is here to agree to this plan; say --yes.")
    if input("Do this? [y/N] ").strip().lower() not in ("y", "yes"):
        raise DeployError("Nothing was done.")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m infra.deploy", description="Deploy a stage.")
    parser.add_argument("--stage", required=True, help="local, localstack, prod or another name")
    parser.add_argument("--plan", action="store_true", help="print what would be done, and do nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask before changing a stage on AWS")
    parser.add_argument("--state", type=Path, help="folder for what is kept on this machine (default: VIDEOFLIX_STATE)")
    options = parser.parse_args(arguments)
    try:
        target = targets.load(options.stage, options.state)
        with alone(target):
            run(target, plan_only=options.plan, yes=options.yes)
    except (DeployError, LayerError) as error:
        print(error, file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"The deployment stopped; the next run goes on from here. {str(error)[:_SENTENCE]}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted; the next run goes on from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
