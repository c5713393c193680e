"""A film through the API, as a page sends it: in parts, captioned, named anew, replaced and deleted."""

from __future__ import annotations

import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from drill.journeys import BrokenOff, Journey, log_in, rest, until
from drill.site import Site
from tests.stack import Client, Reply

_CAPTIONS = b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n"
_PATIENCE = 60.0  # seconds for a file of some kilobytes


@dataclass
class Upload(Journey):
    """A film through the API, from its first part to its end. What is encoded of it, other journeys look at."""

    source: Path
    functions: ClassVar[tuple[str, ...]] = ("api",)
    client: Client = field(init=False)

    def prepare(self, site: Site, mark: str) -> None:
        """Log in: that is another journey's."""
        del mark
        self.client = log_in(site)

    def run(self, site: Site, mark: str) -> None:
        """Do it, as `mark`."""
        film = self._announce(site, mark)
        self._caption(film)
        renamed = {"title": f"{mark}-again"}  # its second mail has to differ from its first
        until(lambda: self.client.call("PATCH", f"/api/video/{film}/", renamed), 200)
        self._replace(site, film, renamed["title"])
        self._delete(site, film, renamed["title"])

    def _announce(self, site: Site, title: str) -> int:
        said = self._said() | {"title": title, "publish": True}
        announced = until(lambda: self.client.post("/api/video/", said), 201).json()
        film = int(announced["id"])
        for other in {site.number(record) for record in site.records() if record["title"]["S"] == title} - {film}:
            # who announced it again although it had worked sees two in the studio, and takes one away
            self._click_delete(other)
        self._send(site, announced, title)
        return film

    def _caption(self, film: int) -> None:
        path = f"/api/video/{film}/captions/de/"
        until(lambda: _put_captions(self.client, path), 200, 201)
        until(lambda: self.client.get(path), 200)
        until(lambda: self.client.call("DELETE", path), 204, again=404)

    def _replace(self, site: Site, film: int, title: str) -> None:
        """Begin another content, think better of it, and begin and send one after all."""
        path = f"/api/video/{film}/upload/"
        begun = until(lambda: self.client.post(path, self._said()), 201).json()
        until(lambda: self.client.post(begun["upload"]["abort_url"], {}), 200)
        self._send(site, until(lambda: self.client.post(path, self._said()), 201).json(), title)

    def _send(self, site: Site, announced: dict[str, Any], title: str) -> None:
        upload = announced["upload"]
        (part,) = upload["parts"]
        sent = urllib.request.Request(part["url"], self.source.read_bytes(), method="PUT")
        with urllib.request.urlopen(sent, timeout=_PATIENCE) as answer:
            named = {"parts": [{"number": part["number"], "etag": answer.headers["ETag"]}]}
        until(lambda: self.client.get(upload["parts_url"]), 200)
        until(lambda: self.client.post(upload["complete_url"], named), 200)
        record = rest(site, title)
        if record["state"]["S"] != "ready":
            raise BrokenOff(f"it has failed: {record['failure']['S']}")

    def _delete(self, site: Site, film: int, title: str) -> None:
        self._click_delete(film)
        if record := site.film(title):  # it broke off, and the watchdog goes on in a quarter of an hour
            site.make_due(record)
            site.look_around()
            if site.film(title):
                raise BrokenOff("its deletion broke off, and the watchdog does not finish it")

    def _click_delete(self, film: int) -> None:
        until(lambda: self.client.call("DELETE", f"/api/video/{film}/"), 204, again=404)

    def _said(self) -> dict[str, object]:
        return {"size": self.source.stat().st_size, "content_type": "video/mp4", "multipart": True}


def _put_captions(client: Client, path: str) -> Reply:
    return client.send("PUT", path, _CAPTIONS, {"Content-Type": "text/vtt"})
