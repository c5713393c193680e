"""The other ways of the studio: a film in one piece, in a form, to fresh addresses, and one that is encoded again.

None of the files is a film: those come to rest soonest, and what is encoded is another journey's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from drill.journeys import NO_FILM, BrokenOff, Journey, log_in, rest, until
from drill.site import Site
from drill.upload import announce, send
from tests.stack import DEMO, Client, Reply

_CONTENT = b"no film"


@dataclass
class Studio(Journey):
    """Two films, by all ways that need no parts or none of their first addresses."""

    functions: ClassVar[tuple[str, ...]] = ("api",)
    client: Client = field(init=False)

    def prepare(self, site: Site, mark: str) -> None:
        """Log in: that is another journey's."""
        del mark
        self.client = log_in(site)

    def run(self, site: Site, mark: str) -> None:
        """Send both, as `mark`."""
        self._in_one_piece(site, f"{NO_FILM}-{mark}-whole")
        title = f"{NO_FILM}-{mark}"
        film = self._to_fresh_addresses(site, title)
        title = rename(site, self.client, film, title)
        until(lambda: send_form(self.client, film, _CONTENT), 201)
        self._fails(site, title)
        title = rename(site, self.client, film, title)
        until(lambda: self.client.post(f"/api/video/{film}/transcode/", {}), 202, again=409)
        self._fails(site, title)

    def _in_one_piece(self, site: Site, title: str) -> None:
        upload = self._announce(site, title, multipart=False)["upload"]
        send(upload["put_url"], _CONTENT)
        self._complete(site, title, upload, [])

    def _to_fresh_addresses(self, site: Site, title: str) -> int:
        announced = self._announce(site, title, multipart=True)
        upload = announced["upload"]
        (part,) = until(lambda: self.client.post(upload["parts_url"], {"numbers": [1]}), 200).json()["parts"]
        self._complete(site, title, upload, [{"number": part["number"], "etag": send(part["url"], _CONTENT)}])
        return int(announced["id"])

    def _announce(self, site: Site, title: str, *, multipart: bool) -> dict[str, Any]:
        said = {"size": len(_CONTENT), "content_type": "video/mp4", "title": title, "multipart": multipart}
        return announce(site, self.client, said)

    def _complete(self, site: Site, title: str, upload: dict[str, Any], parts: list[dict[str, object]]) -> None:
        until(lambda: self.client.post(upload["complete_url"], {"parts": parts}), 200)
        self._fails(site, title)

    @staticmethod
    def _fails(site: Site, title: str) -> None:
        if "not_a_video" not in str(rest(site, title).get("failure")):
            raise BrokenOff(f"“{title}” has not failed for what it is")


def rename(site: Site, client: Client, film: int, title: str) -> str:
    """Give the demo account's film another title, so that its next mail differs from the last one, which has come."""
    site.mail(DEMO["email"], f"“{title}”")
    until(lambda: client.call("PATCH", f"/api/video/{film}/", {"title": f"{title}-again"}), 200)
    return f"{title}-again"


def send_form(client: Client, film: int, content: bytes) -> Reply:
    """Give a film a file by a form, as the pages of the original did."""
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f.mp4"\r\nContent-Type: video/mp4\r\n\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    return client.send("POST", f"/api/video/{film}/upload/", head + content + b"\r\n--b--\r\n", kind)
