"""How far a long command is: a line on standard error that is written over, and only where a person looks at it."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")

_WIDTH = 30  # characters of the bar


class Bar:
    """A bar for something of known size. Use it in a `with` block, which ends its line."""

    def __init__(self, label: str, total: int) -> None:
        self._label, self._total, self._done, self._shown = label, total, 0, -1
        self._lock = threading.Lock()

    def __enter__(self) -> Bar:
        self.add(0)
        return self

    def __exit__(self, *_: object) -> None:
        if sys.stderr.isatty():
            print(file=sys.stderr)

    def add(self, amount: int) -> None:
        """Say that `amount` more is done. Several threads may."""
        with self._lock:
            self._done += amount
            self._show()

    def _show(self) -> None:
        percent = min(100, 100 * self._done // self._total) if self._total else 100
        if percent == self._shown or not sys.stderr.isatty():
            return
        self._shown = percent
        full = _WIDTH * percent // 100
        print(
            f"\r{self._label} [{'#' * full}{'.' * (_WIDTH - full)}] {percent:3} %", end="", file=sys.stderr, flush=True
        )


def counted(label: str, items: Iterable[T]) -> Iterator[T]:
    """Yield `items`, whose number nobody knows before, and show how many there were."""
    count = 0
    for item in items:
        count += 1
        if sys.stderr.isatty():
            print(f"\r{label} {count}", end="", file=sys.stderr, flush=True)
        yield item
    if count and sys.stderr.isatty():
        print(file=sys.stderr)
