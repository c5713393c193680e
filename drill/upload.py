"""A film through the API, as a page sends it: in parts, captioned, named anew, replaced and deleted."""

from __future__ import annotations

import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from drill.journeys import BrokenOff, FromTheStudio, rest, until
from drill.site import Site
from tests.stack import Client, Reply

_CAPTIONS = b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n"
_PATIENCE = 60.0  # seconds for a file of some kilobytes


@dataclass
class Upload(FromTheStudio):
    """A film through the API, from its first part to its end. What is encoded of it, other journeys look at."""

    source: Path
    functions: ClassVar[tuple[str, ...]] = ("api",)

    def run(self, site: Site, mark: str) -> None:
        """Do it, as `mark`."""
        film = self._announce(site, mark)
        self._caption(film)
        renamed = {"title": f"{mark}-again"}  # its second mail has to differ from its first
        until(lambda: self.client.call("PATCH", f"/api/video/{film}/", renamed), 200)
        self._replace(site, film, renamed["title"])
        self._delete(site, film, renamed["title"])

    def _announce(self, site: Site, title: str) -> int:
        announced = announce(site, self.client, self._said() | {"title": title, "publish": True})
        self._send(site, announced, title)
        return int(announced["id"])

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
        named = {"parts": [{"number": part["number"], "etag": send(part["url"], self.source.read_bytes())}]}
        until(lambda: self.client.get(upload["parts_url"]), 200)
        until(lambda: self.client.post(upload["complete_url"], named), 200)
        record = rest(site, title)
        if record["state"]["S"] != "ready":
            raise BrokenOff(f"it has failed: {record['failure']['S']}")

    def _delete(self, site: Site, film: int, title: str) -> None:
        _click_delete(self.client, film)
        if record := site.film(title):  # it broke off, and the watchdog goes on in a quarter of an hour
            site.make_due(record)
            site.look_around()
            if site.film(title):
                raise BrokenOff("its deletion broke off, and the watchdog does not finish it")

    def _said(self) -> dict[str, object]:
        return {"size": self.source.stat().st_size, "content_type": "video/mp4", "multipart": True}


def announce(site: Site, client: Client, said: Mapping[str, object]) -> dict[str, Any]:
    """Announce a film until it works; returns the answer: its id, and how it is to be sent."""
    announced: dict[str, Any] = until(lambda: client.post("/api/video/", said), 201).json()
    for record in site.records():
        if record["title"]["S"] == said["title"] and site.number(record) != announced["id"]:
            # who announced it again although it had worked sees two in the studio, and takes one away
            _click_delete(client, site.number(record))
    return announced


def send(url: str, content: bytes) -> str:
    """Put a file, or a part of one, to the address that was given for it; returns its entity tag."""
    request = urllib.request.Request(url, content, {"Content-Type": "video/mp4"}, method="PUT")
    with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
        return str(answer.headers["ETag"])


def _click_delete(client: Client, film: int) -> None:
    until(lambda: client.call("DELETE", f"/api/video/{film}/"), 204, again=404)


def _put_captions(client: Client, path: str) -> Reply:
    return client.send("PUT", path, _CAPTIONS, {"Content-Type": "text/vtt"})
