"""Commands about the deployment's settings."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

from functions import settings
from functions.cli.frame import add_command, print_json, print_table

if TYPE_CHECKING:
    import argparse

    from functions.cli.frame import Commands


def add_commands(commands: Commands) -> None:
    """Add this file's commands."""
    add_command(commands, "print_config", print_config, "Show the settings in force. They hold no secrets.")


def print_config(arguments: argparse.Namespace) -> int:
    """Print every setting under its variable's name, and which AWS is meant. Secrets are only named, never read."""
    values = {name.upper(): value for name, value in dataclasses.asdict(settings.current()).items()}
    values["AWS_ENDPOINT_URL"] = os.environ.get("AWS_ENDPOINT_URL", "")
    if arguments.json:
        print_json(values)
    else:
        print_table(("SETTING", "VALUE"), [(name, _readable(value)) for name, value in values.items()])
    return 0


def _readable(value: object) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value)
