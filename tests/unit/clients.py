"""Clients of AWS for what a test itself looks at, and a look at the calls that our code makes.

Making a client takes 40 ms; moto answers those made before, too.
"""

import contextlib
import functools
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

client = functools.cache(boto3.client)


def before_each_call(monkeypatch: pytest.MonkeyPatch, note: Callable[[str, dict[str, Any]], None]) -> None:
    """Tell `note` each call of AWS, its operation and arguments, before it is made; what `note` raises, it answers."""
    call = BaseClient._make_api_call

    def noted(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        note(operation, arguments)
        return call(client, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", noted)


def lose_answers(monkeypatch: pytest.MonkeyPatch, operation: str) -> None:
    """Let each first answer to an operation be lost: it is done, and then sent again, as botocore does by itself."""
    call = BaseClient._make_api_call

    def repeated(client: BaseClient, called: str, arguments: dict[str, Any]) -> Any:
        if called == operation:
            with contextlib.suppress(ClientError):
                call(client, called, arguments)
        return call(client, called, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", repeated)
