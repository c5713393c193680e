"""Figures of whole runs: checked in with the machine they are of, shown as a table and a plot, compared with before."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from bench.figures import Figure
from localstack.stack import ROOT

KEPT = ROOT / "bench" / "results.json"
PAGE = ROOT / "docs" / "benchmarks.md"
PLOT = ROOT / "docs" / "pictures" / "benchmarks.svg"
WORSE = 1.25  # times the figure before: less is noise on a shared machine
DRIFTED = 1.5  # times the best of all days: many small steps, none of which was worth a word, make a large one


@dataclass(frozen=True)
class Run:
    """A whole run.

    Attributes:
        day: When, e.g. `2026-11-28`.
        machine: Processor, cores, Python, and how busy the machine was at the end.
        film: What was encoded; empty if nothing was.
        figures: What was found.
    """

    day: str
    machine: dict[str, Any]
    film: str
    figures: tuple[Figure, ...]

    @classmethod
    def now(cls, film: str, found: Sequence[Figure]) -> Run:
        """Return a run that has just ended on this machine."""
        machine = {
            "processor": _processor(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "load": round(os.getloadavg()[0], 1),
        }
        day = datetime.now(UTC).date().isoformat()
        return cls(day, machine, film, tuple(figure._replace(day=day) for figure in found))


def publish(run: Run) -> list[str]:
    """Keep a run and show it; return what became worse since the one before or is gone, a sentence each."""
    before, found = _by_name(_kept()), _by_name(run)
    worse = compare(run)
    worse += [f"gone: nobody measures {name} any more" for name in before if name not in found]
    run = replace(run, figures=tuple(figure.remembering(before.get(figure.name)) for figure in run.figures))
    kept = {**asdict(run), "figures": [figure._asdict() for figure in run.figures]}
    KEPT.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    PLOT.write_text(plot(run), encoding="utf-8")
    PAGE.write_text(page(run), encoding="utf-8")
    return worse


def joined(run: Run, parts: Collection[str]) -> Run:
    """Return the run that is kept with the figures of `run`, of some parts, in the places of theirs, new ones behind.

    What those parts found then and not now is gone.

    Raises:
        ValueError: as `kept_with` says.
    """
    kept = kept_with(run)
    anew = _by_name(run)
    old = [anew.pop(one.name, one) for one in kept.figures if one.name in anew or one.part not in parts]
    return Run(run.day, run.machine, kept.film, (*old, *anew.values()))


def kept_with(run: Run) -> Run:
    """Return the run that is kept, if figures of `run` can stand beside its figures.

    Raises:
        ValueError: there is none, or it is of another machine or another film.
    """
    kept = _kept()
    if kept is None or kept.machine["processor"] != run.machine["processor"]:
        raise ValueError("There is no run of this machine to keep them with: run all parts.")
    if run.film not in ("", kept.film):
        raise ValueError(
            f"The figures that are kept are of another film, {kept.film}: give that one, or run all parts."
        )
    return kept


def _kept() -> Run | None:
    if not KEPT.exists():
        return None
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    return Run(kept["day"], kept["machine"], kept["film"], tuple(Figure(**one) for one in kept["figures"]))


def _by_name(run: Run | None) -> dict[str, Figure]:
    return {figure.name: figure for figure in run.figures} if run else {}


def compare(run: Run) -> list[str]:
    """Return what is worse in `run` than in the run that is kept, a sentence each; of another machine, ratios only.

    Of the same machine, times are compared as if it had been as fast as then, and also with the best of all days.
    """
    kept = _kept()
    if kept is None:
        return []
    same = kept.machine["processor"] == run.machine["processor"]
    before = _by_name(kept)
    pairs = [(one, before[one.name]) for one in run.figures if one.name in before and (same or not one.unit)]
    worse = [
        f"worse: {one.name} is {shown(one)} and was {shown(then)}{_at_pace(one, then)}"
        for one, then in pairs
        if _is_worse(one, then)
    ]
    return worse + [
        f"drifted: {one.name} is {shown(one)}, {times:.2f} times the best that was ever found"
        for one, then in pairs
        if not _is_worse(one, then) and (times := _drift(one, then)) > DRIFTED
    ]


def _is_worse(figure: Figure, before: Figure) -> bool:
    """Say what is worse beyond noise; a figure below zero (better than its floor) gets worse upwards, too."""
    then = _now(before, figure).value
    return figure.value > then + abs(then) * (WORSE - 1)


def _now(before: Figure, figure: Figure) -> Figure:
    """Return an earlier figure as it would have been at the machine's pace of a later one."""
    return before._replace(value=before.value * figure.pace(before))


def _at_pace(figure: Figure, before: Figure) -> str:
    """Say what the figure before is at the pace of now, as the end of a sentence; empty where that is the same."""
    return "" if figure.pace(before) == 1 else f", which is {shown(_now(before, figure))} at the pace of now"


def _drift(figure: Figure, before: Figure) -> float:
    """Return how many times the best of all days it is; 0 where that is not known, or below zero."""
    if not figure.paced or not before.best or before.best < 0:
        return 0.0
    return figure.paced / before.best


def shown(figure: Figure) -> str:
    """Return a figure as people read it."""
    return f"{figure.value:.3g} {figure.unit}".rstrip() if figure.value < 1000 else f"{figure.value:,.0f} {figure.unit}"


def page(run: Run) -> str:
    """Return the page that shows a run."""
    machine = run.machine
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`; [bench/README.md](../bench/README.md) says what each figure is measured against.",
        f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}; film: {run.film}.",
        f"Ratios travel between machines, milliseconds and seconds are this one's{_speed(run)}.",
        "",
        "![each figure as a part of what is claimed](pictures/benchmarks.svg)",
        "",
        "| figure | measured | claimed at most | | on |",
        "| --- | --- | --- | --- | --- |",
    ]
    for figure in run.figures:
        most = "" if figure.most is None else f"{figure.most:g} {figure.unit}".strip()
        verdict = "" if figure.most is None else "holds" if figure.holds else "**does not hold**"
        lines.append(f"| {figure.name} | {shown(figure)} | {most} | {verdict} | {figure.day} |")
    return "\n".join(lines) + "\n"


def _speed(run: Run) -> str:
    """Return between which figures of the yardstick a run was, as the end of a sentence."""
    seen = [figure.yardstick for figure in run.figures if figure.yardstick]
    if not seen:
        return ""
    of = "" if len(seen) == len(run.figures) else f" beside {len(seen)} of {len(run.figures)} figures"
    return f", on which the yardstick (`bench/yardstick.py`) took {min(seen):.0f} to {max(seen):.0f} ms{of}"


def plot(run: Run) -> str:
    """Return an SVG: a bar for each claim, as long as the part of it that was measured; the line is the claim."""
    claims = [figure for figure in run.figures if figure.most]
    row, left, width = 22, 420, 400
    height = row * (len(claims) + 2)
    full = left + width * 0.8  # where a figure is exactly what is claimed
    bars = []
    for number, figure in enumerate(claims):
        top = row * (number + 1)
        part = min(figure.value / (figure.most or 1), 1.25)
        colour = "#2a7d4f" if figure.holds else "#b3261e"
        bars.append(
            f'<text x="{left - 10}" y="{top + 14}" text-anchor="end">{escape(figure.name)}</text>'
            f'<rect x="{left}" y="{top + 3}" width="{max(1.0, width * 0.8 * part):.1f}" height="14" fill="{colour}"/>'
            f'<text x="{left + width + 10}" y="{top + 14}">{escape(shown(figure))}</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 120} {height}"'
        ' font-family="system-ui, sans-serif" font-size="12">'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(bars)}'
        f'<line x1="{full}" y1="{row * 0.7}" x2="{full}" y2="{height - row}" stroke="#444" stroke-dasharray="3 3"/>'
        f'<text x="{full}" y="{height - 6}" text-anchor="middle">claimed at most</text></svg>\n'
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
