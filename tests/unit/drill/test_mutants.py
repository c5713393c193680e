"""`make mutants` runs tests in a copy of the repository: what they read has to be there."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]
MUTMUT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]


def _tests() -> list[Path]:
    chosen = [ROOT / path for path in MUTMUT["pytest_add_cli_args_test_selection"]]
    return [file for path in chosen for file in (path.rglob("*.py") if path.is_dir() else [path])]


def test_whatever_the_chosen_tests_read_is_copied() -> None:
    """It ended before the first change since a test of keys read the Chalice configuration."""
    read = {name for file in _tests() for name in re.findall(r'ROOT / f?"([^"/{]+)', file.read_text(encoding="utf-8"))}
    assert ".chalice" in read
    assert read - {*MUTMUT["also_copy"], *MUTMUT["source_paths"], "tests"} == set()
