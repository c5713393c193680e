"""Run all linters over all templates: `python -m infra.lint`. Exit code 1 if one has something new to say."""

from __future__ import annotations

import sys

from infra.lint import findings
from infra.lint.explained import EXPLAINED
from infra.targets import ROOT


def main() -> int:
    """Print what is not explained; return the exit code."""
    found = list(findings.of(*sorted((ROOT / "infra").glob("*.yaml"))))
    fresh = [one for one in found if (one.rule, one.where) not in EXPLAINED]
    stale = EXPLAINED.keys() - {(one.rule, one.where) for one in found}
    for one in fresh:
        print(f"infra/{one.where}: {one.rule}: {one.text}")
    for rule, where in sorted(stale):
        print(f"infra/{where}: {rule} is explained in infra/lint/explained.py, and nothing finds it any more")
    return 1 if fresh or stale else 0


if __name__ == "__main__":
    sys.exit(main())
