"""Staff lets somebody out and in again, and has a film that failed encoded once more."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from drill.journeys import (
    NO_FILM,
    NOTHING,
    PASSWORD,
    BrokenOff,
    Journey,
    address,
    fails,
    log_in,
    put,
    rename,
    shown,
    somebody,
    until,
)
from drill.site import Site
from tests.stack import Client

_STAFF = "drill-staff"


@dataclass
class Staff(Journey):
    """What staff does on its page, and what somebody notices of it."""

    source: Path
    functions: ClassVar[tuple[str, ...]] = ("api",)
    client: Client = field(init=False)
    other: Client = field(init=False)
    ready: int = field(init=False)
    failed: int = field(init=False)
    title: str = field(init=False)

    def prepare(self, site: Site, mark: str) -> None:
        """Have somebody of the staff, somebody else, a film that is ready and one that failed."""
        self.ready = shown(site, self.source)
        self.client, self.other = somebody(site, _STAFF, staff=True), somebody(site, mark)
        title = f"{NO_FILM}-{mark}"
        put(site, NOTHING, title)
        self.failed = site.number(fails(site, title))
        self.title = rename(site, log_in(site), self.failed, title)

    def run(self, site: Site, mark: str) -> None:
        """Do it, about the person called `mark` and their film."""
        self._out_and_in(mark)
        listed = until(lambda: self.client.get("/api/operations/failed/"), 200).json()
        if self.failed not in [film["id"] for film in listed]:
            raise BrokenOff("a film that failed is not among those that staff sees")
        until(lambda: self.client.get(f"/api/video/{self.ready}/plan/"), 200)
        until(lambda: self.client.post(f"/api/operations/failed/{self.failed}/retry/", {}), 202, again=409)
        fails(site, self.title)
        until(lambda: self.client.get("/readyz/"), 200)  # last: it makes the calls of all the others once more

    def _out_and_in(self, mark: str) -> None:
        login = {"email": address(mark), "password": PASSWORD}
        (person,) = until(lambda: self.client.get(f"/api/users/?q={mark}@"), 200).json()
        until(lambda: self.client.call("PATCH", f"/api/users/{person['id']}/", {"is_active": False}), 200)
        until(lambda: self.other.get("/api/account/"), 401)
        until(lambda: self.other.post("/api/login/", login), 403)
        until(lambda: self.client.call("PATCH", f"/api/users/{person['id']}/", {"is_active": True}), 200)
        until(lambda: self.other.post("/api/login/", login), 200)
