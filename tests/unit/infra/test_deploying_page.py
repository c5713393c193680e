"""docs/deploying.md says what the programs say."""

import re

from bench import costs
from infra import environment, quotas, stacks, targets
from infra.targets import ROOT, Target
from tests.unit.infra.conftest import OPERATOR
from tests.unit.infra.test_quotas import Lambda

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


def test_the_narrowest_stage_fits_into_the_account_that_the_page_asks_for(monkeypatch, tmp_path):
    said = re.search(r"(\d+) for `FILMS_AT_ONCE=(\d+)`, `CHUNKS_AT_ONCE=(\d+)`", PAGE)
    functions, films, chunks = said.groups()
    monkeypatch.setattr(Target, "client", lambda *_: Lambda(int(functions)))
    stage = targets.load("prod", tmp_path, {**OPERATOR, "FILMS_AT_ONCE": films, "CHUNKS_AT_ONCE": chunks})
    quotas.check(stage, environment.of(stage))
