"""The other ways of the studio: a film in one piece, in a form, to fresh addresses, and one that is encoded again.

None of the files is a film: those come to rest soonest, and what is encoded is another journey's.
"""

from __future__ import annotations

from typing import ClassVar

from drill.journeys import NO_FILM, NOTHING, SAID, FromTheStudio, fails, rename, until
from drill.site import Site
from drill.upload import announce, send
from tests.stack import Client, Reply


class Studio(FromTheStudio):
    """Two films, by all ways that need no parts or none of their first addresses."""

    functions: ClassVar[tuple[str, ...]] = ("api",)

    def run(self, site: Site, mark: str) -> None:
        """Send both, as `mark`."""
        in_one_piece(site, self.client, f"{NO_FILM}-{mark}-whole")
        title = f"{NO_FILM}-{mark}"
        film = self._to_fresh_addresses(site, title)
        title = rename(site, self.client, film, title)
        until(lambda: send_form(self.client, film, NOTHING), 201)
        fails(site, title)
        title = rename(site, self.client, film, title)
        until(lambda: self.client.post(f"/api/video/{film}/transcode/", {}), 202, again=409)
        fails(site, title)

    def _to_fresh_addresses(self, site: Site, title: str) -> int:
        announced = announce(site, self.client, _said(title) | {"multipart": True})
        upload = announced["upload"]
        (part,) = until(lambda: self.client.post(upload["parts_url"], {"numbers": [1]}), 200).json()["parts"]
        sent = [{"number": part["number"], "etag": send(part["url"], NOTHING)}]
        until(lambda: self.client.post(upload["complete_url"], {"parts": sent}), 200)
        fails(site, title)
        return int(announced["id"])


def in_one_piece(site: Site, client: Client, title: str) -> None:
    """Give somebody a film of this title, sent to the one address that was given for it."""
    upload = announce(site, client, _said(title))["upload"]
    send(upload["put_url"], NOTHING)
    until(lambda: client.post(upload["complete_url"], {}), 200)
    fails(site, title)


def _said(title: str) -> dict[str, object]:
    return {**SAID, "title": title}


def send_form(client: Client, film: int, content: bytes) -> Reply:
    """Give a film a file by a form, as the pages of the original did."""
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f.mp4"\r\nContent-Type: video/mp4\r\n\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    return client.send("POST", f"/api/video/{film}/upload/", head + content + b"\r\n--b--\r\n", kind)
