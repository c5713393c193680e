"""Commands as an operator gives them, on moto."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from functions import aws
from functions.accounts import people
from functions.cli import frame
from tests.unit.moto_in_one_piece import remembered

Run = Callable[..., tuple[int, Any]]
DEAD = {kind: f"videoflix-local-{kind}-dead" for kind in ("ingest", "mail")}


@pytest.fixture
def run(tables: None, capsys: pytest.CaptureFixture[str]) -> Run:
    """Give a command; returns its exit code and what it printed, read as JSON if that was asked for."""
    for name in DEAD.values():
        aws.sqs().create_queue(QueueName=name)

    def command(*arguments: str) -> tuple[int, Any]:
        capsys.readouterr()
        code = frame.main(arguments, lambda _: None)
        said = capsys.readouterr().out
        return code, json.loads(said) if "--json" in arguments else said

    return command


@pytest.fixture
def demo(tables: None) -> people.Person:
    return remembered("demo", lambda: people.seed("demo@videoflix.local", "Demo123!"))
