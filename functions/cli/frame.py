"""What all commands share: the parser, the sentence for what went wrong, and how results are printed."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import sys
from typing import TYPE_CHECKING, Any, TypeAlias

from botocore import exceptions
from pynamodb.exceptions import PynamoDBException

from functions import cli, log
from functions.errors import DomainError
from functions.settings import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import ModuleType

    # argparse names it nowhere else
    Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001

DEFAULT_STAGE = "local"
# nobody answered; what else botocore raises is of credentials and settings, which it looks for before it sends anything
_SILENT = (exceptions.ConnectionError, exceptions.HTTPClientError, exceptions.IncompleteReadError)


class CommandError(Exception):
    """A command cannot do what it was asked to; the message is one sentence for the person at the keyboard."""


def add_command(
    commands: Commands, name: str, run: Callable[[argparse.Namespace], int], meaning: str
) -> argparse.ArgumentParser:
    """Add a command with what every command has: its help, `--stage` and `--json`; returns its parser."""
    parser = commands.add_parser(name, help=meaning, description=meaning)
    # after the command too, where people look for it; SUPPRESS: it must not undo what stands before the command
    parser.add_argument("--stage", default=argparse.SUPPRESS, help="which deployment")
    parser.add_argument("--json", action="store_true", help="print JSON for programs")
    parser.set_defaults(run=run)
    return parser


def add_dry_run(parser: argparse.ArgumentParser) -> None:
    """Add `--dry-run`, which every command has that changes something."""
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")


def _areas() -> list[ModuleType]:
    found = (importlib.import_module(f"{cli.__name__}.{area.name}") for area in pkgutil.iter_modules(cli.__path__))
    return [area for area in found if hasattr(area, "add_commands")]


def parser(others: Iterable[Callable[[Commands], None]] = (), stage: str = DEFAULT_STAGE) -> argparse.ArgumentParser:
    """Return the parser of all commands: those of this package, and of `others`; `stage` is meant if none is named."""
    whole = argparse.ArgumentParser(prog="manage.py", description="Look after a Videoflix deployment.")
    whole.add_argument("--stage", default=stage, help=f"which deployment (default: {stage})")
    commands = whole.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for add in [*(area.add_commands for area in _areas()), *others]:
        add(commands)
    return whole


def main(
    argv: Sequence[str],
    prepare: Callable[[str], None],
    others: Iterable[Callable[[Commands], None]] = (),
    stage: str = DEFAULT_STAGE,
) -> int:
    """Run the command that `argv` names; returns the exit code.

    Args:
        argv: Arguments, without the program's name.
        prepare: Gets the stage before anything is read or called, and sets the environment for it.
        others: Functions that add commands from elsewhere.
        stage: The deployment that is meant if `argv` names none.
    """
    arguments = parser(others, stage).parse_args(argv)
    log.set_level("WARNING")  # what went well, the command itself says
    try:
        prepare(arguments.stage)
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains when it ends
        return 1
    except Exception as error:
        problem = sentence(error, arguments.stage)
        if problem is None:
            raise
        print(problem, file=sys.stderr)
        if arguments.json:
            print_json({"ok": False, "error": problem})
        return 1
    return code


def sentence(error: BaseException, stage: str) -> str | None:
    """Return what to tell a person about `error`; None: it is a fault of ours, whose traceback we want."""
    if isinstance(error, PynamoDBException) and error.cause:
        return sentence(error.cause, stage)
    if isinstance(error, DomainError):
        return " ".join(text for texts in error.errors.values() for text in texts)
    if isinstance(error, CommandError | SettingError):
        return str(error)
    return _aws_sentence(error, stage)


def _aws_sentence(error: BaseException, stage: str) -> str | None:
    if isinstance(error, exceptions.ClientError):
        return f"AWS refused {error.operation_name}: {error.response.get('Error', {}).get('Code', 'unknown')}."
    if isinstance(error, exceptions.NoCredentialsError):
        return "There are no AWS credentials."
    if isinstance(error, _SILENT):
        hint = " Is it up? Start it with: make up" if stage == DEFAULT_STAGE else ""
        return f"The services of stage {stage} do not answer.{hint}"
    if isinstance(error, exceptions.BotoCoreError) and not isinstance(error, exceptions.ParamValidationError):
        words = " ".join(str(error).split()).rstrip(".")
        return f"AWS was not called, because its credentials or settings here are not right: {words}."
    return None


def print_json(value: Any) -> None:  # noqa: ANN401 - anything that JSON can say
    """Print `value` for programs: one line, ASCII, so that no console's encoding matters."""
    print(json.dumps(value))


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows for people, in columns as wide as they need to be."""
    lines = [tuple(headings), *(tuple(str(cell) for cell in row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
