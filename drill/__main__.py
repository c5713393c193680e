"""Make things fail in a whole stack and look what became of it: `make drill`, or `python -m drill [PART ...]`.

The stack is the drill's own (other ports, a temporary folder). What each part found is kept
(drill/results.json) and shown in docs/reliability.md. Exits with 1 when something was out of
order.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from drill import (
    arriving,
    calls,
    captions,
    damaged,
    disks,
    events,
    full_disk,
    journeys,
    leaving,
    order,
    page,
    poster,
    results,
    staff,
    studio,
    suites,
    tidying,
    twice,
    upload,
    watchdog,
)
from drill.events import Drill
from drill.faults import FAULTS, Call, Fault
from drill.journeys import Journey
from drill.parts import MATRICES, PARTS
from drill.results import Outcome, Results
from drill.site import FUNCTIONS, Site, open_site
from tests.media import ffmpeg

_ONLY_WHEN_COLD = ("GetSecretValue", "GetQueueUrl")  # kept by a warm environment


@dataclass
class _Session:
    """One run, in a folder; what is opened in it is closed by `opened`."""

    folder: Path
    opened: ExitStack
    found: Results = field(default_factory=Results)
    today: str = field(default_factory=results.today)
    made: int = 0
    known: set[str] = field(default_factory=set)

    @cached_property
    def site(self) -> Site:
        """The stack: started for the first part that needs one."""
        return self.opened.enter_context(open_site(self.folder))

    @cached_property
    def film(self) -> Path:
        """Two seconds: as short as a whole way through the engine can be."""
        return _film(self.folder / "film.mp4", seconds=2)

    @cached_property
    def damaged(self) -> Path:
        """The first half of a film, at whose beginning stands how long all of it is."""
        whole = _film(self.folder / "damaged.mp4", "-movflags", "+faststart", seconds=12)
        content = whole.read_bytes()
        whole.write_bytes(content[: len(content) // 2])
        return whole

    def run(self, part: str) -> None:
        """Run one part."""
        steps: dict[str, Callable[[], None]] = {
            "account": lambda: self._matrix(part, journeys.Account()),
            "film": lambda: self._matrix(part, journeys.Film(self.film)),
            "refused": lambda: self._matrix(part, journeys.Refused()),
            "upload": lambda: self._matrix(part, upload.Upload(self.film)),
            "studio": lambda: self._matrix(part, studio.Studio()),
            "poster": lambda: self._matrix(part, poster.Poster(self.film)),
            "captions": lambda: self._matrix(part, captions.Captions(self.film)),
            "leaving": lambda: self._matrix(part, leaving.Leaving(self.film)),
            "staff": lambda: self._matrix(part, staff.Staff(self.film)),
            "watchdog": lambda: self._matrix(part, watchdog.Round()),
            "tidying": lambda: self._matrix(part, tidying.Tidying()),
            "arriving": lambda: self._matrix(part, arriving.Arriving()),
            "damaged": lambda: self._matrix(part, damaged.Damaged(self.damaged)),
            "twice": lambda: self._matrix(part, twice.Twice()),
            "events": lambda: self._drills(part, events.DRILLS, self.found.events),
            "disk": lambda: self._disk(part),
            "suites": lambda: self._suites(part),
        }
        steps[part]()

    def _matrix(self, part: str, journey: Journey) -> None:
        seen = calls.of_journey(self.site, journey, self._mark())
        matrix = self.found.matrices.setdefault(part, {})
        print(f"\n{MATRICES[part]}: {len(seen)} calls of AWS, {len(FAULTS)} faults each", flush=True)
        for call in seen:
            matrix[call] = {fault.name: self._inject(call, fault, journey) for fault in FAULTS}
            print(f"  {call!s:46} {'  '.join(f'{f}: {o.mark}' for f, o in matrix[call].items())}", flush=True)
        self.found.ran[part] = self.today

    def _inject(self, call: Call, fault: Fault, journey: Journey) -> Outcome:
        self.site.forget_limits()
        mark, wrong = self._mark(), []
        try:
            journey.prepare(self.site, mark)
            if call.operation in _ONLY_WHEN_COLD:
                self.site.cool_down(call.function)
            self.site.proxy.clear()
            self.site.proxy.set_rules([fault.rule(call, FUNCTIONS)])
            journey.run(self.site, mark)
        except (journeys.BrokenOff, AssertionError) as end:
            wrong.append(f"broken off: {end}")
        reached = bool(self.site.proxy.fired())
        self.site.proxy.clear()
        wrong += self._new_faults()
        for each in wrong:
            print(f"    {call}, {fault.name}: {each}", flush=True)
        return Outcome.of(call, fault.name, wrong, reached=reached)

    def _new_faults(self) -> list[str]:
        """Return what is out of order and was not before: what stays wrong is told once."""
        found = order.faults_of(self.site)
        new = [each for each in found if each not in self.known]
        self.known = set(found)
        return new

    def _disk(self, part: str) -> None:
        if self.site.disks:
            self._drills(part, full_disk.DRILLS, self.found.disks)
        else:
            print(f"  disk: skipped, as this machine lets nobody mount a small disk: {disks.refusal()}", flush=True)

    def _drills(self, part: str, drills: Iterable[Drill], found: dict[str, tuple[str, ...]]) -> None:
        for drill in drills:
            self.site.forget_limits()
            self.site.proxy.clear()
            try:
                wrong = list(drill.run(self.site, self.film))
            except (journeys.BrokenOff, AssertionError) as end:
                wrong = [f"broken off: {end}"]
            wrong += self._new_faults()
            found[drill.name] = tuple(wrong)
            print(f"  {drill.name}: {'; '.join(wrong) or 'in order'}", flush=True)
        self.found.ran[part] = self.today

    def _suites(self, part: str) -> None:
        for what, path in suites.SUITES.items():
            said = suites.run(path)
            self.found.suites[what] = not said
            print(f"  {path}: {said or 'in order'}", flush=True)
        self.found.ran[part] = self.today

    def _mark(self) -> str:
        self.made += 1
        return f"drill-{self.made}"


def _film(target: Path, *said: str, seconds: int) -> Path:
    sources = f"testsrc2=s=320x180:r=12:d={seconds}", f"sine=d={seconds}"
    inputs = (word for source in sources for word in ("-f", "lavfi", "-i", source))
    picture = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
    ffmpeg(*inputs, *picture, "-c:a", "aac", *said, str(target))
    return target


def main() -> int:
    """Run the drills, print and write what was found; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all without one")
    chosen = parser.parse_args().parts
    unknown = [part for part in chosen if part not in PARTS]
    if unknown:
        parser.error(f"there is no part {unknown[0]}: choose from {', '.join(PARTS)}")
    if "disk" in (chosen or PARTS):
        disks.enter()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="videoflix-drill-") as name, ExitStack() as opened:
        session = _Session(Path(name), opened)
        for part in chosen or PARTS:
            session.run(part)
            page.write(results.keep(session.found))
    wrong = session.found.wrong()
    print("\n".join(["", *wrong, f"{len(wrong)} out of order, after {(time.monotonic() - began) / 60:.0f} minutes"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
