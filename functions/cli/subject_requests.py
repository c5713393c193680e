"""Commands for requests of people who cannot log in: what is kept about them, and that it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.catalogue import positions, queries
from functions.cli.frame import add_command, add_dry_run, print_json
from functions.cli.people import find
from functions.operations import subject_requests

if TYPE_CHECKING:
    import argparse

    from functions.cli.frame import Commands

_UNCONFIRMED = "Nothing was deleted. Look whether it is the right account, then add --confirm."


def add_commands(commands: Commands) -> None:
    """Add this file's commands."""
    meaning = "Print everything that is kept about somebody, as JSON, as they could fetch it themselves."
    add_command(commands, "export_account", export_account, meaning).add_argument("email")
    meaning = "Delete somebody's account, films and all. Without --confirm it only says what would go."
    delete = add_command(commands, "delete_account", delete_account, meaning)
    delete.add_argument("email")
    delete.add_argument("--confirm", action="store_true", help="yes, delete")
    add_dry_run(delete)


def export_account(arguments: argparse.Namespace) -> int:
    """Print what the API's export of an account holds."""
    print_json(subject_requests.export(find(arguments.email).id))
    return 0


def delete_account(arguments: argparse.Namespace) -> int:
    """Delete an account if that is confirmed; exit code 1 if it is not."""
    person = find(arguments.email)
    films = sorted(film.id for film in queries.owned_by(person.id))
    watched = sum(1 for _ in positions.of_viewer(person.id))
    acts = arguments.confirm and not arguments.dry_run
    refused = not (arguments.confirm or arguments.dry_run)
    if acts:
        subject_requests.delete(person.id)
    if arguments.json:
        told = {"ok": not refused, "id": person.id, "email": person.email, "films": films, "positions": watched}
        print_json(told | {"deleted": acts} | ({"error": _UNCONFIRMED} if refused else {}))
    else:
        done = "is deleted" if acts else "would be deleted"
        which = f" ({', '.join(map(str, films))})" if films else ""
        print(f"Account {person.id} ({person.email}) {done}, with {len(films)} videos{which} and {watched} positions.")
        if refused:
            print(_UNCONFIRMED)
    return 1 if refused else 0
