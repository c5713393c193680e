"""The watchdog's round, when it has to finish what others broke off, and to remove what has had its time."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import ClassVar

from drill.journeys import (
    NO_FILM,
    NOTHING,
    BrokenOff,
    Journey,
    address,
    fails,
    log_in,
    put,
    rename,
    rest,
    somebody,
    take_place,
)
from drill.leaving import left_of, own
from drill.site import Site
from drill.studio import send_form
from functions.accounts import people, personal_data
from functions.catalogue import clock, intake, layout, notes, store, work
from functions.catalogue.film import Failure, Film
from functions.settings import current
from tests.stack import DEMO, eventually

# a round that comes by itself must not tidy what is arranged before the fault waits for it
_SOON = 2.0  # seconds until all is due
_ROUNDS = 3  # one that meets the fault, one that does its work, one that deletes what that found
_REPLACED = "replaced"  # what the row of a file that was replaced is noted as
_OLD = "0old"  # a version that viewers are not served any more


@dataclass
class Tidying(Journey):
    """A film that never began, one whose end nobody was told of, an account half gone, media and a file out of use."""

    functions: ClassVar[tuple[str, ...]] = ("watchdog",)
    person: int = field(init=False)
    media: str = field(init=False)
    titles: tuple[str, str] = field(init=False)

    def prepare(self, site: Site, mark: str) -> None:
        """Arrange it all, of files that are no films: those come to rest soonest."""
        own(site, somebody(site, _who_leaves(mark)), _who_leaves(mark))
        unheard, untold = (self._failed(site, f"{NO_FILM}-{mark}-{kind}") for kind in ("unheard", "untold"))
        self.titles = unheard[1], untold[1]
        self.media = f"{layout.version_prefix(untold[0], _OLD)}{layout.segment_name(0)}"
        site.aws("s3").put_object(Bucket=current().media_bucket, Key=self.media, Body=b"old")
        person = people.find_by_email(address(_who_leaves(mark)))
        self.person = person.id if person else 0
        personal_data.delete(self.person)

        due = time.time() + _SOON
        _never_begun(site, unheard[0], due)
        _not_told_of(untold[0])
        notes.write(untold[0], notes.TELLING, within=_SOON)
        notes.write(self.person, notes.LEFT, within=_SOON)
        store.expect_retirement(untold[0], _OLD, due=due)
        for row in site.rows(current().catalogue_table):
            if row.get("unfinished", {}).get("S") == _REPLACED:
                site.make_due(row, at=due)

    def run(self, site: Site, mark: str) -> None:
        """Let rounds pass, and see what came of it."""
        time.sleep(_SOON)
        said = [site.look_around() for _ in range(_ROUNDS)]  # what fails comes again in a minute
        if trouble := said[-1]:
            raise BrokenOff(f"the rounds after the fault failed as well: {trouble[:200]}")
        for title in self.titles:
            rest(site, title)
            site.mail(DEMO["email"], f"“{title}”")
        if left := left_of(site, self.person, address(_who_leaves(mark))):
            raise BrokenOff(f"{len(left)} rows of somebody who left are still there, the first is {left[0]}")
        eventually(lambda: None if self._is_stored(site) else True, 60)
        if rows := [row for row in site.rows(current().catalogue_table) if _REPLACED in str(row.get("unfinished"))]:
            raise BrokenOff(f"{len(rows)} files that were replaced are still noted")

    def _is_stored(self, site: Site) -> bool:
        found = site.aws("s3").list_objects_v2(Bucket=current().media_bucket, Prefix=self.media)
        return bool(found["KeyCount"])

    @staticmethod
    def _failed(site: Site, title: str) -> tuple[int, str]:
        """Return the id and the title of a film whose file was replaced by another that is no film either."""
        client = log_in(site)
        put(site, NOTHING, title)
        film = site.number(fails(site, title))
        title = rename(site, client, film, title)
        send_form(client, film, b"no film either")
        fails(site, title)
        return film, rename(site, client, film, title)


def _who_leaves(mark: str) -> str:
    return f"{mark}-left"


def _queued(film_id: int) -> Film:
    def step(film: Film) -> Film:
        return intake.queued(film, film.source, clock.now(), "queued")

    film = store.change(film_id, step)
    if film is None:
        raise BrokenOff("a film is gone that nobody deleted")
    return film


def _never_begun(site: Site, film_id: int, due: float) -> None:
    """Let a film have been given to an execution that nobody started."""
    film = _queued(film_id)
    take_place(work.execution_name(film.id, film.version, film.attempt + 1))
    begun = work.start(film.id, film.version)
    record = site.film(film.title)
    if begun is None or record is None:
        raise BrokenOff("a film that waits cannot be started")
    site.make_due(record, at=due)


def _not_told_of(film_id: int) -> None:
    """Let a film have failed, and whoever saw it have broken off before its owner was told."""
    film = _queued(film_id)
    why = Failure(code="not_a_video", message="This file is not a video.", step="probe")
    work.fail(film.id, film.version, why, telling=True)
