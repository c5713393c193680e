"""Uploads and what workers make of them, for the catalogue's tests."""

from dataclasses import dataclass

from functions.catalogue import intake, work
from functions.catalogue.film import Film, Progress, Rendition, Source, State

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


@dataclass(frozen=True)
class Person:
    id: int
    is_staff: bool = False


OWNER, OTHER, STAFF = Person(7), Person(8), Person(9, is_staff=True)


def upload(key="film.mp4", sequencer="0A", etag="e1", *, size=10, modified=None, owner=OWNER, **said) -> intake.Upload:
    source = Source(key=key, sequencer=sequencer, size=size, etag=etag, modified=modified)
    return intake.Upload(source=source, owner_id=owner.id, **said)


def outcome(height: int = 720) -> work.Outcome:
    return work.Outcome(renditions=(RENDITION,), thumbnail="thumbnail.jpg", duration=7197.24, height=height)


def encode(film_id: int, version: str, worker: str = "w") -> None:
    assert work.claim(film_id, version, worker)
    progress = {"480p": Progress(percent=5, state=State.ENCODING)}
    assert work.advance(film_id, version, worker, state=State.ENCODING, percent=5, progress=progress)


def make_ready(key: str, *, height: int = 720, **said) -> Film:
    """Return a film that went the whole way."""
    registered = intake.register(upload(key, **said))
    encode(registered.film_id, registered.version)
    published = work.publish(registered.film_id, registered.version, "w", outcome(height))
    assert published
    return published.film
