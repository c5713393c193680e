"""Another poster: wished for in the studio, drawn after the answer, seen in the lists."""

from __future__ import annotations

import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from drill.journeys import BrokenOff, Journey, drop, log_in, rest, until
from drill.site import Site
from functions.catalogue import layout
from tests.stack import Client, eventually

_AT = 1.0  # seconds into the film
_PATIENCE = 120.0  # seconds: the state machine tries a few times, further and further apart


@dataclass
class Poster(Journey):
    """Somebody chooses another poster for a film that is ready."""

    source: Path
    functions: ClassVar[tuple[str, ...]] = ("api", "transcode")
    client: Client = field(init=False)
    film: int = field(init=False)

    def prepare(self, site: Site, mark: str) -> None:
        """Have a film that is ready."""
        drop(site, self.source, mark)
        self.film = site.number(rest(site, mark))
        self.client = log_in(site)

    def run(self, site: Site, mark: str) -> None:
        """Choose it, wait until it is drawn, and look at it."""
        path, wanted = f"/api/video/{self.film}/", layout.thumbnail_name(_AT)
        until(lambda: self.client.call("PATCH", path, {"poster_at": _AT}), 200)

        def drawn() -> bool | None:
            return (site.film(mark) or {}).get("thumbnail", {}).get("S") == wanted or None

        eventually(drawn, _PATIENCE)
        shown = until(lambda: self.client.get(path), 200).json()
        with urllib.request.urlopen(shown["poster_url"], timeout=_PATIENCE) as picture:
            if not picture.read().startswith(b"\xff\xd8"):
                raise BrokenOff("its poster is no JPEG")
