"""Somebody changes their password, takes along what is kept about them, and leaves with all that is theirs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from drill.journeys import NEXT_PASSWORD, NO_FILM, PASSWORD, BrokenOff, Journey, address, shown, somebody, until
from drill.site import Site
from drill.studio import in_one_piece
from functions.settings import current
from tests.stack import Client, Reply


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
        if left := left_of(site, kept["account"]["id"], address(mark)):
            raise BrokenOff(f"{len(left)} rows of somebody who left are still there, the first is {left[0]}")

    def _leave(self, mark: str) -> Reply:
        """Delete the account; whose session ended before that broke off logs in for it, unless nobody is let in."""
        said = self._delete()
        if said.status != 401:
            return said
        entered = self._log_in(mark)
        return self._delete() if entered.status == 200 else entered

    def _delete(self) -> Reply:
        return self.client.call("DELETE", "/api/account/", {"password": NEXT_PASSWORD})

    def _log_in(self, mark: str) -> Reply:
        return self.client.post("/api/login/", {"email": address(mark), "password": NEXT_PASSWORD})


def own(site: Site, client: Client, mark: str) -> None:
    """Give somebody called `mark` a film of their own. Their file is no film: that comes to rest soonest."""
    in_one_piece(site, client, f"{NO_FILM}-{mark}")
    site.mail(address(mark), NO_FILM)


def left_of(site: Site, person: int, email: str) -> list[str]:
    """Return the keys of rows that say something of a person: their own, their films', how far they have watched."""
    own, viewer = (f"person#{person}", f"address#{email}"), f"viewer#{person}"
    rows = [row for row in site.rows(current().accounts_table) if row["pk"]["S"] in own]
    rows += [
        row
        for row in site.rows(current().catalogue_table)
        if viewer in (row["pk"]["S"], row["sk"]["S"]) or row.get("owner_id", {}).get("N") == str(person)
    ]
    return [f"{row['pk']['S']} {row['sk']['S']}" for row in rows]
