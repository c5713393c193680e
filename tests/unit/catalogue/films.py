"""Uploads and what executions make of them, for the catalogue's tests."""

from dataclasses import dataclass
from datetime import UTC, datetime

from functions.catalogue import intake, store, work
from functions.catalogue.film import Audit, Cost, Film, Rendition, Source, Storyboard
from functions.catalogue.making import Draft, DraftRendition

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
DRAFT = Draft(
    frame_rate="24",
    frames=480,
    starts=(0, 48, 192, 336),
    chunks=(0, 2),
    renditions=tuple(
        DraftRendition(name=name, width=width, height=height, codecs="avc1.64001f,mp4a.40.2", bandwidth=height * 3000)
        for name, width, height in (("480p", 854, 480), ("720p", 1280, 720))
    ),
    plan={"frames": 480},
)
"""Twenty seconds: four segments, two in each of two chunks."""


@dataclass(frozen=True)
class Person:
    id: int
    is_staff: bool = False


OWNER, OTHER, STAFF = Person(7), Person(8), Person(9, is_staff=True)


def upload(key="film.mp4", sequencer="0A", etag="e1", *, size=10, modified=None, owner=OWNER, **said) -> intake.Upload:
    source = Source(key=key, sequencer=sequencer, size=size, etag=etag, modified=modified)
    return intake.Upload(source=source, owner_id=owner.id, **said)


def outcome(*renditions: Rendition) -> work.Outcome:
    return work.Outcome(
        renditions=renditions or (RENDITION,),
        thumbnail="thumbnail.jpg",
        storyboard=Storyboard(interval=10, width=160, height=90, sheets=(("storyboard/00000-000.jpg", 100),)),
        duration=7197.24,
        audit=Audit(at=datetime(2026, 11, 22, 12, 0, tzinfo=UTC), segments=1200, seconds=7197.24),
        cost=Cost(gb_seconds=12.5, requests=20, bytes=1000, usd=0.0003),
    )


def begin(film_id: int, version: str) -> str:
    """Start a film, unless that is done, and take it up; returns its execution."""
    film = work.start(film_id, version) or store.get(film_id)
    assert film
    assert film.execution
    assert work.claim(film_id, version, film.execution)
    return film.execution


def encode(film_id: int, version: str, *, height: int = 720) -> str:
    """Bring a film to where its chunks are encoded; returns its execution."""
    execution = begin(film_id, version)
    assert work.encoding(film_id, version, execution, height=height, event="encoding")
    return execution


def make_ready(key: str, *, height: int = 720, **said) -> Film:
    """Return a film that went the whole way."""
    registered = intake.register(upload(key, **said))
    execution = encode(registered.film_id, registered.version, height=height)
    published = work.publish(registered.film_id, registered.version, execution, outcome())
    assert published
    return published
