"""Say how the stack is: `python -m localstack.status`. Exit code 1 when it does not run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter

from localstack import process
from localstack.progress import fail
from localstack.stack import ROOT, Stack, StackError, load

_TIMEOUT = 5.0


def main() -> int:
    """Print addresses, health and films; return the exit code."""
    try:
        stack = load()
    except StackError as error:
        return fail(str(error))
    if not process.is_ready(stack):
        print(f"The stack of {stack.state} is down. Start it with: make up")
        return 1
    record = stack.record()
    minutes = (time.time() - float(str(record["started"]))) / 60
    rows = [
        ("Stack", f"up for {minutes:.0f} min, process {record['pid']}, state in {stack.state}"),
        ("API", f"{stack.api_url}/api/   {_health(stack)}"),
        ("AWS", stack.aws_url),
        ("Web", stack.web_url or "off"),
        ("Films", _films(stack)),
        ("Logs", str(stack.log_folder)),
    ]
    print("\n".join(f"{name:<6} {value}" for name, value in rows))
    return 0


def _health(stack: Stack) -> str:
    """Return what `/readyz/` says, in a few words."""
    try:
        with urllib.request.urlopen(f"{stack.api_url}/readyz/", timeout=_TIMEOUT) as answer:  # noqa: S310 - loopback
            return "ready" if answer.status == 200 else f"answers {answer.status}"  # noqa: PLR2004
    except urllib.error.HTTPError as error:
        return f"not ready: {error.read(500).decode(errors='replace')}"
    except OSError as error:
        return f"does not answer ({error})"


def _films(stack: Stack) -> str:
    """Count the films by state, through the operator's door."""
    if not stack.environment_file.exists():
        return "nothing is deployed"
    command = [sys.executable, "manage.py", "check_videos", "--json"]
    environment = os.environ | stack.client_environment()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    try:
        states = Counter(film["state"] for film in json.loads(done.stdout))
    except ValueError:
        return f"could not be counted: {done.stderr.strip()[-200:]}"
    return ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "none"


if __name__ == "__main__":
    sys.exit(main())
