"""Somebody changes their password, takes along what is kept about them, and leaves with all that is theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from drill.journeys import NEXT_PASSWORD, NO_FILM, PASSWORD, BrokenOff, Journey, rest, shown, somebody, until
from drill.site import Site
from drill.upload import announce, send
from functions.settings import current
from tests.stack import Client, Reply

_CONTENT = b"no film"


@dataclass
class Leaving(Journey):
    """The last quarter of an hour of an account that has a film of its own and has watched another's."""

    source: Path
    functions: ClassVar[tuple[str, ...]] = ("api",)
    client: Client = field(init=False)
    watched: int = field(init=False)

    def prepare(self, site: Site, mark: str) -> None:
        """Have an account, a film of its own, and one that it can watch."""
        self.watched = shown(site, self.source)
        self.client = somebody(site, mark)
        own(site, self.client, mark)

    def run(self, site: Site, mark: str) -> None:
        """Do it, as `mark`."""
        until(lambda: self.client.call("PUT", f"/api/video/{self.watched}/position/", {"seconds": 1}), 200, 204)
        new = {"current_password": PASSWORD, "new_password": NEXT_PASSWORD, "confirm_password": NEXT_PASSWORD}
        # done although its answer was lost, it has ended the session
        until(lambda: self.client.post("/api/password_change/", new), 200, again=401)
        until(lambda: self._log_in(mark), 200)
        kept = until(lambda: self.client.get("/api/account/export/"), 200).json()
        if not (kept["films"] and kept["positions"] and kept["sessions"]):
            raise BrokenOff(f"something is missing in what is taken along: {sorted(kept)}")
        until(lambda: self._leave(mark), 200, again=400)
        until(lambda: self._log_in(mark), 400)
        site.look_around()  # it deletes what is stored of films that were taken away
        if left := [*left_of(site, kept["account"]["id"], _address(mark))]:
            raise BrokenOff(f"{len(left)} rows of somebody who left are still there, the first is {left[0]}")

    def _leave(self, mark: str) -> Reply:
        """Delete the account; whose session ended before that broke off logs in for it, unless nobody is let in."""
        said = self.client.call("DELETE", "/api/account/", {"password": NEXT_PASSWORD})
        if said.status != 401:
            return said
        entered = self._log_in(mark)
        return (
            self.client.call("DELETE", "/api/account/", {"password": NEXT_PASSWORD})
            if entered.status == 200
            else entered
        )

    def _log_in(self, mark: str) -> Reply:
        return self.client.post("/api/login/", {"email": _address(mark), "password": NEXT_PASSWORD})


def own(site: Site, client: Client, mark: str) -> None:
    """Give somebody called `mark` a film of their own. Their file is no film: that comes to rest soonest."""
    said = {"title": f"{NO_FILM}-{mark}", "size": len(_CONTENT), "content_type": "video/mp4"}
    upload = announce(site, client, said)["upload"]
    send(upload["put_url"], _CONTENT)
    until(lambda: client.post(upload["complete_url"], {}), 200)
    rest(site, f"{NO_FILM}-{mark}")
    site.mail(_address(mark), NO_FILM)


def _address(mark: str) -> str:
    return f"{mark}@example.com"


def left_of(site: Site, person: int, address: str) -> Iterator[dict[str, Any]]:
    """Yield the keys of rows that say something of a person: their own, their films', how far they have watched."""
    accounts = (f"person#{person}", f"address#{address}")
    for row in site.rows(current().accounts_table):
        if row["pk"]["S"] in accounts:
            yield row["pk"]
    for row in site.rows(current().catalogue_table):
        viewer = f"viewer#{person}" in (row["pk"]["S"], row["sk"]["S"])
        if viewer or row.get("owner_id", {}).get("N") == str(person):
            yield {"pk": row["pk"]["S"], "sk": row["sk"]["S"]}
