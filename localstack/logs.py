"""Show and follow the stack's logs: `python -m localstack.logs [--no-follow] [--lines N]`."""

from __future__ import annotations

import argparse
import sys
import time
from collections import deque
from pathlib import Path

from localstack.progress import fail
from localstack.stack import StackError, load

_FILES = ("stack.log", "functions.log")
_POLL = 0.3


def main() -> int:
    """Print the end of both logs, then what is added; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-follow", action="store_true", help="end after what is there")
    parser.add_argument("--lines", type=int, default=40, metavar="N", help="how many of each log's last lines to show")
    options = parser.parse_args()
    try:
        folder = load().log_folder
    except StackError as error:
        return fail(str(error))
    if not folder.exists():
        return fail(f"There are no logs in {folder} yet: start the stack with `make up`.")
    places = {folder / name: _show_end(folder / name, options.lines) for name in _FILES}
    if not options.no_follow:
        try:
            _follow(places)
        except KeyboardInterrupt:
            print()
    return 0


def _show_end(file: Path, lines: int) -> int:
    """Print the last lines; return where the file ended."""
    if not file.exists():
        return 0
    with file.open(encoding="utf-8", errors="replace") as text:
        for line in deque(text, maxlen=lines):
            print(f"{file.stem}: {line}", end="")
        return text.tell()


def _follow(places: dict[Path, int]) -> None:
    while True:
        for file, place in places.items():
            if file.exists():
                places[file] = _show_new(file, place)
        time.sleep(_POLL)


def _show_new(file: Path, place: int) -> int:
    if file.stat().st_size < place:
        place = 0  # it was rolled over, or a new stack began
    with file.open(encoding="utf-8", errors="replace") as text:
        text.seek(place)
        for line in text:
            print(f"{file.stem}: {line}", end="", flush=True)
        return text.tell()


if __name__ == "__main__":
    sys.exit(main())
