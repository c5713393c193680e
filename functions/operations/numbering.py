"""Ids that are named anywhere are not given again, though a table was restored from a day before they were given."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from functions.accounts import numbers as of_people
from functions.catalogue import intake, layout, numbers, objects, store
from functions.catalogue.numbers import Numbers
from functions.operations import orphans
from functions.settings import current

_UPLOAD: Final = re.compile(rf"{intake.RESERVED}([1-9][0-9]{{0,15}})/[\w-]{{22}}", re.ASCII)


def behind(on_step: Callable[[Iterator[Numbers]], Iterator[Numbers]] = lambda items: items) -> Numbers:
    """Return the highest ids that tables or buckets name, 0 where the counter has reached them, as it should have.

    Reads both tables and lists both buckets; changes nothing.

    Args:
        on_step: Gets what the catalogue's items name, as they are read, and gives it on: to show how far it is.
    """
    films, people = _uploaded(), of_people.highest()
    for item in on_step(numbers.named()):
        films, people = max(films, item.films), max(people, item.people)
    # read last: what was given meanwhile may be named by now
    last_film, last_person = store.last_id(), of_people.last()
    films = _with_media(max(films, last_film))
    return Numbers(films=films if films > last_film else 0, people=people if people > last_person else 0)


def skip(found: Numbers) -> None:
    """Let no id up to what `behind` found be given. Doing it twice changes nothing."""
    if found.films:
        store.skip_to(found.films)
    if found.people:
        of_people.skip_to(found.people)


def _uploaded() -> int:
    keys = objects.keys(current().uploads_bucket, intake.RESERVED)
    return max((int(found[1]) for key in keys if (found := _UPLOAD.fullmatch(key))), default=0)


def _with_media(known: int) -> int:
    """Return the highest id above `known` of which there is a version's media, else `known`."""
    # a folder that somebody made by hand and called by a date would leave millions of ids out for ever
    above = sorted((film_id for film_id in orphans.numbered_folders() if film_id > known), reverse=True)
    return next((film_id for film_id in above if _has_media(film_id)), known)


def _has_media(film_id: int) -> bool:
    folders = objects.folders(current().media_bucket, layout.film_prefix(film_id))
    return any(map(orphans.is_version, folders))
