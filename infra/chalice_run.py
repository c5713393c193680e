"""Chalice's own commands, run on the staged project."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from typing import Any

from infra import quotas
from infra.targets import EMBEDDED_STAGE, ROOT, DeployError, Target

CACHE = ROOT / ".chalice" / "deployments"  # where plain chalice keeps built packages too; git ignores it
_TAIL = 15  # lines that are shown when it fails
_WORTH_TELLING = ("Creating", "Updating", "Subscribing", "Configuring", "Deleting")


def deploy(target: Target, tell: Callable[[str], None], gateway_errors: dict[str, Any]) -> None:
    """Run `chalice deploy` for the stage.

    Args:
        target: The stage.
        tell: Gets what is worth telling of what Chalice says.
        gateway_errors: What the definition of the API is to hold besides; empty for nothing.

    Raises:
        DeployError: it failed; the message ends with what it said last.
    """
    run(target, "deploy", tell, *(["--gateway-errors", json.dumps(gateway_errors)] if gateway_errors else []))


def delete(target: Target, tell: Callable[[str], None]) -> None:
    """Run `chalice delete` for the stage.

    Raises:
        DeployError: it failed; the message ends with what it said last.
    """
    run(target, "delete", tell)


def run(target: Target, command_name: str, tell: Callable[[str], None], *options: str) -> None:
    """Run a command of Chalice's; `options` are those of chalice_cli.py.

    Raises:
        DeployError: it failed; the message ends with what it said last.
    """
    # fmt: off
    command = [
        sys.executable, "-P",  # this repository stays off the path: the staged copy is what counts
        str(ROOT / "infra" / "chalice_cli.py"), "--cache", str(CACHE),
        *(["--native"] if target.stage == EMBEDDED_STAGE and sys.platform != "linux" else []), *options,
        "--project-dir", str(target.project), command_name, "--stage", target.stage,
    ]
    # fmt: on
    unbuffered = {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command,
        env=target.child_environment() | unbuffered,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        tail = _follow(process, tell)
    if process.returncode != 0:
        said = "\n".join(tail)
        hint = quotas.memory(target) if "MemorySize" in said else ""
        raise DeployError(f"chalice {command_name} failed:\n{said}\n{hint}".rstrip())


def _follow(process: subprocess.Popen[str], tell: Callable[[str], None]) -> deque[str]:
    tail: deque[str] = deque(maxlen=_TAIL)
    reported = False  # its closing report names an address that is AWS's only
    for line in process.stdout or ():
        tail.append(line.rstrip())
        reported = reported or line.startswith("Resources deployed")
        if line.startswith(_WORTH_TELLING) and not reported:
            tell(f"  {line.rstrip()}")
    return tail
