"""The watchdog's round, when there is something for it to mend."""

from __future__ import annotations

import time
from typing import ClassVar

from drill.journeys import NO_FILM, NOTHING, SAID, BrokenOff, Journey, log_in, put, rest, take_place, until
from drill.site import Site
from functions.catalogue import layout, store
from functions.settings import current
from functions.transcoding import dispatch
from tests.stack import eventually

# a round that comes by itself must not mend what is arranged before the fault waits for it
_SOON = 2.0  # seconds until it is due
_PATIENCE = 180.0  # seconds: what broke off while a film was started again is seen to in the second round after it


class Round(Journey):
    """One film's execution was lost amid its work, and the deletion of another, which expects a file, broke off."""

    functions: ClassVar[tuple[str, ...]] = ("watchdog",)

    def prepare(self, site: Site, mark: str) -> None:
        """Arrange both, of files that are no films: those come to rest soonest."""
        for title in _titles(mark):
            put(site, NOTHING, title)
        lost, left = (rest(site, title) for title in _titles(mark))
        execution = lost["execution"]["S"]
        # its last steps would take the film for their own again
        eventually(lambda: dispatch.status(execution) != dispatch.RUNNING or None, _PATIENCE)
        due = time.time() + _SOON
        take_place(execution)
        site.make_due(lost, at=due, state="probing", unfinished=store.WORK)
        number = site.number(left)
        until(lambda: log_in(site).post(f"/api/video/{number}/upload/", {**SAID, "multipart": True}), 201)
        media = f"{layout.film_prefix(number)}{left['version']['S']}/{layout.segment_name(0)}"
        site.aws("s3").put_object(Bucket=current().media_bucket, Key=media, Body=b"left")
        store.begin_deletion(number, resume_at=due)

    def run(self, site: Site, mark: str) -> None:
        """Let two rounds pass, and see what came of both films."""
        time.sleep(_SOON)
        site.look_around()  # what fails comes again in a minute
        if trouble := site.look_around():
            raise BrokenOff(f"the round after the fault failed as well: {trouble[:200]}")
        lost, left = _titles(mark)
        rest(site, lost, _PATIENCE)
        eventually(lambda: None if site.film(left) else True, _PATIENCE)
        begun = site.aws("s3").list_multipart_uploads(Bucket=current().uploads_bucket).get("Uploads", [])
        if begun:
            raise BrokenOff(f"{len(begun)} uploads of films that are gone are still begun")


def _titles(mark: str) -> tuple[str, str]:
    return f"{NO_FILM}-{mark}-lost", f"{NO_FILM}-{mark}-left"
