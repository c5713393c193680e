"""What drills found: kept in drill/results.json, part by part."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from drill.faults import LIMITS, Call
from drill.parts import MATRICES
from drill.suites import SUITES
from localstack.stack import ROOT

KEPT = ROOT / "drill" / "results.json"
MARKS = {True: "✓", False: "✗"}
NOT_REACHED = "the call was not made, so that nothing could happen to it"


class Outcome(NamedTuple):
    """What came of a fault.

    Attributes:
        reached: Whether the call was made at all, so that the fault could happen.
        wrong: What was out of order afterwards, a sentence each.
        excused: What was as well, but cannot be otherwise.
    """

    reached: bool
    wrong: tuple[str, ...]
    excused: tuple[str, ...] = ()

    @classmethod
    def of(cls, call: Call, fault: str, wrong: Iterable[str], *, reached: bool) -> Outcome:
        """Return what came of a fault in a call; a limit excuses what it is about, and nothing else."""
        wrong, limit = tuple(wrong), LIMITS.get((call, fault))
        excused = tuple(each for each in wrong if limit and re.fullmatch(limit.excused, each))
        return cls(reached, tuple(each for each in wrong if each not in excused), excused)

    @property
    def mark(self) -> str:
        """A sign for the matrix."""
        if not self.reached and not self.wrong:
            return "-"
        return "limit" if self.excused and not self.wrong else MARKS[not self.wrong]

    def trouble(self) -> list[str]:
        """Return why it does not count as in order, a sentence each."""
        return [*([] if self.reached else [NOT_REACHED]), *self.wrong]


Matrix = dict[Call, dict[str, Outcome]]


@dataclass
class Results:
    """All that was found so far.

    Attributes:
        matrices: What came of faults in calls of AWS, by part.
        events: What was wrong after each drill of this part.
        disks: The same of the part `disk`.
        suites: Whether each file of tests passed.
        ran: When each part was run, and on which commit.
    """

    matrices: dict[str, Matrix] = field(default_factory=dict)
    events: dict[str, tuple[str, ...]] = field(default_factory=dict)
    disks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    suites: dict[str, bool] = field(default_factory=dict)
    ran: dict[str, str] = field(default_factory=dict)

    def joined(self, before: Results) -> Results:
        """Return these results with those of an earlier run in the places of parts that were not run now."""
        return Results(
            before.matrices | self.matrices,
            self.events or before.events,
            self.disks or before.disks,
            self.suites or before.suites,
            before.ran | self.ran,
        )

    def wrong(self) -> list[str]:
        """Return everything that is out of order, a sentence each."""
        empty = [f"{MATRICES[part]}: no call of AWS was seen" for part, matrix in self.matrices.items() if not matrix]
        cells = [
            f"{call}, {fault}: {'; '.join(trouble)}"
            for matrix in self.matrices.values()
            for call, row in matrix.items()
            for fault, outcome in row.items()
            if (trouble := outcome.trouble())
        ]
        drills = [f"{name}: {'; '.join(wrong)}" for name, wrong in (self.events | self.disks).items() if wrong]
        suites = [f"{name}: failed" for name, passed in self.suites.items() if not passed]
        return [*empty, *cells, *drills, *suites]


def today() -> str:
    """Return the day (UTC) and, in a checkout, the commit; `-dirty` behind it says that files were changed since."""
    day = datetime.now(UTC).date().isoformat()
    git = shutil.which("git")
    if not git:
        return day
    command = [git, "describe", "--always", "--dirty", "--exclude=*"]
    said = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True).stdout.strip()
    return f"{day}, commit {said}" if said else day


def keep(found: Results) -> Results:
    """Keep results beside those of other parts; return all."""
    whole = found.joined(kept())
    matrices = {
        part: [
            [*call, {fault: [outcome.reached, [*outcome.wrong, *outcome.excused]] for fault, outcome in row.items()}]
            for call, row in matrix.items()
        ]
        for part, matrix in whole.matrices.items()
    }
    rest = {"events": whole.events, "disks": whole.disks, "suites": whole.suites}
    everything = {"ran": whole.ran, "matrices": matrices, **rest}
    KEPT.write_text(json.dumps(everything, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return whole


def kept() -> Results:
    """Return what earlier runs found, but for ways and tests that there are no more."""
    if not KEPT.exists():
        return Results()
    found = json.loads(KEPT.read_text(encoding="utf-8"))
    matrices = {
        part: {
            Call(*call): {
                fault: Outcome.of(Call(*call), fault, wrong, reached=reached) for fault, (reached, wrong) in row.items()
            }
            for *call, row in matrix
        }
        for part, matrix in found["matrices"].items()
        if part in MATRICES
    }
    events, disks = (
        {name: tuple(wrong) for name, wrong in found.get(part, {}).items()} for part in ("events", "disks")
    )
    suites = {what: passed for what, passed in found["suites"].items() if what in SUITES}
    return Results(matrices, events, disks, suites, found["ran"])
