"""Films for the catalogue's tests, and a clock that they set."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from functions.catalogue import clock, intake, work
from functions.catalogue.film import Film, Rendition, Source


@dataclass
class Clock:
    time: datetime = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def pass_(self, **time: float) -> None:
        self.time += timedelta(**time)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    set_clock = Clock()
    monkeypatch.setattr(clock, "now", set_clock)
    return set_clock


@pytest.fixture(autouse=True)
def _catalogue(tables: None) -> Iterator[None]:
    yield tables


def source(key: str = "film.mp4", sequencer: str = "0A", etag: str = "e1", size: int = 10, modified=None) -> Source:
    return Source(key=key, sequencer=sequencer, size=size, etag=etag, modified=modified)


def upload(key: str = "film.mp4", sequencer: str = "0A", etag: str = "e1", **said) -> intake.Upload:
    modified = said.pop("modified", None)
    owner_id = said.pop("owner_id", 7)
    return intake.Upload(source=source(key, sequencer, etag, modified=modified), owner_id=owner_id, **said)


RENDITION = Rendition(
    name="480p",
    width=854,
    height=480,
    frame_rate=25.0,
    codecs="avc1.4d401e,mp4a.40.2",
    peak_bandwidth=1_200_000,
    average_bandwidth=900_000,
    segments=(6.0,) * 1199 + (3.24,),
)
OUTCOME = work.Outcome(renditions=(RENDITION,), thumbnail="thumbnail.jpg", duration=7197.24, height=720)

Make = Callable[..., Film]


@pytest.fixture
def ready() -> Make:
    """Make a finished film, as an upload, a worker and nobody else would."""

    def make(key: str, *, height: int = 720, **said) -> Film:
        registered = intake.register(upload(key, **said))
        work.claim(registered.film_id, registered.version, "w")
        work.advance(registered.film_id, registered.version, "w", state=work.State.ENCODING, percent=1, progress={})
        outcome = work.Outcome(renditions=(RENDITION,), thumbnail="thumbnail.jpg", duration=1.5, height=height)
        published = work.publish(registered.film_id, registered.version, "w", outcome)
        assert published
        return published.film

    return make
