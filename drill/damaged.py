"""A film whose file breaks off in its middle, and the one that waits behind it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from drill.journeys import NO_FILM, NOTHING, BrokenOff, Journey, fails, put, rest
from drill.site import Site
from tests.stack import DEMO


@dataclass(frozen=True)
class Damaged(Journey):
    """Two files are dropped at once, and there is room for one: its end begins the other."""

    damaged: Path
    functions: ClassVar[tuple[str, ...]] = ("transcode",)

    def run(self, site: Site, mark: str) -> None:
        """Drop both, as `mark`, and wait for the mails that say why they have failed."""
        titles = f"{NO_FILM}-{mark}-damaged", f"{NO_FILM}-{mark}-behind"
        for title, content in zip(titles, (self.damaged.read_bytes(), NOTHING), strict=True):
            put(site, content, title)
        record = rest(site, titles[0])
        if "truncated" not in record.get("failure", {}).get("S", ""):
            raise BrokenOff(f"“{titles[0]}” is {record['state']['S']}, and its failure {record.get('failure')}")
        fails(site, titles[1])
        for title in titles:
            site.mail(DEMO["email"], title)
