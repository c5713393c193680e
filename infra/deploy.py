"""Deploy a stage: `python -m infra.deploy --stage local|localstack|prod [--plan] [--yes] [--state DIR]`.

Plans, prints the plan, then acts. The same steps for every stage, only the endpoint differs. Each step looks first
and changes what differs, so an interrupted run is finished by the next one.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from infra import command
from infra.command import tell
from infra.deployment import Deployment
from infra.targets import DeployError, Target


def deploy(target: Target, *, plan_only: bool, yes: bool, rotate_media_key: bool = False) -> None:
    """Plan, print, act.

    Raises:
        DeployError: as its sentence says.
    """
    deployment = Deployment(target, tell, rotate_media_key=rotate_media_key)
    plan = deployment.plan()
    if plan.unchanged:
        tell(f"Nothing changed. The stage {target.stage} is at {deployment.restore(plan)}/api/")
        deployment.tell_dns()
        return
    deployment.show(plan)
    if plan_only:
        return
    if not (yes or target.emulated or command.ask("Do this?")):
        raise DeployError("Nothing was done.")
    tell(f"Done. The stage {target.stage} is at {deployment.act(plan)}/api/")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m infra.deploy", description="Deploy a stage.")
    parser.add_argument("--stage", required=True, help="local, localstack, prod or another name")
    parser.add_argument("--plan", action="store_true", help="print what would be done, and do nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask before changing a stage on AWS")
    parser.add_argument("--rotate-media-key", action="store_true", help="sign media addresses with a new key")
    parser.add_argument("--state", type=Path, help="folder for what is kept on this machine (default: VIDEOFLIX_STATE)")
    options = parser.parse_args(arguments)

    def work(target: Target) -> None:
        deploy(target, plan_only=options.plan, yes=options.yes, rotate_media_key=options.rotate_media_key)

    return command.run(options.stage, options.state, work)


if __name__ == "__main__":
    sys.exit(main())
