"""Commands about films."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from functions.accounts import people
from functions.catalogue import making, store
from functions.cli.frame import add_command, print_json, print_table

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from functions.catalogue.film import Film
    from functions.cli.frame import Commands


def add_commands(commands: Commands) -> None:
    """Add this file's commands."""
    add_command(commands, "check_videos", check_videos, "Show every video: its state, and why it failed.")


def check_videos(arguments: argparse.Namespace) -> int:
    """Print every film, by id."""
    reports = _reports()
    if arguments.json:
        print_json(list(reports))
        return 0
    print_table(
        ("ID", "STATE", "%", "RENDITIONS", "SEEN BY", "OWNER", "TITLE"),
        [
            (
                report["id"],
                _state(report),
                report["percent"],
                ",".join(report["renditions"]) or "-",  # type: ignore[arg-type]  # a list of names
                "all" if report["published"] else "owner",
                report["owner"] or "-",
                report["title"],
            )
            for report in reports
        ],
    )
    return 0


def _state(report: dict[str, object]) -> str:
    failure = report["failure"]
    return f"{report['state']} ({failure['code']})" if isinstance(failure, dict) else str(report["state"])


def _reports() -> Iterator[dict[str, object]]:
    owners: dict[int, str] = {}
    for film in store.all_films():
        if film.owner_id not in owners:
            person = people.get(film.owner_id)
            owners[film.owner_id] = person.email if person else ""
        yield _report(film, owners[film.owner_id])


def _report(film: Film, owner: str) -> dict[str, object]:
    """Return a film in the shape that the contract gives check_videos (section 6)."""
    percent = making.standing(film).percent
    return {
        "id": film.id,
        "title": film.title,
        "source_key": film.source.key,
        "state": film.state.value,
        "percent": int(percent) if percent == int(percent) else percent,
        "failure": dataclasses.asdict(film.failure) if film.failure else None,
        "renditions": [rendition.name for rendition in film.renditions],
        "published": film.published,
        "owner": owner,
    }
