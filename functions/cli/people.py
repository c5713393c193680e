"""Commands about people and the keys that sign their tokens."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

from functions import settings
from functions.accounts import keys, lifetimes, password_rules, people
from functions.accounts.people import Person
from functions.cli.frame import CommandError, add_command, print_json

if TYPE_CHECKING:
    import argparse

    from functions.cli.frame import Commands

_DEMO_EMAIL, _DEMO_PASSWORD = "demo@videoflix.local", "Demo123!"  # the contract names both


def add_commands(commands: Commands) -> None:
    """Add this file's commands."""
    add_command(commands, "seed", seed, "Make sure that the demo account is there (not on prod).")
    admin = add_command(commands, "create_admin", create_admin, "Create a staff account, or make an account staff.")
    admin.add_argument("--email", required=True)
    admin.add_argument("--password", help="asked for when left out, which keeps it out of the shell's history")
    for name, run, meaning in (
        ("deactivate", deactivate, "Let somebody in no more; their sessions end at once."),
        ("activate", activate, "Let somebody in again, or for the first time without the mailed link."),
    ):
        add_command(commands, name, run, meaning).add_argument("email")
    rotate = add_command(commands, "rotate_keys", rotate_keys, "Sign tokens with a new key. Nobody is logged out.")
    rotate.add_argument("--drop-previous", action="store_true", help="a key leaked: log everybody out")


def seed(arguments: argparse.Namespace) -> int:
    """Create the demo account, or set it right."""
    if settings.current().stage == "prod":
        raise CommandError("The demo account's password is public, so it is not made on prod.")
    return _show(arguments, people.seed(_DEMO_EMAIL, _DEMO_PASSWORD))


def create_admin(arguments: argparse.Namespace) -> int:
    """Create a staff account with the given password, or set both for an account that exists."""
    password = arguments.password or _ask()
    broken = password_rules.broken(password)
    if broken:
        raise CommandError(" ".join(broken))
    return _show(arguments, people.seed(arguments.email, password, staff=True))


def deactivate(arguments: argparse.Namespace) -> int:
    """Deactivate an account."""
    return _show(arguments, people.set_active(_find(arguments.email).id, is_active=False))


def activate(arguments: argparse.Namespace) -> int:
    """Activate an account."""
    return _show(arguments, people.set_active(_find(arguments.email).id, is_active=True))


def rotate_keys(arguments: argparse.Namespace) -> int:
    """Make a new signing key. Former ones go on verifying until no token that they signed lives."""
    kid = keys.rotate(keep_for=0 if arguments.drop_previous else lifetimes.REFRESH + keys.FRESH_FOR)
    if arguments.json:
        print_json({"kid": kid})
    else:
        print(f"Tokens are signed with key {kid} within {keys.FRESH_FOR} seconds.")
    return 0


def _ask() -> str:
    password = getpass.getpass("Password: ")
    if password != getpass.getpass("Again: "):
        raise CommandError("The two passwords differ.")
    return password


def _find(email: str) -> Person:
    person = people.find_by_email(email)
    if person is None:
        raise CommandError("No account has this address.")
    return person


def _show(arguments: argparse.Namespace, person: Person) -> int:
    if arguments.json:
        print_json({"id": person.id, "email": person.email, "staff": person.is_staff, "active": person.is_active})
    else:
        what = f"{'staff, ' if person.is_staff else ''}{'active' if person.is_active else 'inactive'}"
        print(f"Account {person.id} ({person.email}): {what}")
    return 0
