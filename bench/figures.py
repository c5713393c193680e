"""Figures, kept beside being printed: `python -m bench` collects what each benchmark found."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import NamedTuple

KEPT_IN = "BENCH_FIGURES"  # environment variable: a file that every figure is added to, a line of JSON each

_TIMES = ("ms", "s")


class Figure(NamedTuple):
    """A figure and its claim.

    Attributes:
        name: What was measured; the same in every run.
        value: How much; less is better.
        unit: Of the value; empty for a ratio.
        most: What is claimed, if anything.
        yardstick: Milliseconds that the yardstick took meanwhile; None: nobody looked.
    """

    name: str
    value: float
    unit: str = ""
    most: float | None = None
    yardstick: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the claim holds; where nothing is claimed, it does."""
        return self.most is None or self.value <= self.most

    def pace(self, before: Figure) -> float:
        """Return how many times as long as at an earlier figure the machine took for the same; 1 where nobody knows."""
        if self.unit not in _TIMES or not self.yardstick or not before.yardstick:
            return 1.0
        return self.yardstick / before.yardstick


def keep(name: str, value: float, unit: str = "", most: float | None = None) -> None:
    """Keep a figure for whoever runs several benchmarks; without one, do nothing."""
    target = os.environ.get(KEPT_IN)
    if target:
        with Path(target).open("a", encoding="utf-8") as file:
            file.write(json.dumps(Figure(name, value, unit, most)._asdict()) + "\n")


def kept(file: Path) -> list[Figure]:
    """Return what was kept in a file, in its order."""
    return [Figure(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]
