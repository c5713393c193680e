"""docs/deploying.md says what the programs say."""

import re

from bench import costs
from infra import stacks
from infra.targets import ROOT

PAGE = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")


def test_the_costs_are_those_that_the_command_prints(capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["costs"])
    costs.main()
    assert capsys.readouterr().out.strip() in PAGE


def test_every_stack_is_told_of_with_what_becomes_of_it():
    rows = set(re.findall(r"^\| `(?:videoflix-<stage>)?-(\w+)` \|", PAGE, re.MULTILINE))
    assert rows == set(stacks.PARTS)


def test_every_command_of_make_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)", PAGE)) <= targets
