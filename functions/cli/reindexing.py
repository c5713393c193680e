"""The command that brings lists and search up to date with the films."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.catalogue import reindexing
from functions.cli.frame import add_command, add_dry_run, print_json, print_table
from functions.cli.progress import counted

if TYPE_CHECKING:
    import argparse

    from functions.catalogue.reindexing import Gap
    from functions.cli.frame import Commands


def add_commands(commands: Commands) -> None:
    """Add this file's commands."""
    meaning = "Write the list entries and search words that videos lack, such as those stored before search existed."
    add_dry_run(add_command(commands, "reindex", reindex, meaning))


def reindex(arguments: argparse.Namespace) -> int:
    """Look at every film and write what leads to it and is not there."""
    count, mended = 0, []
    for gap in counted("Videos checked:", reindexing.gaps()):
        count += 1
        if gap and (arguments.dry_run or reindexing.mend(gap.film.id)):
            mended.append(gap)
    if arguments.json:
        print_json(
            {"ok": True, "films": count, "dry_run": arguments.dry_run, "reindexed": [_told(gap) for gap in mended]}
        )
    else:
        _print(count, mended, dry_run=arguments.dry_run)
    return 0


def _told(gap: Gap) -> dict[str, object]:
    return {"id": gap.film.id, "entries": len(gap.entries), "words": len(gap.missing), "left_words": len(gap.left)}


def _print(count: int, mended: list[Gap], *, dry_run: bool) -> None:
    if mended:
        rows = [(*_told(gap).values(), gap.film.title) for gap in mended]
        print_table(("ID", "ENTRIES", "WORDS", "LEFT WORDS", "TITLE"), rows)
    print(f"{len(mended)} of {count} videos {'would be' if dry_run else 'were'} reindexed.")
