"""The items of the catalogue's table, as PynamoDB sees them.

Only files of this folder use them.
"""

import json
import zlib
from typing import Any

import msgspec
from pynamodb.attributes import (
    Attribute,
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.constants import BINARY
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection

from functions import settings
from functions.catalogue import shelves
from functions.catalogue.film import Film, Listing, State
from functions.dynamodb import Item

RECORD = "record"
WATCHER = "viewer#"  # what the sort keys of a film's watchers begin with
ENTRY = "shelf#all"  # the list entry that every film has


class _TableName:
    """The table's name, asked for when it is used: importing this file needs no settings."""

    def __get__(self, instance: object, owner: type) -> str:
        return settings.current().catalogue_table


class _Item(Item):
    class Meta:
        table_name = _TableName()

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True, default=RECORD)


class AnyItem(_Item):
    """An item of any kind, by its key."""


class NumberedItem(_Item):
    """An item of any kind, with what it may name a film or a person by beside its key."""

    film_id = NumberAttribute(null=True)
    owner_id = NumberAttribute(null=True)


class _PackedJson(Attribute[Any]):
    """A long list that repeats itself (thousands of segment durations) in a few hundred bytes."""

    attr_type = BINARY

    def serialize(self, value: object) -> bytes:
        return zlib.compress(json.dumps(value, separators=(",", ":")).encode())

    def deserialize(self, value: bytes) -> Any:  # noqa: ANN401 - whatever was put in
        return msgspec.json.decode(zlib.decompress(value))  # some times faster than json with thousands of numbers


class _ByCreated(GlobalSecondaryIndex["ShelfItem"]):
    class Meta:
        index_name = "by_created"
        projection = AllProjection()

    shelf = UnicodeAttribute(hash_key=True)
    created_key = UnicodeAttribute(range_key=True)


class _ByUpdated(GlobalSecondaryIndex["ShelfItem"]):
    class Meta:
        index_name = "by_updated"
        projection = AllProjection()

    shelf = UnicodeAttribute(hash_key=True)
    updated_key = UnicodeAttribute(range_key=True)


class _ByTitle(GlobalSecondaryIndex["ShelfItem"]):
    class Meta:
        index_name = "by_title"
        projection = AllProjection()

    shelf = UnicodeAttribute(hash_key=True)
    title_key = UnicodeAttribute(range_key=True)


class _ByWord(GlobalSecondaryIndex["WordItem"]):
    class Meta:
        index_name = "by_title"
        projection = AllProjection()

    shelf = UnicodeAttribute(hash_key=True)
    title_key = UnicodeAttribute(range_key=True)


class _ByHeight(GlobalSecondaryIndex["ShelfItem"]):
    class Meta:
        index_name = "by_height"
        projection = AllProjection()

    shelf = UnicodeAttribute(hash_key=True)
    height_key = UnicodeAttribute(range_key=True)


class _ByWatched(GlobalSecondaryIndex["PositionItem"]):
    class Meta:
        index_name = "by_updated"
        projection = AllProjection()

    shelf = UnicodeAttribute(hash_key=True)
    updated_key = UnicodeAttribute(range_key=True)


class _Unfinished(GlobalSecondaryIndex["FilmItem"]):
    class Meta:
        index_name = "unfinished"
        projection = KeysOnlyProjection()  # whoever is told reads the item itself, which is fresher

    unfinished = UnicodeAttribute(hash_key=True)
    lease_expires_at = NumberAttribute(range_key=True)


class FilmItem(_Item):
    """A film's record; attributes are named like `film.Film`'s fields."""

    by_lease = _Unfinished()

    id = NumberAttribute()
    title = UnicodeAttribute()
    description = UnicodeAttribute()
    category = UnicodeAttribute()
    owner_id = NumberAttribute()
    published = BooleanAttribute()
    created_at = UTCDateTimeAttribute()
    updated_at = UTCDateTimeAttribute()
    published_version = UnicodeAttribute(null=True)
    thumbnail = UnicodeAttribute(null=True)
    poster = UnicodeAttribute(null=True)
    duration = NumberAttribute(null=True)
    height = NumberAttribute(null=True)
    source: JSONAttribute = JSONAttribute()
    version = UnicodeAttribute()
    state = UnicodeAttribute()
    renditions = _PackedJson()
    timeline: JSONAttribute = JSONAttribute()
    failure: JSONAttribute = JSONAttribute(null=True)
    attempt = NumberAttribute()
    queued_at = UTCDateTimeAttribute(null=True)
    started_at = UTCDateTimeAttribute(null=True)
    captions: JSONAttribute = JSONAttribute(null=True)
    execution = UnicodeAttribute(null=True)
    poster_at = NumberAttribute(null=True)
    storyboard: JSONAttribute = JSONAttribute(null=True)
    audit: JSONAttribute = JSONAttribute(null=True)
    cost: JSONAttribute = JSONAttribute(null=True)
    revision = NumberAttribute()
    # both only while somebody has to act: the index holds nothing else
    unfinished = UnicodeAttribute(null=True)
    lease_expires_at = NumberAttribute(null=True)


class ShelfItem(_Item):
    """A film's entry on one shelf; attributes are named like `film.Listing`'s fields."""

    shelf = UnicodeAttribute()
    created_key = UnicodeAttribute()
    updated_key = UnicodeAttribute()
    title_key = UnicodeAttribute()
    height_key = UnicodeAttribute()
    by_created = _ByCreated()
    by_updated = _ByUpdated()
    by_title = _ByTitle()
    by_height = _ByHeight()

    id = NumberAttribute()
    title = UnicodeAttribute()
    description = UnicodeAttribute()
    category = UnicodeAttribute()
    owner_id = NumberAttribute()
    published = BooleanAttribute()
    created_at = UTCDateTimeAttribute()
    updated_at = UTCDateTimeAttribute()
    published_version = UnicodeAttribute(null=True)
    thumbnail = UnicodeAttribute(null=True)
    poster = UnicodeAttribute(null=True)
    duration = NumberAttribute(null=True)
    height = NumberAttribute(null=True)


class WordItem(_Item):
    """A word of a film's title or description; `revision` is that of the text that put it."""

    shelf = UnicodeAttribute()
    title_key = UnicodeAttribute()
    by_word = _ByWord()

    revision = NumberAttribute()


class SourceItem(_Item):
    """Which film an uploaded key belongs to; kept for a while after the film's deletion (`deleted_source`).

    `left_source` is the last that the film had there before it got one under another key.

    A key that the server chose is for one file: `arrived` is the entity tag of the one that it had, without quotes, and
    of a `cancelled` upload it has none any more.
    """

    film_id = NumberAttribute()
    arrived = UnicodeAttribute(null=True)
    cancelled = BooleanAttribute(null=True)
    left_source: JSONAttribute = JSONAttribute(null=True)
    # both only while the file that was left may be there
    unfinished = UnicodeAttribute(null=True)
    lease_expires_at = NumberAttribute(null=True)
    deleted_source: JSONAttribute = JSONAttribute(null=True)
    deleted_at = UTCDateTimeAttribute(null=True)
    expires_at = NumberAttribute(null=True)


class UploadItem(_Item):
    """The upload that a film expects; forgotten after a while (`expires_at`)."""

    key = UnicodeAttribute()
    size = NumberAttribute()
    part_size = NumberAttribute()
    upload_id = UnicodeAttribute(null=True)
    expires_at = NumberAttribute()


class PositionItem(_Item):
    """How far a viewer has watched a film."""

    # both only while there is something to continue
    shelf = UnicodeAttribute(null=True)
    updated_key = UnicodeAttribute(null=True)
    by_watched = _ByWatched()

    viewer_id = NumberAttribute()
    film_id = NumberAttribute()
    seconds = NumberAttribute()
    watched_at = UTCDateTimeAttribute()


class WatcherItem(_Item):
    """That a viewer has a position in a film: how the film's positions are found when it is deleted."""

    viewer_id = NumberAttribute()


class NoteItem(_Item):
    """That a film, or a version that was left, is to be looked after when `lease_expires_at` has come: see `notes`."""

    unfinished = UnicodeAttribute()
    lease_expires_at = NumberAttribute()


class MakingItem(_Item):
    """Of an encoding: its draft, or how far one of its chunks is."""

    draft = _PackedJson(null=True)
    worker = UnicodeAttribute(null=True)
    frames = NumberAttribute(null=True)
    stored: JSONAttribute = JSONAttribute(null=True)
    made: JSONAttribute = JSONAttribute(null=True)


class CounterItem(_Item):
    """The last film id that was given away."""

    last = NumberAttribute()


class SlotsItem(_Item):
    """The executions that encode now."""

    executions: UnicodeSetAttribute = UnicodeSetAttribute(null=True)


def film_key(film_id: int) -> str:
    """Return the partition key of everything kept about a film."""
    return f"film#{film_id}"


def position_key(viewer_id: int, film_id: int) -> tuple[str, str]:
    """Return the key of a viewer's position in a film."""
    return viewer_key(viewer_id), f"position#{film_id:016d}"


def viewer_key(viewer_id: int) -> str:
    """Return the partition key of everything kept about a viewer."""
    return f"viewer#{viewer_id}"


def watcher_key(viewer_id: int, film_id: int) -> tuple[str, str]:
    """Return the key of the note that a viewer has a position in a film."""
    return film_key(film_id), f"{WATCHER}{viewer_id}"


def retired_key(version: str) -> str:
    """Return the sort key of the note that a film's version is to be removed."""
    return f"retired#{version}"


def making_key(version: str) -> str:
    """Return what the sort keys of a version's encoding begin with."""
    return f"making#{version}#"


def source_key(key: str) -> str:
    """Return the partition key of an uploaded object's owner."""
    return f"source#{key}"


def film_item(film: Film, *, unfinished: str | None) -> FilmItem:
    """Return the record of `film`; `unfinished` names who has to act on it, if anybody."""
    values = msgspec.to_builtins(film, builtin_types=())
    for name in ("created_at", "updated_at", "queued_at", "started_at"):
        values[name] = getattr(film, name)
    if unfinished is None:
        values["lease_expires_at"] = None
    elif film.state is State.FAILED and not film.lease_expires_at:
        values["lease_expires_at"] = film.timeline[-1].at.timestamp()  # their order in the index
    return FilmItem(pk=film_key(film.id), unfinished=unfinished, **values)


def film_of(item: FilmItem) -> Film:
    """Return the film that a record describes."""
    values = {name: value for name, value in item.attribute_values.items() if value is not None}
    return msgspec.convert(values, Film, strict=False)


def shelf_items(film: Listing) -> list[ShelfItem]:
    """Return the list entries of `film`."""
    values: dict[str, Any] = {name: getattr(film, name) for name in Listing.__dataclass_fields__}
    values |= shelves.places(film)
    return [
        ShelfItem(pk=film_key(film.id), sk=f"shelf#{name}", shelf=shelf, **values)
        for name, shelf in shelves.standing(film)
    ]


def listing_of(item: ShelfItem) -> Listing:
    """Return what a list entry says of its film."""
    return msgspec.convert(item.attribute_values, Listing)
