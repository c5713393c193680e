"""Films while they are made, and as they are published: each step as the transcoder takes it, without its work."""

from dataclasses import replace

from functions.catalogue import clock, intake, layout, making, work
from functions.catalogue.film import Audit, Cost, Film, Rendition, Source, Storyboard
from functions.catalogue.making import Draft, DraftRendition
from tests.unit import clients
from tests.unit.http.conftest import Api

DRAFT = Draft(
    frame_rate="24000/1001",
    frames=480,
    starts=(0, 48, 192, 336),
    chunks=(0, 2),
    renditions=(
        DraftRendition(name="480p", width=854, height=480, codecs="avc1.64001f,mp4a.40.2", bandwidth=3_000_000),
        DraftRendition(name="720p", width=1280, height=720, codecs="avc1.640020,mp4a.40.2", bandwidth=7_000_000),
    ),
    plan={},
)
"""20.02 s in segments of 2 and 6 s; two chunks of two segments."""

BOARD = Storyboard(
    interval=6.006,
    width=160,
    height=90,
    sheets=((layout.board_name(0, 0), 2), (layout.board_name(1, 0), 2)),
)


def waiting(api: Api, key: str = "film.mp4", *, owner: str = "owner", **said) -> Film:
    source = Source(key=key, sequencer="0A", size=10, etag="e")
    upload = intake.Upload(
        source=source, owner_id=api.person(owner).id, **({"title": "A film", "published": True} | said)
    )
    registered = intake.register(upload)
    film = work.start(registered.film_id, registered.version)
    assert film
    return film


def encoding(api: Api, key: str = "film.mp4", *, draft: Draft = DRAFT, **said) -> Film:
    return prepared(waiting(api, key, **said), draft)


def prepared(film: Film, draft: Draft = DRAFT) -> Film:
    assert film.execution
    claimed = work.claim(film.id, film.version, film.execution)
    assert claimed
    making.begin(film.id, film.version, draft)
    assert work.encoding(film.id, film.version, film.execution, height=720, event="encoding")
    return claimed


def stored(film: Film, chunk: int, worker: str = "worker", **segments: int) -> None:
    """Say that so many segments of each rendition of a chunk are stored."""
    known = making.look(film.id, film.version)
    assert known
    begun = known.chunks.get(chunk)
    if begun is None:
        assert making.begin_chunk(film.id, film.version, chunk, worker)
    counts = {f"{name[1:]}p": count for name, count in segments.items()}
    assert making.advance_chunk(film.id, film.version, chunk, worker, frames=1, stored=counts)


def outcome(draft: Draft = DRAFT, **said) -> work.Outcome:
    renditions = tuple(
        Rendition(
            name=made.name,
            width=made.width,
            height=made.height,
            frame_rate=24000 / 1001,
            codecs=made.codecs,
            peak_bandwidth=made.bandwidth // 2,
            average_bandwidth=made.bandwidth // 4,
            segments=draft.segments(),
        )
        for made in draft.renditions
    )
    made = work.Outcome(
        renditions=renditions,
        thumbnail="thumbnail.jpg",
        storyboard=BOARD,
        duration=round(sum(draft.segments()), 6),
        audit=Audit(at=clock.now(), segments=8, seconds=20.02),
        cost=Cost(),
    )
    return replace(made, **said)


def publish(film: Film, draft: Draft = DRAFT, **said) -> Film:
    assert film.execution
    published = work.publish(film.id, film.version, film.execution, outcome(draft, **said))
    assert published
    making.forget(film.id, film.version)
    return published


def ready(api: Api, key: str = "film.mp4", *, made: dict | None = None, **said) -> Film:
    return publish(encoding(api, key, **said), **(made or {}))


def store_object(film: Film, name: str, body: bytes = b"0123456789") -> None:
    key = f"{layout.version_prefix(film.id, film.version)}{name}"
    clients.client("s3").put_object(Bucket="videoflix-media", Key=key, Body=body)
