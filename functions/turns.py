"""Work on many items: one that fails costs no other its turn, and whoever started the work hears of it at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from functions import log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class TurnsError(Exception):
    """Some of the items failed; the log has a line and a traceback for each."""

    def __init__(self, failure: str, failed: int, total: int) -> None:
        super().__init__(f"{failed} of {total} failed ({failure})")


def each(
    items: Iterable[_Item],
    action: Callable[[_Item], _Result],
    *,
    failure: str,
    facts: Callable[[_Item], Mapping[str, object]],
) -> list[_Result]:
    """Call `action` with each item; returns what it answered.

    Args:
        items: Are asked for one by one, so they may end when the time does.
        action: What is done with an item.
        failure: The event that is logged of an item whose action raised.
        facts: Says of an item what names it in every line that is logged meanwhile. Never a secret.

    Raises:
        TurnsError: the action raised for at least one item; all have had their turn.
    """
    results: list[_Result] = []
    failed = 0
    for item in items:
        with log.bound(**facts(item)):
            try:
                results.append(action(item))
            except Exception:  # noqa: BLE001 - logged here, raised again as TurnsError below
                failed += 1
                log.exception(failure)
    if failed:
        raise TurnsError(failure, failed, failed + len(results))
    return results
