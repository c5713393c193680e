"""All benchmarks, one after the other, each alone on the machine: `make bench`, or `python -m bench [PART ...]`.

Nothing else should run meanwhile. Starts a stack of its own (other ports, a temporary
folder) for what needs one. The figures of a whole run go to `bench/results.json` with the machine they are of, and as
a table and a plot into docs/benchmarks.md; they are compared with the run that was there before. Exits with 1 when a
claim does not hold, something became worse or is not measured any more, or a part did not run to its end. The figures
of such a part are not kept: those of its last run stay, with their day.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench import figures, results, stack, yardstick
from layers.ffmpeg.build import host_target
from localstack import demo_film
from localstack.stack import ROOT

_FILM = "FILM"  # stands for the film in the commands below
PARTS: Mapping[str, tuple[str, ...]] = {
    "cold_start": ("bench.cold_start",),
    "accounts": ("bench.accounts",),
    "catalogue": ("bench.catalogue",),
    "routes": ("bench.routes",),
    "signing": ("bench.signing",),
    "cpu": ("bench.transcode", "cpu", _FILM),
    "copied": ("bench.transcode", "copied", _FILM),
    "quality": ("bench.transcode", "quality", _FILM),
    "stack": ("bench.stack",),
    "pipeline": ("bench.transcode", "pipeline", _FILM),
    "page": ("bench.page",),
    "gateway": ("bench.gateway",),
    "uploads": ("bench.uploads",),
    "load": ("bench.load",),
}
ON_A_STACK = ("pipeline", "page", "gateway")
_BROKEN = "did not run to its end, or misses a claim that no figure shows: its figures are not kept"


def main() -> int:
    """Run, write, compare; return 1 if a claim does not hold or something became worse."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all without one")
    parser.add_argument("--keep", action="store_true", help="keep what some parts found beside the last run's others")
    parser.add_argument("--film", type=Path, help="a film of some ten seconds; the demo film without one")
    chosen = parser.parse_args()
    unknown = [part for part in chosen.parts if part not in PARTS]
    if unknown:
        parser.error(f"there is no part {unknown[0]}: choose from {', '.join(PARTS)}")
    if chosen.film and not chosen.film.is_file():
        parser.error(f"{chosen.film} is no file")
    parts = chosen.parts or list(PARTS)
    film_name = _name_of_film(parts, chosen.film)
    if chosen.keep and chosen.parts:
        try:
            results.kept_with(results.Run.now(film_name, []))
        except ValueError as error:
            parser.error(str(error))
    with tempfile.TemporaryDirectory(prefix="videoflix-bench-") as name:
        folder = Path(name)
        film = chosen.film.resolve() if chosen.film else _demo(folder)
        session = _Session(film, folder)
        session.run(parts)
    whole = [part for part in parts if part not in session.broken]
    run = results.Run.now(film_name, session.found)
    if chosen.parts and not chosen.keep:
        worse = results.compare(run)
    else:
        worse = results.publish(_beside_what_is_kept(run, whole))
    for line in [*worse, *(f"{part} {_BROKEN}" for part in session.broken)]:
        print(line)
    return 1 if worse or session.broken or not all(figure.holds for figure in session.found) else 0


def _beside_what_is_kept(run: results.Run, parts: Sequence[str]) -> results.Run:
    """Return a run of some parts with the kept figures of the others, if there are such."""
    if len(parts) == len(PARTS):
        return run
    with contextlib.suppress(ValueError):
        return results.joined(run, parts)
    return run


def _name_of_film(parts: Sequence[str], film: Path | None) -> str:
    """Return what results call the film; nothing where no part encodes it."""
    if not any(_FILM in PARTS[part] for part in parts):
        return ""
    return film.name if film else "the demo film"


def _demo(folder: Path) -> Path:
    film = folder / "demo.mp4"
    demo_film.draw(film, ffmpeg=host_target().ffmpeg)
    return film


@dataclass
class _Session:
    """Benchmarks of one run.

    Attributes:
        film: What they encode.
        folder: Where they may write.
        found: Figures, in the order of the parts.
        broken: Parts whose exit code says that something is wrong, though all that they found is right.
    """

    film: Path
    folder: Path
    found: list[figures.Figure] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def run(self, parts: Sequence[str]) -> None:
        """Run some parts, those last that share a stack."""
        for part in parts:
            if part not in ON_A_STACK:
                self._measure(part, dict(os.environ))
        together = [part for part in parts if part in ON_A_STACK]
        if together:
            with stack.own(self.folder / "state") as environment:
                for part in together:
                    self._measure(part, environment)

    def _measure(self, part: str, environment: Mapping[str, str]) -> None:
        kept = self.folder / f"{part}.jsonl"
        module, *arguments = [str(self.film) if word == _FILM else word for word in PARTS[part]]
        print(f"\n== {part} ==", flush=True)
        began, before = time.monotonic(), yardstick.milliseconds()
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env={**environment, figures.KEPT_IN: str(kept)},
            check=False,  # 1 says that a claim does not hold, and the figures say which
        )
        found = figures.kept(kept) if kept.exists() else []
        print(f"({time.monotonic() - began:.0f} s)", flush=True)
        if not found or (done.returncode and all(figure.holds for figure in found)):
            self.broken.append(part)
            return
        meanwhile = round((before + yardstick.milliseconds()) / 2, 2)
        self.found += [figure._replace(yardstick=meanwhile, part=part) for figure in found]


if __name__ == "__main__":
    sys.exit(main())
