"""Figures as lines, claims as verdicts, both as JSON for whoever goes on with them (`bench/simulation.py`)."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import figures as kept


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


@dataclass
class Report:
    """What a part found out.

    Attributes:
        figures: By name; units are in the names.
        missed: Claims that do not hold.
    """

    figures: dict[str, Any] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)

    def line(self, text: str, **figures: float) -> None:
        """Print a line, and keep its figures."""
        self.figures |= figures
        print(text, flush=True)

    def claim(self, name: str, value: float, most: float, unit: str = "") -> None:
        """Print whether `value` is at most `most`, and keep it."""
        holds = value <= most
        self.figures[name] = value
        kept.keep(name, value, unit.strip(), most)
        if not holds:
            self.missed.append(name)
        print(
            f"  {name}: {value:.3f}{unit}, allowed {most:g}{unit}: {'holds' if holds else 'does NOT hold'}", flush=True
        )

    def write(self, target: Path | None) -> int:
        """Write the figures if there is a place for them; return the exit code."""
        machine = {"cores": os.cpu_count(), "machine": platform.machine(), "load": os.getloadavg()[0]}
        if target:
            target.write_text(json.dumps({"machine": machine, **self.figures}, indent=2) + "\n")
        return 1 if self.missed else 0
