"""Files of JSON lines: appended to while the stack runs, and read although a kill or a full disk cut a line off."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any


def append(path: Path, entries: Iterable[Any], default: Callable[[Any], str] | None = None) -> None:
    """Append entries, a line each; `default` is that of `json.dumps`.

    Raises:
        OSError: they could not be written, or not all of them.
    """
    with path.open("a", encoding="utf-8") as file:
        # the first line break ends a line that a full disk cut off
        file.write("\n" + "".join(json.dumps(entry, default=default) + "\n" for entry in entries))


def read(path: Path) -> Iterator[Any]:
    """Give each entry that was written to its end.

    Raises:
        UnicodeDecodeError: the file is no text.
    """
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue
