"""The stack of compose.yml as its containers see it."""

from __future__ import annotations

import dataclasses
import os

from localstack import stack as local
from localstack.stack import Stack, StackError

STAGE = "localstack"


def load() -> Stack:
    """Read the settings that compose.yml gives its containers.

    Raises:
        StackError: one is malformed, or this is no container of compose.yml.
    """
    host = os.environ.get("LOCALSTACK_HOST", "")
    if not host:
        raise StackError("LOCALSTACK_HOST is missing: this runs in the containers of compose.yml only.")
    return dataclasses.replace(local.load(stage=STAGE), stage=STAGE, services=f"http://{host}")
