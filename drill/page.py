"""What drills found, as docs/reliability.md shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from drill import rights
from drill.faults import FAULTS, LIMITS, Call
from drill.parts import MATRICES, PARTS
from drill.results import MARKS, Outcome, Results
from drill.suites import SUITES
from localstack.stack import ROOT

PAGE = ROOT / "docs" / "reliability.md"

_BEGIN = """\
# Reliability

What becomes of films, accounts and mails when AWS, a disk, a process or a person fails at a bad moment. `make drill`
starts a whole embedded stack, makes each failure below happen, and waits until everything has come to rest. Then it
checks that

- every film is ready, or failed if its file is no film; none is stuck, no place for encoding is taken for nothing, no
  execution runs on;
- every segment of every ready film is stored, nothing is stored that belongs to no film, and lists and search say of
  each film what its record says;
- each owner was told that a film is ready or has failed, and not what is not so; no mail came twice, none waits;
- each e-mail address belongs to one account;
- no message lies in a dead-letter queue.

All of it runs on the emulator; no fault of a real AWS account has been met yet.

{total}
Each part says when it was run last, and on which commit; `make drill` runs all of them, and
`.venv/bin/python -m drill PART` one.{missing}

✓ all in order; ✗ something was not, and the last section says what; "limit": what was out of order cannot be avoided,
for the reason that is given; - the call was not made in that run, so that nothing could happen to it: that is not in
order either.

## Calls of AWS (parts {matrices})

Between the functions ([operating.md](operating.md) says what each does) and the emulated AWS stands a proxy
(microburst) that injects one fault into one call of one function. A row is such a call, as the functions were seen to
make it on the way that heads the table, while all was well; a column is a fault. Of several calls of the same kind, the
first meets it, and in an outage those that follow as well. Who is told that something went wrong clicks again, as
people do.
"""


def write(results: Results) -> None:
    """Write the page."""
    PAGE.write_text(text(results), encoding="utf-8")


def text(results: Results) -> str:
    """Return the page."""
    parts = ", ".join(f"`{part}`" for part in MATRICES)
    lines = [_BEGIN.format(total=_total(results), matrices=parts, missing=_missing(results))]
    lines += [f"- **{fault.name}**: {fault.meaning}." for fault in FAULTS]
    for part, title in MATRICES.items():
        if part in results.matrices:
            lines += ["", f"### {title[0].upper()}{title[1:]} (part `{part}`)", "", _run(results, part), ""]
            lines += _table(results.matrices[part])
    lines += _unused(results)
    if results.events:
        lines += ["", "## Events, mails, deployers and clocks (part `events`)", "", _run(results, "events"), ""]
        lines += _list(results.events)
    if results.disks:
        lines += ["", "## A full disk (part `disk`)", "", _run(results, "disk"), ""]
        lines += ["Small file systems in memory are filled to the last byte, and have room again later. (Linux only.)"]
        lines += ["Where the stack's own disk was full, it is also restarted, and nothing may be lost or changed.", ""]
        lines += _list(results.disks)
    if results.suites:
        lines += ["", "## Kills and deployments (part `suites`)", "", _run(results, "suites"), ""]
        lines += ["Tests that are drills of their own; `.venv/bin/pytest FILE` runs one.", ""]
        lines += ["| what happens, and what has to come of it | file | in order |", "| --- | --- | --- |"]
        lines += [f"| {what} | `{SUITES[what]}` | {MARKS[ok]} |" for what, ok in results.suites.items()]
    if wrong := results.wrong():
        lines += ["", "## Out of order", "", *(f"- {each}" for each in wrong)]
    return "\n".join(lines) + "\n"


def _run(results: Results, part: str) -> str:
    return f"Run: {results.ran[part]}."


def _missing(results: Results) -> str:
    never = [f"`{part}`" for part in PARTS if part not in results.ran]
    return f" Not run yet: {', '.join(never)}." if never else ""


def _total(results: Results) -> str:
    cells = Counter(
        outcome.mark for table in results.matrices.values() for row in table.values() for outcome in row.values()
    )
    faults = sum(cells.values()) - cells["-"]
    others = len(results.events) + len(results.disks) + len(results.suites)
    return (
        f"{faults} faults in calls of AWS and {others} other drills: {len(results.wrong())} out of order,"
        f" {cells['limit']} at a known limit."
    )


def _unused(results: Results) -> Sequence[str]:
    left = list(rights.unused(call for matrix in results.matrices.values() for call in matrix))
    if not left:
        return []
    said = "Rights that a function has (infra/access.yaml), and that no call on any of these ways asked for:"
    return ["", said, "", *(f"- {function}: {', '.join(names)}" for function, names in left)]


def _list(found: Mapping[str, tuple[str, ...]]) -> Sequence[str]:
    return [
        "| what happens | in order |",
        "| --- | --- |",
        *(f"| {name} | {MARKS[not wrong]} |" for name, wrong in found.items()),
    ]


def _table(matrix: Mapping[Call, Mapping[str, Outcome]]) -> Sequence[str]:
    names = [fault.name for fault in FAULTS]
    rows = [f"| call | {' | '.join(names)} |", f"| --- |{' --- |' * len(names)}"]
    rows += [f"| {call} | {' | '.join(row[name].mark for name in names)} |" for call, row in matrix.items()]
    limits = [
        f"- limit: {call}, {fault}: {'; '.join(outcome.excused)}. {LIMITS[call, fault].reason}."
        for call, row in matrix.items()
        for fault, outcome in row.items()
        if outcome.excused
    ]
    return [*rows, "", *limits] if limits else rows
