"""The scripts for Windows, read: nothing here runs PowerShell.

A Windows machine brings Windows PowerShell 5.1. Where `$ErrorActionPreference` is "Stop", it ends a script at the first
line that a program writes to a stderr that is redirected; and it leaves out empty arguments.
"""

import re

import pytest

from localstack.stack import ROOT

SCRIPTS = [*ROOT.glob("*.ps1"), *ROOT.glob("localstack/**/*.ps1")]
POLICY = re.compile(r'^( *)\$ErrorActionPreference = "(\w+)"', re.MULTILINE)
REDIRECTED = re.compile(r"[2*]>\s*\$null")


def pieces(script):
    """A script's functions, and what stands between them."""
    return re.split(r"^}", script.read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_a_program_that_complains_ends_no_script():
    """Where `py` knows no Python 3.13, or Docker is not running, there is another way."""
    silenced = [piece for script in SCRIPTS for piece in pieces(script) if REDIRECTED.search(piece)]
    assert len(silenced) > 1
    for piece in silenced:
        before = piece[: REDIRECTED.search(piece).start()]
        indent, policy = POLICY.findall(before)[-1]
        assert (policy, bool(indent)) == ("Continue", True), f"for its own function only: {piece}"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_no_program_is_given_an_empty_argument(script):
    assert not re.search(r'-\w+ (""|\'\')', script.read_text(encoding="utf-8"))


def test_make_has_the_same_targets_on_windows():
    makefile, script = ((ROOT / name).read_text(encoding="utf-8") for name in ("Makefile", "make.ps1"))
    targets = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE)) - {"help"}
    cases = re.findall(r'^    (?:"(\w+)"|\{ \$_ -in (.*?) \}) \{', script, re.MULTILINE)
    assert {name for case in cases for name in re.findall(r"\w+", " ".join(case))} == targets
    usage = re.search(r"Usage: \.\\make\.ps1 (.*)\"", script)[1]
    assert set(usage.split(" | ")) == targets
