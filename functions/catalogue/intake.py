"""An uploaded object becomes a film, exactly one, however often and in whatever order its events arrive."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from functions import settings
from functions.catalogue import clock, objects, store, text, versions, work
from functions.catalogue.film import Failure, Film, Source, State
from functions.catalogue.timeline import extended
from functions.errors import ConflictError

RESERVED: Final = "api/"
"""Prefix of the keys that the server chooses (`api/{id}/{random}`): each is for one film, and for no other ever."""

_TRIES: Final = 10


class Outcome(StrEnum):
    """What an upload's event meant."""

    NEW = "new"
    REPLACED = "replaced"
    RESUMED = "resumed"
    DUPLICATE = "duplicate"
    LATE = "late"


@dataclass(frozen=True, kw_only=True)
class Upload:
    """An object in the uploads bucket and what its uploader said about it.

    Attributes:
        title: Empty or None: not said, as with the next three. A new film gets the default, a replaced one keeps
            what it has.
        owner_id: Who gets a new film; a replaced one stays with its owner.
        failure: Why it is not to be encoded: then the film has failed from the first.
    """

    source: Source
    owner_id: int
    title: str | None = None
    description: str | None = None
    category: str | None = None
    published: bool | None = None
    failure: Failure | None = None


@dataclass(frozen=True, kw_only=True)
class Registration:
    """What became of an upload.

    Attributes:
        previous: The source that this one took the place of, where that has another key: it may go.
    """

    film_id: int
    version: str
    outcome: Outcome
    previous: Source | None = None

    @property
    def wants_work(self) -> bool:
        """Whether this version has to be encoded, unless its upload is not to be."""
        return self.outcome in (Outcome.NEW, Outcome.REPLACED, Outcome.RESUMED)


def folder(film_id: int) -> str:
    """Return the prefix of the keys that the server chooses for a film."""
    return f"{RESERVED}{film_id}/"


def is_reserved(key: str) -> bool:
    """Whether the server chose this key: then its uploader may say nothing but the content."""
    return key.startswith(RESERVED)


def register(upload: Upload) -> Registration:
    """Register an upload. Idempotent; simultaneous calls for one key make one film.

    Raises:
        ConflictError: others kept changing the same film; try later.
    """
    for _ in range(_TRIES):
        registration = _registered(upload)
        if registration:
            return registration
    raise ConflictError("The video is being changed. Try again.")


def _registered(upload: Upload) -> Registration | None:
    """Try once; None if somebody was faster."""
    owned = store.ownership(upload.source.key)
    if owned is None:
        return _created(upload)
    if owned.deleted:
        order = _order_of_deleted(upload.source, owned.deleted, owned.deleted_at)
        return _created(upload) if order is None else Registration(film_id=owned.film_id, version="", outcome=order)
    decision: list[tuple[Outcome, Source | None]] = []

    def step(film: Film) -> Film:
        outcome, after = _decide(film, upload, clock.now())
        decision[:] = [(outcome, film.source if film.source.key != after.source.key else None)]
        return after

    film = store.change(owned.film_id, step)
    if film is None:
        return _of_a_film_that_is_gone(upload, owned.film_id)
    outcome, previous = decision[0]
    return Registration(film_id=film.id, version=film.version, outcome=outcome, previous=previous)


def _order_of_deleted(event: Source, deleted: Source, at: datetime | None) -> Outcome | None:
    if is_reserved(event.key):
        return Outcome.LATE
    if event.modified and at and objects.is_later(event.modified, at):
        return None  # also the same content: it was sent again
    return _order(event, deleted)


def _of_a_film_that_is_gone(upload: Upload, film_id: int) -> Registration | None:
    """Answer an upload under a second key of a deleted film: its last source has a tombstone, the others have not."""
    if is_reserved(upload.source.key):
        return Registration(film_id=film_id, version="", outcome=Outcome.LATE)
    store.disown(upload.source.key, film_id)
    return None


def _created(upload: Upload) -> Registration | None:
    now = clock.now()
    film = _judged(new_film(store.next_id(), upload, now), upload, now)
    if store.create(film):
        return Registration(film_id=film.id, version=film.version, outcome=Outcome.NEW)
    return None


def _judged(film: Film, upload: Upload, now: datetime) -> Film:
    """Return a film that an upload has queued, or failed at once: whoever starts films must not find it waiting."""
    return work.failed(film, upload.failure, now) if upload.failure else film


def new_film(film_id: int, upload: Upload, now: datetime) -> Film:
    """Return the film that an upload makes, as it begins: queued, with defaults for what its uploader did not say."""
    published = settings.current().publish_by_default if upload.published is None else upload.published
    stem = text.readable_stem(upload.source.key)
    return Film(
        id=film_id,
        title=text.clean_title(upload.title or "") or stem or text.UNTITLED,
        description=text.clean_description(upload.description or ""),
        category=text.clean_category(upload.category or ""),
        owner_id=upload.owner_id,
        published=published,
        created_at=now,
        updated_at=now,
        source=upload.source,
        version=versions.name(1, upload.source),
        state=State.QUEUED,
        renditions=(),
        timeline=extended((), now, "received", "queued"),
        queued_at=now,
        lease_expires_at=now.timestamp(),
    )


def _decide(film: Film, upload: Upload, now: datetime) -> tuple[Outcome, Film]:
    """Return what the upload means to a film that is there already, and what the film becomes."""
    if _was_left(film, upload.source):
        return Outcome.LATE, film
    order = None if film.state is State.UPLOADING else _order(upload.source, film.source)
    if order is None:
        return Outcome.REPLACED, _judged(_replaced(film, upload, now), upload, now)
    if order is Outcome.DUPLICATE and film.state is State.QUEUED and film.attempt == 0:
        # whoever stored it may have died before it was started; it can only be started once
        return Outcome.RESUMED, film
    return order, film


def _was_left(film: Film, source: Source) -> bool:
    """Whether the film had this file and has left it for another, so that it is no news, whatever its time.

    To be asked after the film was read: that it has another and that it left this one are told in one write.
    """
    owned = store.ownership(source.key) if source.key != film.source.key else None
    if owned is None or owned.left is None:
        return False
    return is_reserved(source.key) or (_is_same(source, owned.left) and source.modified == owned.left.modified)


def _replaced(film: Film, upload: Upload, now: datetime) -> Film:
    """Return the film with new content to encode; viewers keep the published version until it is ready."""
    event = "replaced" if film.source.etag else "received"  # an announced film has no file yet
    return replace(
        queued(film, upload.source, now, event, "queued"),
        title=text.clean_title(upload.title or "") or film.title,
        description=text.clean_description(upload.description or "") or film.description,
        category=text.clean_category(upload.category) if upload.category else film.category,
        published=film.published if upload.published is None else upload.published,
        updated_at=now,
    )


def queued(film: Film, source: Source, now: datetime, *events: str) -> Film:
    """Return the film with a new version to be made of `source`; what was published stays until that is ready.

    A version is never made twice: what an earlier attempt left behind cannot mix with what this one makes.
    """
    return replace(
        film,
        source=source,
        version=versions.after(film.version, source),
        state=State.QUEUED,
        failure=None,
        attempt=0,
        queued_at=now,
        execution=None,
        lease_expires_at=now.timestamp(),
        timeline=extended(film.timeline, now, *events),
    )


def _order(event: Source, known: Source) -> Outcome | None:
    """Return whether an event is late or a duplicate; None: it is news.

    On one key sequencers decide: hexadecimal strings, the shorter padded with zeros on the right (Amazon S3 User
    Guide, event message structure). Stores that speak S3 may send none, or the same for all: then the object's time
    decides, as it does between two keys, and where that is unknown or the same, its content. The same content is no
    news on a key of the server's, which is for one file, nor where it was sent in parts and the two have come by the
    same event, or only one by any: their times are not the same one's (`ingest`).
    """
    one_event = bool(event.sequencer) != bool(known.sequencer) or event.sequencer == known.sequencer != ""
    if _is_same(event, known) and (is_reserved(event.key) or ("-" in event.etag and one_event)):
        return Outcome.DUPLICATE
    if event.key == known.key and event.sequencer and known.sequencer:
        width = max(len(event.sequencer), len(known.sequencer))
        order = _compared(event.sequencer.lower().ljust(width, "0"), known.sequencer.lower().ljust(width, "0"))
        if order != 0:
            return Outcome.LATE if order < 0 else None
    if event.modified and known.modified and event.modified != known.modified:
        return Outcome.LATE if event.modified < known.modified else None
    return Outcome.DUPLICATE if _is_same(event, known) else None


def _is_same(one: Source, other: Source) -> bool:
    return (one.key, one.etag, one.size) == (other.key, other.etag, other.size)


def _compared(one: str, other: str) -> int:
    return (one > other) - (one < other)
