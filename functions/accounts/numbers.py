"""The ids of people: each is given once, and a row of the table says which was the last.

A table that was restored counts on from where it was then, though films and positions may be kept under higher ids.
"""

from typing import Final

from functions.accounts.rows import DIRECTORY, CounterRow, PersonRow, read, update_if

_KEY: Final = ("counter", "counter")


def following() -> int:
    """Return an id that nobody else gets."""
    counter = CounterRow(*_KEY)
    counter.update([CounterRow.kind.set(CounterRow), CounterRow.last.add(1)])
    return int(counter.last)


def last() -> int:
    """Return the last id that was given, 0 if none was."""
    counter = read(_KEY).get(_KEY)
    return int(counter.last) if isinstance(counter, CounterRow) else 0


def skip_to(number: int) -> None:
    """Give only ids above `number` from now on, if that is not so already."""
    lower = CounterRow.last.does_not_exist() | (CounterRow.last < number)
    update_if(CounterRow(*_KEY), [CounterRow.kind.set(CounterRow), CounterRow.last.set(number)], lower)


def highest() -> int:
    """Return the highest id that somebody has, 0 if nobody is there. For operators: reads the directory of all."""
    people = PersonRow.by_email.query(DIRECTORY)
    return max((int(row.pk.partition("#")[2]) for row in people), default=0)
