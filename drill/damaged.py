"""A film whose file breaks off in its middle, and the one that waits behind it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from drill.journeys import NO_FILM, NOTHING, Journey, fails, put, take_place
from drill.site import Site
from functions.catalogue import slots
from tests.stack import DEMO, eventually

_NOBODYS = "film-999999-0-1"  # an execution of a film that there is not
_PATIENCE = 300.0  # seconds: a start that was lost is noticed within two minutes, and so is an execution


@dataclass(frozen=True)
class Damaged(Journey):
    """There is room for one: the end of the damaged film begins the other."""

    damaged: Path
    functions: ClassVar[tuple[str, ...]] = ("transcode",)

    def run(self, site: Site, mark: str) -> None:
        """Drop both, as `mark`, and wait for the mails that say why they have failed."""
        damaged, behind = (f"{NO_FILM}-{mark}-{which}" for which in ("damaged", "behind"))
        take_place(_NOBODYS)
        put(site, NOTHING, behind)
        eventually(lambda: site.film(behind), _PATIENCE)
        slots.give_back(_NOBODYS)  # whoever arrives now is begun at once
        put(site, self.damaged.read_bytes(), damaged)
        fails(site, damaged, "truncated", _PATIENCE)
        fails(site, behind, patience=_PATIENCE)
        for title in (damaged, behind):
            site.mail(DEMO["email"], title)
