"""Figures, kept beside being printed: `bench.all` collects what each benchmark found."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import NamedTuple

KEPT_IN = "BENCH_FIGURES"  # environment variable: a file that every figure is added to, a line of JSON each


class Figure(NamedTuple):
    """A figure and its claim.

    Attributes:
        name: What was measured; the same in every run.
        value: How much; less is better.
        unit: Of the value; empty for a ratio.
        most: What is claimed, if anything.
    """

    name: str
    value: float
    unit: str = ""
    most: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the claim holds; where nothing is claimed, it does."""
        return self.most is None or self.value <= self.most


def keep(name: str, value: float, unit: str = "", most: float | None = None) -> None:
    """Keep a figure for whoever runs several benchmarks; without one, do nothing."""
    target = os.environ.get(KEPT_IN)
    if target:
        with Path(target).open("a", encoding="utf-8") as file:
            file.write(json.dumps(Figure(name, value, unit, most)._asdict()) + "\n")


def kept(file: Path) -> list[Figure]:
    """Return what was kept in a file, in its order."""
    return [Figure(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]
