"""What people do, from beginning to end, in a drill: each returns when all that it set off has come to rest."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from drill.site import Site
from functions.accounts import people
from functions.catalogue import slots
from functions.settings import current
from tests.mails import link
from tests.stack import DEMO, Client, Reply, eventually

PASSWORD = "a horse, a battery, a staple"
NEXT_PASSWORD = "another horse entirely"
NO_FILM = "no-film"
"""Begins the title of what cannot be made a film of, so that everybody knows that it has to fail."""
NOTHING = b"no film"
"""The content of such a file."""
SAID: Mapping[str, object] = {"size": len(NOTHING), "content_type": "video/mp4"}
"""What is said of it before it is sent."""
_SHOWN = "drill-shown"  # the title of the film that everybody may watch
_CLICKS = 6  # how often somebody clicks again who is told that something went wrong
_PATIENCE = 120.0  # seconds


class Journey(ABC):
    """Something that happens; `run` returns when all that it set off has come to rest.

    Attributes:
        functions: Those whose calls of AWS meet faults on it.
    """

    # the watchdog comes by the clock: nobody sets it off
    functions: ClassVar[tuple[str, ...]] = ("api", "ingest", "transcode", "send_mail")

    def prepare(self, site: Site, mark: str) -> None:  # noqa: B027 - most need nothing
        """Arrange what has to be there before it begins; nothing fails meanwhile."""

    @abstractmethod
    def run(self, site: Site, mark: str) -> None:
        """Do it; `mark` names what it leaves."""


class BrokenOff(Exception):  # noqa: N818 - the journey's end, as people would say it
    """A person could not get on; the message says where."""


@dataclass
class FromTheStudio(Journey):
    """Begins logged in as the owner of all that is dropped into the bucket: that is another journey's."""

    client: Client = field(init=False)

    def prepare(self, site: Site, mark: str) -> None:
        """Log in."""
        del mark
        self.client = log_in(site)


@dataclass
class OfAFilm(FromTheStudio):
    """Begins with a film that is ready."""

    source: Path
    film: int = field(init=False)

    def prepare(self, site: Site, mark: str) -> None:
        """Have one, as `mark`."""
        drop(site, self.source, mark)
        self.film = site.number(rest(site, mark))
        super().prepare(site, mark)


@dataclass(frozen=True)
class Account(Journey):
    """Somebody's account, from registering to a new password."""

    def run(self, site: Site, mark: str) -> None:
        """Live it, as `mark`."""
        email, client = address(mark), site.client()
        was_told = _register(client, email)
        _activate(site, client, email, was_told=was_told)
        until(lambda: client.post("/api/login/", {"email": email, "password": PASSWORD}), 200)
        for path in ("/api/account/", "/api/video/", "/api/video/?q=drill"):
            until(functools.partial(client.get, path), 200)
        until(lambda: client.post("/api/token/refresh/", None), 200)
        until(lambda: client.post("/api/logout/", {}), 200, again=401)
        until(lambda: client.post("/api/password_reset/", {"email": email}), 200)
        _new_password(site, client, email)
        until(lambda: client.post("/api/login/", {"email": email, "password": NEXT_PASSWORD}), 200)


@dataclass(frozen=True)
class Film(Journey):
    """A film, from the bucket to the screen, and a look at it."""

    source: Path

    def run(self, site: Site, mark: str) -> None:
        """Drop it, as `mark`, and watch it."""
        drop(site, self.source, mark)
        rest(site, mark)
        watch(site, log_in(site), mark)


@dataclass(frozen=True)
class Refused(Journey):
    """A file that cannot be made a film of: its owner is told why."""

    def run(self, site: Site, mark: str) -> None:
        """Drop it, as `mark`, and wait for the mail that says so."""
        title = f"{NO_FILM}-{mark}"  # plain: the proxy writes other keys in another way than they were signed
        put(site, NOTHING, title)
        fails(site, title)
        site.mail(DEMO["email"], title)


def log_in(site: Site) -> Client:
    """Return a client that is logged in as the owner of all that is dropped into the bucket."""
    client = site.client()
    until(lambda: client.post("/api/login/", DEMO), 200)
    return client


def shown(site: Site, source: Path) -> int:
    """Return the id of a film that everybody may watch; it is made the first time."""
    if not site.film(_SHOWN):
        drop(site, source, _SHOWN)
    film = site.number(rest(site, _SHOWN))
    until(lambda: log_in(site).call("PATCH", f"/api/video/{film}/", {"published": True}), 200)
    return film


def somebody(site: Site, mark: str, *, staff: bool = False) -> Client:
    """Return a client that is logged in with an account of its own: `mark` is its address's name, `PASSWORD` opens."""
    email, client = address(mark), site.client()
    people.seed(email, PASSWORD, staff=staff)
    until(lambda: client.post("/api/login/", {"email": email, "password": PASSWORD}), 200)
    return client


def address(mark: str) -> str:
    """Return the address of somebody called `mark`."""
    return f"{mark}@example.com"


def drop(site: Site, source: Path, title: str) -> None:
    """Put a film into the bucket."""
    put(site, source.read_bytes(), title)


def put(site: Site, content: bytes, title: str) -> None:
    """Put this into the bucket, under the name of a film."""
    site.aws("s3").put_object(
        Bucket=current().uploads_bucket, Key=f"{title}.mp4", Body=content, Metadata={"title": title}
    )


def rest(site: Site, title: str, patience: float = _PATIENCE) -> dict[str, Any]:
    """Wait until the film of this title is ready or failed; returns its record."""

    def at_rest() -> dict[str, Any] | None:
        record = site.film(title)
        return record if record and record["state"]["S"] in ("ready", "failed") else None

    record: dict[str, Any] = eventually(at_rest, patience)
    return record


def fails(site: Site, title: str, why: str = "not_a_video", patience: float = _PATIENCE) -> dict[str, Any]:
    """Wait until the film of this title has failed as what it is, most often no video; returns its record."""
    record = rest(site, title, patience)
    if why not in record.get("failure", {}).get("S", ""):
        raise BrokenOff(f"“{title}” is {record['state']['S']}, and its failure {record.get('failure')}")
    return record


def take_place(execution: str) -> None:
    """Give an execution of this name the place for encoding, as soon as whoever had it is through."""
    eventually(lambda: slots.take(execution, current().films_at_once) or None, _PATIENCE)


def rename(site: Site, client: Client, film: int, title: str) -> str:
    """Give the demo account's film another title, so that its next mail differs from the last one, which has come."""
    site.mail(DEMO["email"], f"“{title}”")
    until(lambda: client.call("PATCH", f"/api/video/{film}/", {"title": f"{title}-again"}), 200)
    return f"{title}-again"


def watch(site: Site, client: Client, title: str) -> None:
    """Play the beginning of a film as a player does, and leave it."""
    film = site.number(site.film(title) or {})
    until(lambda: client.get(f"/api/video/{film}/master.m3u8"), 200)
    playlist = until(lambda: client.get(f"/api/video/{film}/480p/index.m3u8"), 200).body.decode()
    segment = next(line for line in playlist.splitlines() if line and not line.startswith("#"))
    until(lambda: client.get(segment), 200)
    until(lambda: client.call("PUT", f"/api/video/{film}/position/", {"seconds": 1}), 200, 204)


def _register(client: Client, email: str) -> bool:
    """Register; returns whether the person was told that something went wrong, before it worked."""
    said = {"email": email, "password": PASSWORD, "confirmed_password": PASSWORD}
    answers: list[Reply] = []

    def click() -> Reply:
        answers.append(client.post("/api/register/", said))
        return answers[-1]

    # who clicks again although it worked hears that the address is taken
    until(click, 201, again=400)
    return len(answers) > 1


def _activate(site: Site, client: Client, email: str, *, was_told: bool) -> None:
    try:
        mail = site.mail(email, "Activate")
    except AssertionError:
        if not was_told:
            raise BrokenOff("the activation mail was lost, and nobody was told that it might be") from None
        until(lambda: client.post("/api/activate/resend/", {"email": email}), 200)
        mail = site.mail(email, "Activate")
    uid, token = link(mail.text, "/pages/auth/activate.html")
    # a link that did its work before its answer was lost has been used up
    until(lambda: client.get(f"/api/activate/{uid}/{token}/"), 200, again=400)


def _new_password(site: Site, client: Client, email: str) -> None:
    uid, token = link(site.mail(email, "Reset").text, "/pages/auth/confirm_password.html")
    new = {"new_password": NEXT_PASSWORD, "confirm_password": NEXT_PASSWORD}
    until(lambda: client.post(f"/api/password_confirm/{uid}/{token}/", new), 200, again=400)


def until(click: Callable[[], Reply], *good: int, again: int | None = None) -> Reply:
    """Click until it works; only a server's trouble is worth another click, and it must be in the contract's form.

    `again` is what another click may be told where the one before did its work, and said that it had not.
    """
    for number in range(_CLICKS):
        answer = click()
        if answer.status in good or (number and answer.status == again):
            return answer
        if answer.status < 500:
            raise BrokenOff(f"answered {answer.status}: {answer.body[:200]!r}")
        if "error" not in answer.body.decode(errors="replace") and b"detail" not in answer.body:
            raise BrokenOff(f"a {answer.status} without the contract's envelope: {answer.body[:200]!r}")
    raise BrokenOff(f"still {answer.status} after {_CLICKS} clicks")
