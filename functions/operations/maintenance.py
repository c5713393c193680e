"""The whole stage is looked through: do films and objects fit together? What does not can be mended."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from functions import log
from functions.catalogue import caption_files, objects, store
from functions.catalogue.film import Film
from functions.errors import DomainError
from functions.operations import caption_texts, encoding, orphans, renditions
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
        broken: Films of which something is missing in the media bucket, captions included.
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
    found = Findings(orphans=list(orphans.in_media()))
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
        if film.source.key not in sources and encoding.has_lost_source(film):
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
    """What was mended.

    Attributes:
        films: Ids of those that are encoded again.
        uploads: Keys of those that became films.
        captions: Languages whose text is there again, by the film's id.
        failed: Keys of uploads that could not be registered.
    """

    films: list[int] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)
    captions: dict[int, list[str]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


def healable(found: Findings) -> Healed:
    """Return what `heal` would mend."""
    captions = {each.film.id: caption_texts.restorable(each.captions) for each in found.broken}
    return Healed(encoding.free(_with_source(found, _broken(found))), list(found.unregistered), _some(captions))


def heal(found: Findings) -> Healed:
    """Encode again what is broken, store captions again, register uploads whose events were lost.

    One that fails holds up no other.
    """
    films = encoding.start_those_free(film.id for film in _with_source(found, _broken(found)))
    captions = {each.film.id: caption_texts.restore(each.film.id, each.captions) for each in found.broken}
    uploads = (*found.unregistered, *found.captions_unused)
    failed = [key for key in uploads if not _registered(key)]
    return Healed(films, [key for key in found.unregistered if key not in failed], _some(captions), failed)


def _some(captions: dict[int, list[str]]) -> dict[int, list[str]]:
    return {film_id: languages for film_id, languages in captions.items() if languages}


def _registered(key: str) -> bool:
    try:
        ingest.on_object(current().uploads_bucket, key, "")
    except (DomainError, BotoCoreError, ClientError, PynamoDBException):
        log.exception("upload_not_registered", key=key)
        return False
    return True


def enqueueable(found: Findings) -> list[int]:
    """Return the ids of the films that `enqueue_missing` would start."""
    return encoding.free(_with_source(found, found.missing))


def enqueue_missing(found: Findings) -> list[int]:
    """Start the films that play nothing; returns their ids."""
    return encoding.start_those_free(film.id for film in _with_source(found, found.missing))


def _broken(found: Findings) -> Iterator[Film]:
    return (broken.film for broken in found.broken if broken.needs_encoding)


def _with_source(found: Findings, films: Iterable[Film]) -> Iterator[Film]:
    beyond = {film.id for film in found.sources_missing}
    return (film for film in films if film.id not in beyond)


def prune(found: Findings) -> int:
    """Delete all orphans; returns how many objects that were."""
    return sum(orphans.prune(orphan) for orphan in found.orphans)
