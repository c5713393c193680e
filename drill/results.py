"""What drills found: kept in drill/results.json, part by part."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from drill.faults import Call
from drill.suites import SUITES
from localstack.stack import ROOT

KEPT = ROOT / "drill" / "results.json"
MARKS = {True: "✓", False: "✗"}


class Outcome(NamedTuple):
    """What came of a fault.

    Attributes:
        reached: Whether the call was made at all, so that the fault could happen.
        wrong: What was out of order afterwards, a sentence each.
        limit: Why that cannot be otherwise, if it cannot.
    """

    reached: bool
    wrong: tuple[str, ...]
    limit: str = ""

    @property
    def mark(self) -> str:
        """A sign for the matrix."""
        if not self.reached:
            return "-"
        return "limit" if self.wrong and self.limit else MARKS[not self.wrong]


@dataclass
class Results:
    """All that was found so far, in the order in which it was."""

    matrices: dict[str, dict[Call, dict[str, Outcome]]] = field(default_factory=dict)
    events: dict[str, tuple[str, ...]] = field(default_factory=dict)
    disks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    suites: dict[str, bool] = field(default_factory=dict)
    day: str = field(default_factory=lambda: datetime.now(UTC).date().isoformat())

    def joined(self, before: Results) -> Results:
        """Return these results with those of an earlier run in the places of parts that were not run now."""
        return Results(
            before.matrices | self.matrices,
            self.events or before.events,
            self.disks or before.disks,
            self.suites or before.suites,
            self.day,
        )

    def wrong(self) -> list[str]:
        """Return everything that is out of order, a sentence each."""
        cells = [
            f"{call}, {fault}: {'; '.join(outcome.wrong)}"
            for matrix in self.matrices.values()
            for call, row in matrix.items()
            for fault, outcome in row.items()
            if outcome.wrong and not outcome.limit
        ]
        drills = [f"{name}: {'; '.join(wrong)}" for name, wrong in (self.events | self.disks).items() if wrong]
        return cells + drills + [f"{name}: failed" for name, passed in self.suites.items() if not passed]


def keep(found: Results) -> Results:
    """Keep results beside those of other parts; return all."""
    whole = found.joined(_kept())
    matrices = {
        name: [[*call, {fault: list(outcome) for fault, outcome in row.items()}] for call, row in matrix.items()]
        for name, matrix in whole.matrices.items()
    }
    rest = {"events": whole.events, "disks": whole.disks, "suites": whole.suites}
    kept = {"day": whole.day, "matrices": matrices, **rest}
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return whole


def _kept() -> Results:
    if not KEPT.exists():
        return Results()
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    matrices = {
        name: {
            Call(*call): {
                fault: Outcome(reached, tuple(wrong), limit) for fault, (reached, wrong, limit) in row.items()
            }
            for *call, row in matrix
        }
        for name, matrix in kept["matrices"].items()
    }
    events, disks = ({name: tuple(wrong) for name, wrong in kept.get(part, {}).items()} for part in ("events", "disks"))
    suites = {what: passed for what, passed in kept["suites"].items() if what in SUITES}
    return Results(matrices, events, disks, suites, kept["day"])
