"""How many films are encoded at the same time: each execution of the state machine holds a slot while it runs.

A burst of uploads waits here as films in the queue, and not as machines that all work a little.
"""

from pynamodb.expressions.condition import size

from functions.catalogue import writing
from functions.catalogue.items import SlotsItem

_KEY = ("counter", "encoding")


def take(execution: str, limit: int) -> bool:
    """Take a slot for an execution; taking it twice is taking it once. False: all are taken.

    Args:
        execution: Its name.
        limit: How many slots there are.
    """
    held = SlotsItem.executions
    free = held.does_not_exist() | (size(SlotsItem.executions) < limit) | held.contains(execution)
    return writing.attempt(lambda: SlotsItem(*_KEY).update(actions=[held.add({execution})], condition=free))


def give_back(execution: str) -> None:
    """Give the slot of an execution back, if it has one."""
    SlotsItem(*_KEY).update(actions=[SlotsItem.executions.delete({execution})])


def taken() -> frozenset[str]:
    """Return the executions that hold a slot."""
    try:
        return frozenset(SlotsItem.get(*_KEY, consistent_read=True).executions or ())
    except SlotsItem.DoesNotExist:
        return frozenset()
