"""Tests that are drills of their own: each kills something of a stack, or overtakes it, and looks what comes of it."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Final

from localstack.stack import ROOT

SUITES: Final = {
    "an encoder, the function that it works for, or the whole stack is killed (`kill -9`) at each step of a film:"
    " the film is ready in the end, once": "tests/drill/test_engine_kills.py",
    "each of the tools that make a film is killed, one after the other, as a machine short of memory does:"
    " the film comes out the same": "tests/integration/transcoding/test_killed.py",
    "a film is deleted, replaced or started again while it is encoded:"
    " the older work stops, and leaves nothing behind": "tests/integration/transcoding/test_superseded.py",
    "a deployment is killed at its worst moments: the next one finishes it, and nothing is there twice": (
        "tests/integration/deploy/test_interrupted.py"
    ),
    "the whole stack is killed: what was five seconds old is there after the next start": (
        "tests/integration/emulator/test_state.py"
    ),
}
"""What happens, and the file of its tests."""


def run(path: str) -> str:
    """Run a file of tests; return why it is no proof, with the end of what it said, else nothing."""
    command = [sys.executable, "-m", "pytest", "-q", path]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    return trouble(done.returncode, done.stdout)


def trouble(code: int, said: str) -> str:
    """Return why a run of pytest proves nothing, by its exit code and what it said; empty: all of it passed."""
    ends = set(re.findall(r"\d+ (\w+)", said.rstrip().rpartition("\n")[2])) - {"warning", "warnings"}
    if code == 0 and ends == {"passed"}:
        return ""
    why = f"exit code {code}" if code else "not every test was run"
    return f"{why}\n{said[-3000:]}"
