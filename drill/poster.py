"""Another poster: wished for in the studio, drawn after the answer, seen in the lists."""

from __future__ import annotations

import urllib.request
from typing import ClassVar

from drill.journeys import BrokenOff, OfAFilm, until
from drill.site import Site
from functions.catalogue import layout
from tests.stack import eventually

_AT = 1.0  # seconds into the film
_PATIENCE = 120.0  # seconds: the state machine tries a few times, further and further apart


class Poster(OfAFilm):
    """Somebody chooses another poster for a film that is ready."""

    functions: ClassVar[tuple[str, ...]] = ("api", "transcode")

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
