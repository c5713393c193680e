"""Captions that are dropped into the bucket beside a film."""

from __future__ import annotations

from typing import ClassVar

from drill.journeys import BrokenOff, OfAFilm, until
from drill.site import Site
from functions.settings import current
from tests.stack import eventually

_CAPTIONS = b"1\n00:00:00,000 --> 00:00:01,000\nHello\n"
_PATIENCE = 180.0  # seconds: an event whose function failed comes again in a minute, and once more two minutes later


class Captions(OfAFilm):
    """A film is ready, and its captions come after it."""

    functions: ClassVar[tuple[str, ...]] = ("ingest",)

    def run(self, site: Site, mark: str) -> None:
        """Drop the file, and read what viewers get of it."""
        site.aws("s3").put_object(Bucket=current().uploads_bucket, Key=f"{mark}.de.srt", Body=_CAPTIONS)
        listed = f"/api/video/{self.film}/captions/"
        eventually(lambda: self.client.get(listed).json() or None, _PATIENCE)
        if b"Hello" not in until(lambda: self.client.get(f"{listed}de/"), 200).body:
            raise BrokenOff("its captions do not say what the file says")
