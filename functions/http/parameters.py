"""What stands in a path or a query, made typed."""

import math
import re
from collections.abc import Mapping

from functions.errors import InvalidInputError, NotFoundError

_ID = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)
_FALSE = ("0", "false", "False")


def identifier(text: str, missing: str) -> int:
    """Return the id that `text` spells.

    Raises:
        NotFoundError: with the sentence `missing`; nothing has an id that is spelled otherwise.
    """
    if not _ID.fullmatch(text):
        raise NotFoundError(missing)
    return int(text)


def ids(params: Mapping[str, str]) -> dict[str, int]:
    """Return the ids among a path's parameters, and nothing else of them: others may be tokens."""
    return {name: int(text) for name, text in params.items() if name.endswith("_id") and _ID.fullmatch(text)}


def switch(text: str | None, *, default: bool) -> bool:
    """Return whether a query's switch is on; `0`, `false` and `False` are off."""
    return default if text is None else text not in _FALSE


def count(name: str, text: str | None, *, most: int) -> int:
    """Return a whole number from 1 to `most`; more counts as `most`, nothing as well.

    Raises:
        InvalidInputError: it is no whole number of at least 1.
    """
    if text is None:
        return most
    if not _ID.fullmatch(text):
        raise InvalidInputError({name: [f"Give a whole number from 1 to {most}."]})
    return min(int(text), most)


def number(sent: object) -> float | None:
    """Return the finite number that a body's field is, in a form as text; None: it is none."""
    try:
        value = float(sent) if isinstance(sent, int | float | str) and not isinstance(sent, bool) else math.nan
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None
