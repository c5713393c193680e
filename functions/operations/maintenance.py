"""The whole stage is looked through: do films and objects fit together? What does not can be mended."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from functions import log
from functions.catalogue import caption_files, objects, store
from functions.catalogue.film import Film
from functions.errors import DomainError
from functions.operations import encoding, orphans, renditions
from functions.operations.orphans import Orphan
from functions.operations.renditions import Broken
from functions.settings import current
from functions.transcoding import ingest


@dataclass
class Findings:
    """What was found.

    Attributes:
        films: How many there are.
        uploads: How many uploaded objects there are.
        broken: Films of which something is missing in the media bucket.
        missing: Films that play nothing though encoding them may help.
        unregistered: Keys of uploads that no film knows of: their events were lost.
        captions_unused: Keys of files of captions that no film has: their event was lost, no film stands beside
            them, their name says no language, they were refused, or newer ones came through the API.
        sources_missing: Films whose source is gone: they cannot be encoded again.
        orphans: What nobody needs.
    """

    films: int = 0
    uploads: int = 0
    broken: list[Broken] = field(default_factory=list)
    missing: list[Film] = field(default_factory=list)
    unregistered: list[str] = field(default_factory=list)
    captions_unused: list[str] = field(default_factory=list)
    sources_missing: list[Film] = field(default_factory=list)
    orphans: list[Orphan] = field(default_factory=list)


def scan(on_step: Callable[[Iterator[Film]], Iterator[Film]] = lambda films: films) -> Findings:
    """Look through all films and both buckets. Changes nothing.

    Args:
        on_step: Gets the films as they are read and gives them on: to show how far it is.
    """
    bucket, found = current().uploads_bucket, Findings(orphans=list(orphans.in_media()))
    sources = _look_at_uploads(found)
    used = set[str | None]()
    for film in on_step(store.all_films()):
        found.films += 1
        used |= {caption.source_key for caption in film.captions}
        if broken := renditions.check(film):
            found.broken.append(broken)
        if encoding.is_missing(film):
            found.missing.append(film)
        # a film that came after the uploads were listed is looked for once more
        if film.source.etag and film.source.key not in sources and not objects.etag(bucket, film.source.key):
            found.sources_missing.append(film)
    found.captions_unused = [key for key in found.captions_unused if key not in used]
    return found


def _look_at_uploads(found: Findings) -> set[str]:
    bucket, keys = current().uploads_bucket, set()
    for stored in objects.listed(bucket):
        key = stored.key
        if key.endswith("/"):
            continue
        if caption_files.is_one(key):
            found.captions_unused.append(key)
            continue
        found.uploads += 1
        keys.add(key)
        owned = store.ownership(key)
        if owned and orphans.is_left(stored, owned):
            found.orphans.append(Orphan(bucket=bucket, key=key, objects=1, size=stored.size))
        elif orphans.is_unregistered(key, owned):
            found.unregistered.append(key)
    return keys


@dataclass(frozen=True)
class Healed:
    """What was mended: ids of films, and keys of uploads; keys of those that could not be registered."""

    films: list[int] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def heal(found: Findings) -> Healed:
    """Encode again what is broken, and register uploads whose events were lost. One that fails holds up no other."""
    beyond = {film.id for film in found.sources_missing}
    films = encoding.start_those_free(broken.film.id for broken in found.broken if broken.film.id not in beyond)
    uploads = (*found.unregistered, *found.captions_unused)
    failed = [key for key in uploads if not _registered(key)]
    return Healed(films, [key for key in found.unregistered if key not in failed], failed)


def _registered(key: str) -> bool:
    try:
        ingest.on_object(current().uploads_bucket, key, "")
    except (DomainError, BotoCoreError, ClientError, PynamoDBException):
        log.exception("upload_not_registered", key=key)
        return False
    return True


def enqueue_missing(found: Findings) -> list[int]:
    """Start the films that play nothing; returns their ids."""
    beyond = {film.id for film in found.sources_missing}
    return encoding.start_those_free(film.id for film in found.missing if film.id not in beyond)


def prune(found: Findings) -> int:
    """Delete all orphans; returns how many objects that were."""
    return sum(orphans.prune(orphan) for orphan in found.orphans)
