"""Which ids of films and of people the catalogue's items name. For operators: reads every item.

A counter that was restored from an earlier day gives ids again that are named here, and with them what is kept so.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from functions.catalogue.items import NumberedItem

_FILM: Final = re.compile(r"(?:film|position)#([0-9]+)", re.ASCII)
_PERSON: Final = re.compile(r"(?:viewer|left)#([0-9]+)", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """The highest ids of films and people, 0 for none."""

    films: int = 0
    people: int = 0


def named() -> Iterator[Numbers]:
    """Yield for every item which ids it names."""
    attributes = ["pk", "sk", "film_id", "owner_id"]
    return map(_of, NumberedItem.scan(attributes_to_get=attributes))


def _of(item: NumberedItem) -> Numbers:
    return Numbers(
        films=max(_in_keys(_FILM, item), int(item.film_id or 0)),
        people=max(_in_keys(_PERSON, item), int(item.owner_id or 0)),
    )


def _in_keys(pattern: re.Pattern[str], item: NumberedItem) -> int:
    return max(int(found[1]) if (found := pattern.fullmatch(key)) else 0 for key in (item.pk, item.sk))
