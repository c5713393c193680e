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
        part: The benchmark that found it.
        day: When, e.g. `2026-11-30`.
        best: The least that was ever found, by the machine's pace at that time; None: nobody knows.
    """

    name: str
    value: float
    unit: str = ""
    most: float | None = None
    yardstick: float | None = None
    part: str = ""
    day: str = ""
    best: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the claim holds; where nothing is claimed, it does."""
        return self.most is None or self.value <= self.most

    def pace(self, before: Figure) -> float:
        """Return how many times as long as at an earlier figure the machine took for the same; 1 where nobody knows."""
        if self.unit not in _TIMES or not self.yardstick or not before.yardstick:
            return 1.0
        return self.yardstick / before.yardstick

    @property
    def paced(self) -> float | None:
        """The value by the machine's pace, comparable with that of any other day; None: that is not known."""
        if self.unit not in _TIMES:
            return self.value
        return self.value / self.yardstick if self.yardstick else None

    def remembering(self, before: Figure | None) -> Figure:
        """Return it with the best of all days so far, this one included."""
        known = [paced for paced in (self.paced, before.best if before else None) if paced is not None]
        return self._replace(best=min(known, default=None))


def keep(name: str, value: float, unit: str = "", most: float | None = None) -> None:
    """Keep a figure for whoever runs several benchmarks; without one, do nothing."""
    target = os.environ.get(KEPT_IN)
    if target:
        with Path(target).open("a", encoding="utf-8") as file:
            file.write(json.dumps(Figure(name, value, unit, most)._asdict()) + "\n")


def kept(file: Path) -> list[Figure]:
    """Return what was kept in a file, in its order."""
    return [Figure(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]
