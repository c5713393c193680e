"""What drills found: kept in drill/results.json, part by part, and shown as docs/reliability.md."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from drill.faults import FAULTS, Call
from localstack.stack import ROOT

KEPT = ROOT / "drill" / "results.json"
PAGE = ROOT / "docs" / "reliability.md"
_MARKS = {True: "✓", False: "✗"}


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
        return "limit" if self.wrong and self.limit else _MARKS[not self.wrong]


@dataclass
class Results:
    """All that was found so far, in the order in which it was."""

    matrices: dict[str, dict[Call, dict[str, Outcome]]] = field(default_factory=dict)
    events: dict[str, tuple[str, ...]] = field(default_factory=dict)
    suites: dict[str, bool] = field(default_factory=dict)
    day: str = field(default_factory=lambda: datetime.now(UTC).date().isoformat())

    def joined(self, before: Results) -> Results:
        """Return these results with those of an earlier run in the places of parts that were not run now."""
        return Results(
            before.matrices | self.matrices, before.events | self.events, before.suites | self.suites, self.day
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
        events = [f"{name}: {'; '.join(wrong)}" for name, wrong in self.events.items() if wrong]
        return cells + events + [f"{name}: failed" for name, passed in self.suites.items() if not passed]


def publish(found: Results) -> None:
    """Keep results beside those of other parts, and show all."""
    whole = found.joined(_kept())
    matrices = {
        name: [[*call, {fault: list(outcome) for fault, outcome in row.items()}] for call, row in matrix.items()]
        for name, matrix in whole.matrices.items()
    }
    kept = {"day": whole.day, "matrices": matrices, "events": whole.events, "suites": whole.suites}
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(whole), encoding="utf-8")


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
    events = {name: tuple(wrong) for name, wrong in kept["events"].items()}
    return Results(matrices, events, kept["suites"], kept["day"])


def page(results: Results) -> str:
    """Return the page."""
    lines = [
        "# Reliability",
        "",
        "Written by `make drill`, which does to a whole embedded stack what follows, and looks after each whether",
        "everything is in order: no film is pending, no place for encoding taken, no execution runs; every segment of",
        "every ready film is there and no object belongs to nobody; the lists say what the records say; every address",
        f"belongs to one person; no mail came twice, none waits, no letter is dead. Last run: {results.day}.",
        "",
        "## Each call of AWS, each fault",
        "Faults are injected by microburst, a proxy between the functions and AWS. The calls are those that the",
        "functions were seen to make. The first of a function's calls of an operation meets the fault, an outage also",
        "those that follow. ✓: the journey went on to its end and all was in order; -: the call was not made now;",
        "limit: it cannot be better, for the reason that stands below; ✗: see the end.",
        "",
        *(f"- **{fault.name}**: {fault.meaning}." for fault in FAULTS),
    ]
    for name, matrix in results.matrices.items():
        lines += ["", f"### {name[0].upper()}{name[1:]}", "", *_table(matrix)]
    lines += ["", "## Events, mails, deployers, clocks", "", "| what happens | |", "| --- | --- |"]
    lines += [f"| {name} | {_MARKS[not wrong]} |" for name, wrong in results.events.items()]
    if results.suites:
        lines += ["", "## Kills and deployments", ""]
        lines += ["Tests that are drills of their own; `make drill` runs them, too.", ""]
        lines += ["| what happens | |", "| --- | --- |"]
        lines += [f"| {name} | {_MARKS[passed]} |" for name, passed in results.suites.items()]
    if wrong := results.wrong():
        lines += ["", "## Out of order", "", *(f"- {each}" for each in wrong)]
    return "\n".join(lines) + "\n"


def _table(matrix: Mapping[Call, Mapping[str, Outcome]]) -> Sequence[str]:
    names = [fault.name for fault in FAULTS]
    rows = [f"| call | {' | '.join(names)} |", f"| --- |{' --- |' * len(names)}"]
    rows += [f"| {call} | {' | '.join(row[name].mark for name in names)} |" for call, row in matrix.items()]
    limits = [
        f"- limit: {call}, {fault}: {'; '.join(outcome.wrong)}. {outcome.limit}."
        for call, row in matrix.items()
        for fault, outcome in row.items()
        if outcome.wrong and outcome.limit
    ]
    return [*rows, "", *limits] if limits else rows
