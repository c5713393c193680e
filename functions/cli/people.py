"""Commands about people and the keys that sign their tokens."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

from functions import settings
from functions.accounts import addresses, keys, lifetimes, password_rules, people
from functions.accounts.people import Person
from functions.cli.frame import CommandError, add_command, add_dry_run, print_json

if TYPE_CHECKING:
    import argparse

    from functions.cli.frame import Commands

_DEMO_EMAIL, _DEMO_PASSWORD = "demo@videoflix.local", "Demo123!"  # the contract names both


def add_commands(commands: Commands) -> None:
    """Add this file's commands."""
    add_dry_run(add_command(commands, "seed", seed, "Make sure that the demo account is there (local stages only)."))
    meaning = (
        "Create a staff account, or make an account staff: its password is replaced, and if that is another one, its"
        " sessions end."
    )
    admin = add_command(commands, "create_admin", create_admin, meaning)
    admin.add_argument("--email", required=True)
    admin.add_argument("--password", help="asked for when left out, which keeps it out of the shell's history")
    add_dry_run(admin)
    for name, run, meaning in (
        ("deactivate", deactivate, "Let somebody in no more; their sessions end at once."),
        ("activate", activate, "Let somebody in again, or for the first time without the mailed link."),
    ):
        switch = add_command(commands, name, run, meaning)
        switch.add_argument("email")
        add_dry_run(switch)
    meaning = "Make a staff account an ordinary one; if it was staff, its sessions end at once."
    revoke = add_command(commands, "revoke_admin", revoke_admin, meaning)
    revoke.add_argument("email")
    add_dry_run(revoke)
    rotate = add_command(commands, "rotate_keys", rotate_keys, "Sign tokens with a new key. Nobody is logged out.")
    rotate.add_argument("--drop-previous", action="store_true", help="a key leaked: log everybody out")
    add_dry_run(rotate)


def seed(arguments: argparse.Namespace) -> int:
    """Create the demo account, or set it right."""
    if not settings.current().emulated:
        raise CommandError("The demo account's password is public, so it is made on local stages only.")
    return _seed(arguments, _DEMO_EMAIL, _DEMO_PASSWORD, staff=False)


def create_admin(arguments: argparse.Namespace) -> int:
    """Create a staff account with the given password, or set both for an account that exists."""
    password = arguments.password or _ask()
    broken = password_rules.broken(password)
    if broken:
        raise CommandError(" ".join(broken))
    return _seed(arguments, arguments.email, password, staff=True)


def revoke_admin(arguments: argparse.Namespace) -> int:
    """Take staff's rights away from an account."""
    person = find(arguments.email)
    if not arguments.dry_run:
        person = people.revoke_staff(person.id)
    return _show(arguments, person.id, person.email, staff=False, active=person.is_active)


def deactivate(arguments: argparse.Namespace) -> int:
    """Deactivate an account."""
    return _set_active(arguments, is_active=False)


def activate(arguments: argparse.Namespace) -> int:
    """Activate an account."""
    return _set_active(arguments, is_active=True)


def rotate_keys(arguments: argparse.Namespace) -> int:
    """Make a new signing key. Former ones go on verifying until no token that they signed lives."""
    if arguments.dry_run:
        return _say_what_rotating_does(arguments)
    kid = keys.rotate(keep_for=0 if arguments.drop_previous else lifetimes.REFRESH + keys.STALE_FOR)
    if arguments.json:
        print_json({"kid": kid})
    else:
        print(f"Tokens are signed with key {kid} within {keys.FRESH_FOR} seconds.")
    return 0


def find(email: str) -> Person:
    """Return whose account an operator means.

    Raises:
        CommandError: nobody has this address.
    """
    person = people.find_by_email(email)
    if person is None:
        raise CommandError("No account has this address.")
    return person


def _say_what_rotating_does(arguments: argparse.Namespace) -> int:
    if arguments.json:
        print_json({"kid": None, "dry_run": True})
    else:
        whom = "Everybody" if arguments.drop_previous else "Nobody"
        print(f"Tokens would be signed with a new key. {whom} would be logged out.")
    return 0


def _seed(arguments: argparse.Namespace, email: str, password: str, *, staff: bool) -> int:
    if not arguments.dry_run:
        person = people.seed(email, password, staff=staff)
        return _show(arguments, person.id, person.email, staff=person.is_staff, active=person.is_active)
    address, found = addresses.normalise(email), people.find_by_email(email)
    if address is None:
        raise CommandError("Enter a valid email address.")
    return _show(
        arguments, found.id if found else None, address, staff=staff or bool(found and found.is_staff), active=True
    )


def _set_active(arguments: argparse.Namespace, *, is_active: bool) -> int:
    person = find(arguments.email)
    if not arguments.dry_run:
        person = people.set_active(person.id, is_active=is_active)
    return _show(arguments, person.id, person.email, staff=person.is_staff, active=is_active)


def _ask() -> str:
    try:
        password = getpass.getpass("Password: ")
        again = getpass.getpass("Again: ")
    except EOFError:
        raise CommandError("Nobody is there to be asked for the password: give it with --password.") from None
    if password != again:
        raise CommandError("The two passwords differ.")
    return password


def _show(arguments: argparse.Namespace, person_id: int | None, email: str, *, staff: bool, active: bool) -> int:
    """Print an account as it is, or with `--dry-run` as it would be; `person_id` None: it would be a new one."""
    if arguments.json:
        shown = {"id": person_id, "email": email, "staff": staff, "active": active}
        print_json(shown | ({"dry_run": True} if arguments.dry_run else {}))
    else:
        what = f"{'staff, ' if staff else ''}{'active' if active else 'inactive'}"
        who = "A new account" if person_id is None else f"Account {person_id}"
        print(f"{who} ({email}){' would be' if arguments.dry_run else ':'} {what}")
    return 0
