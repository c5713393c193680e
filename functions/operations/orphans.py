"""Objects that belong to nobody any more: media of no film, versions nobody is served, sources of deleted films.

Only what has the form of a key of ours is ever called an orphan. A version that was replaced is none: the watchdog
removes it when the last URL signed for it is dead.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from functions import aws
from functions.catalogue import intake, layout, objects, reservation, store, versions
from functions.catalogue.objects import Stored
from functions.catalogue.store import Ownership
from functions.settings import current

_FILM: Final = re.compile(r"([1-9][0-9]{0,15})/", re.ASCII)
_VERSION: Final = re.compile(r"[0-9]+/([0-9]+-[0-9a-f]{12}|captions-[0-9a-f]{16})/", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Orphan:
    """A folder of the media bucket (`key` ends in a slash), or an object of the uploads bucket."""

    bucket: str
    key: str
    objects: int
    size: int


def in_media() -> Iterator[Orphan]:
    """Yield what the media bucket holds for nobody."""
    bucket = current().media_bucket
    for film_id in numbered_folders():
        yield from (_measured(bucket, prefix) for prefix in _left(bucket, film_id))


def numbered_folders() -> Iterator[int]:
    """Yield the ids that folders of the media bucket are called by, whether there are such films or not."""
    for folder in objects.folders(current().media_bucket, ""):
        if match := _FILM.fullmatch(folder):
            yield int(match[1])


def is_version(folder: str) -> bool:
    """Whether a folder of the media bucket (with a slash at its end) is called as one of a film's versions is."""
    return _VERSION.fullmatch(folder) is not None


def _left(bucket: str, film_id: int) -> list[str]:
    # what is in the bucket is asked for first: whatever is there by then, its film was there before
    folders = list(objects.folders(bucket, layout.film_prefix(film_id)))
    film = store.get(film_id)
    if film is None:
        return [layout.film_prefix(film_id)]
    live = versions.live(film)
    made = [(folder, match[1]) for folder in folders if (match := _VERSION.fullmatch(folder))]
    return [folder for folder, version in made if version not in live and not store.is_retired(film_id, version)]


def _measured(bucket: str, prefix: str) -> Orphan:
    sizes = [stored.size for stored in objects.listed(bucket, prefix)]
    return Orphan(bucket=bucket, key=prefix, objects=len(sizes), size=sum(sizes))


def is_left(stored: Stored, owned: Ownership) -> bool:
    """Whether an upload is what a deleted film was made of, or what a film has left, so that nothing leads to it."""
    if owned.deleted:
        return owned.deleted.etag == stored.etag and not _came_later(stored, owned.deleted_at)
    film = store.get(owned.film_id)
    if film and film.source.key == stored.key:
        return False
    if intake.is_reserved(stored.key):
        expected = reservation.pending(owned.film_id)
        # where no file was taken yet, the event of this one may still be on its way
        return owned.spent and not (expected and expected.key == stored.key)
    if owned.left is None:
        return film is None  # it was left before that was noted
    return owned.left.etag == stored.etag and not _came_later(stored, owned.left.modified)


def _came_later(stored: Stored, known: datetime | None) -> bool:
    return known is not None and objects.is_later(stored.modified, known)


def is_unregistered(key: str, owned: Ownership | None) -> bool:
    """Whether no film knows of an upload that `is_left` is not true of: its event was lost, or is on its way."""
    if intake.is_reserved(key):
        return False
    if owned is None or owned.deleted:
        return True
    if owned.left is None:
        return False
    film = store.get(owned.film_id)
    return film is None or film.source.key != key


def prune(orphan: Orphan) -> int:
    """Delete an orphan; returns how many objects that were. One that belongs to somebody by now stays."""
    if orphan.key.endswith("/"):
        # by now a film may have been given the number that the folder is called by
        film_id = int(orphan.key.partition("/")[0])
        is_left_still = orphan.key in _left(orphan.bucket, film_id)
        return objects.delete_prefix(orphan.bucket, orphan.key) if is_left_still else 0
    stored, owned = objects.look(orphan.bucket, orphan.key), store.ownership(orphan.key)
    if stored is None or owned is None or not is_left(stored, owned):
        return 0
    aws.s3().delete_object(Bucket=orphan.bucket, Key=orphan.key)
    return 1
