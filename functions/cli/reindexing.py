"""The command that brings lists, search and the counters of ids up to date with what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.catalogue import reindexing
from functions.cli.frame import add_command, add_dry_run, print_json, print_table
from functions.cli.progress import counted
from functions.operations import numbering

if TYPE_CHECKING:
    import argparse

    from functions.catalogue.reindexing import Gap
    from functions.cli.frame import Commands


def add_commands(commands: Commands) -> None:
    """Add this file's commands."""
    meaning = (
        "Write the list entries and search words that videos lack, such as those stored before search existed, and let "
        "no id be given again that a restored table has forgotten."
    )
    add_dry_run(add_command(commands, "reindex", reindex, meaning))


def reindex(arguments: argparse.Namespace) -> int:
    """See that ids are given once, then look at every film and write what leads to it and is not there."""
    skipped = _skipped(dry_run=arguments.dry_run)  # first: films are looked for up to the last id
    count, mended = 0, []
    for gap in counted("Videos checked:", reindexing.gaps()):
        count += 1
        if gap and (arguments.dry_run or reindexing.mend(gap.film.id)):
            mended.append(gap)
    if arguments.json:
        told = {"ok": True, "films": count, "dry_run": arguments.dry_run}
        print_json(told | {"reindexed": [_told(gap) for gap in mended], "ids_skipped_to": skipped})
    else:
        _print(count, mended, dry_run=arguments.dry_run)
        for whose, last in skipped.items():
            would = "would go" if arguments.dry_run else "go"
            print(f"Ids of {whose} {would} on after {last}: those up to there are named in tables or buckets.")
    return 0


def _skipped(*, dry_run: bool) -> dict[str, int]:
    """Return which last ids of whom are left out, where a counter was behind them."""
    found = numbering.behind(lambda items: counted("Items read:", items))
    if not dry_run:
        numbering.skip(found)
    return {whose: last for whose, last in (("videos", found.films), ("people", found.people)) if last}


def _told(gap: Gap) -> dict[str, object]:
    return {"id": gap.film.id, "entries": len(gap.entries), "words": len(gap.missing), "left_words": len(gap.left)}


def _print(count: int, mended: list[Gap], *, dry_run: bool) -> None:
    if mended:
        rows = [(*_told(gap).values(), gap.film.title) for gap in mended]
        print_table(("ID", "ENTRIES", "WORDS", "LEFT WORDS", "TITLE"), rows)
    print(f"{len(mended)} of {count} videos {'would be' if dry_run else 'were'} reindexed.")
