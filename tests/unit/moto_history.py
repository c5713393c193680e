"""What moto's AWS has been through since it was fresh: while that is known by name, the same can be put back later.

A write by the test itself has no name. From then on nothing is known, until AWS is fresh again.
"""

import functools
from collections.abc import Hashable

_READS = ("BatchGet", "Describe", "Get", "Head", "List", "Query", "Scan", "TransactGet")


class History:
    """The names of all that was done, or None."""

    def __init__(self) -> None:
        self.names: tuple[Hashable, ...] | None = None
        self.written: set[str] = set()

    def begins(self, name: Hashable) -> None:
        """AWS is as `name` makes it, whatever it was before."""
        self.names = (name,)

    def is_lost(self) -> None:
        """Somebody changed something."""
        self.names = None

    def note(self, service: str, operation: str) -> None:
        """A call is about to be made."""
        if _writes(operation):
            self.names = None
            self.written.add(service)


@functools.cache
def _writes(operation: str) -> bool:
    return not operation.startswith(_READS)


of_this_process = History()
