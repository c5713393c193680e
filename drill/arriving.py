"""A file that is decided about where it arrives, and one that takes its place though nobody said that it was sent."""

from __future__ import annotations

from typing import ClassVar

from drill.journeys import NO_FILM, NOTHING, SAID, FromTheStudio, fails, put, rename, until
from drill.site import Site
from drill.upload import send
from functions.catalogue import objects
from functions.settings import current
from tests.stack import DEMO, eventually

_EMPTY = b""
_PATIENCE = 180.0  # seconds: an event whose function failed comes again in a minute, and once more two minutes later


class Arriving(FromTheStudio):
    """An empty file is dropped; its owner sends another one, and closes the page before it could say so."""

    functions: ClassVar[tuple[str, ...]] = ("ingest",)

    def run(self, site: Site, mark: str) -> None:
        """Do it, as `mark`; the former file has to go."""
        title = dropped = f"{NO_FILM}-{mark}"
        put(site, _EMPTY, title)
        film = site.number(fails(site, title))
        title = rename(site, self.client, film, title)
        begun = until(lambda: self.client.post(f"/api/video/{film}/upload/", SAID), 201).json()
        send(begun["upload"]["put_url"], NOTHING)
        eventually(lambda: objects.etag(current().uploads_bucket, f"{dropped}.mp4") is None or None, _PATIENCE)
        fails(site, title)
        site.mail(DEMO["email"], f"“{title}”")
