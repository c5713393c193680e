"""The API as its clients see it: app.py behind Chalice's own gateway, on moto."""

import importlib
import json
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from chalice.test import Client, HTTPResponse

from functions import settings
from functions.accounts import people
from functions.catalogue import clock, intake, work
from functions.catalogue.film import Audit, Cost, Film, Rendition, Source, Storyboard
from functions.delivery import signing
from tests import described
from tests.unit.moto_in_one_piece import remembered

PASSWORD = "Correct horse 7"
FRONTEND = "http://127.0.0.1:5500"


@dataclass
class Api:
    """A client who may call as somebody."""

    client: Client
    tokens: dict[str, str] = field(default_factory=dict)

    def call(
        self, method: str, path: str, *, who: str | None = None, body: bytes = b"", **headers: str
    ) -> HTTPResponse:
        sent = {"Accept": "*/*"} | {name.replace("_", "-"): value for name, value in headers.items()}
        if who is not None:
            sent["Authorization"] = f"Bearer {self.token(who)}"
        answer = self.client.http.request(method, path, headers=sent, body=body)
        described.check(method, path, sent, body, answer)
        return answer

    def get(self, path: str, **how: str) -> HTTPResponse:
        return self.call("GET", path, **how)

    def token(self, who: str) -> str:
        if who not in self.tokens:
            self.tokens[who] = remembered(("token", who, settings.current()), lambda: self._logged_in(who))
        return self.tokens[who]

    def _logged_in(self, who: str) -> str:
        people.seed(f"{who}@example.com", PASSWORD, staff=who == "staff")
        login = {"email": f"{who}@example.com", "password": PASSWORD}
        answer = self.call("POST", "/api/login/", body=json.dumps(login).encode(), Content_Type="application/json")
        cookies = dict(cookie.partition(";")[0].split("=", 1) for cookie in answer.headers["Set-Cookie"])
        return cookies["access_token"]

    def person(self, who: str) -> people.Person:
        self.token(who)
        person = people.find_by_email(f"{who}@example.com")
        assert person
        return person


@pytest.fixture
def api(tables: None) -> Iterator[Api]:
    signing._sign.cache_clear()
    signing._signer.cache_clear()
    app = importlib.import_module("app").app  # not before the settings are there
    # the name of no stage: those of .chalice/config.json bring their own settings
    with Client(app, stage_name="unit") as client:
        yield Api(client)


def rendition(name: str, width: int, height: int, segments: tuple[float, ...] = (6.0, 6.0, 2.5)) -> Rendition:
    return Rendition(
        name=name,
        width=width,
        height=height,
        frame_rate=24000 / 1001,
        codecs="avc1.64001f,mp4a.40.2",
        peak_bandwidth=height * 3000,
        average_bandwidth=height * 2000,
        segments=segments,
    )


LOW, MIDDLE, HIGH = rendition("480p", 854, 480), rendition("720p", 1280, 720), rendition("1080p", 1920, 1080)


def _once(what: str, make: Callable[[], Any], *of: Hashable) -> Any:
    """Do to a film what an earlier test did already, unless the clock or the code is not the one of then."""
    code = (clock.now, intake.register, work.start, work.claim, work.encoding, work.publish)
    return remembered((what, *of, code, settings.current()), make)


@dataclass
class Films:
    """Makes films as an upload, a worker and nobody else would."""

    api: Api
    made: int = 0

    def waiting(self, *, owner: str = "owner", **said) -> Film:
        self.made += 1
        source = Source(key=f"film {self.made}.mp4", sequencer="0A", size=10, etag="e")
        upload = intake.Upload(
            source=source, owner_id=self.api.person(owner).id, **({"title": "A film", "published": True} | said)
        )
        return _once("waiting", lambda: self._waiting(upload), repr(upload))

    def _waiting(self, upload: intake.Upload) -> Film:
        registered = intake.register(upload)
        started = work.start(registered.film_id, registered.version)
        assert started
        film = work.claim(started.id, started.version, str(started.execution))
        assert film
        return film

    def encoding(self, **said) -> Film:
        film = self.waiting(**said)
        assert _once(
            "encoding",
            lambda: work.encoding(film.id, film.version, str(film.execution), height=720, event="encoding"),
            film.id,
        )
        return film

    def ready(self, *renditions: Rendition, **said) -> Film:
        film = self.encoding(**said)
        return _once("ready", lambda: self._published(film, renditions), film.id, repr(renditions))

    def _published(self, film: Film, renditions: tuple[Rendition, ...]) -> Film:
        outcome = work.Outcome(
            renditions=renditions or (LOW, MIDDLE),
            thumbnail="thumbnail.jpg",
            storyboard=Storyboard(interval=1.0, width=160, height=90, sheets=(("storyboard/00000-000.jpg", 14),)),
            duration=14.5,
            audit=Audit(at=datetime.now(UTC), segments=6, seconds=14.5),
            cost=Cost(gb_seconds=12.5, requests=20, bytes=1000, usd=0.0003),
        )
        published = work.publish(film.id, film.version, str(film.execution), outcome)
        assert published
        return published


@pytest.fixture
def films(api: Api) -> Films:
    return Films(api)


@pytest.fixture
def many_uploads(environment: pytest.MonkeyPatch) -> None:
    """Let a test announce as many uploads as it likes."""
    environment.setenv("UPLOADS_PER_MINUTE", "1000")
    environment.setenv("UPLOADS_PER_DAY", "1000")
    settings.current.cache_clear()
