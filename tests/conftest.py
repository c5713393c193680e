"""A whole embedded stack of the tests' own: other ports, another folder, never the one that somebody is using."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.ports import free_ports
from tests.stack import ROOT, Stack

# no timed tests: a busy machine is no bug
hypothesis.settings.register_profile("steady", deadline=None)
hypothesis.settings.load_profile("steady")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start a stack as `make up` does, and stop it as `make down` does."""
    api, aws, web = free_ports(3)
    state = tmp_path_factory.mktemp("stack")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "VIDEOFLIX_"))} | {
        "VIDEOFLIX_API_PORT": str(api),
        "VIDEOFLIX_AWS_PORT": str(aws),
        "VIDEOFLIX_WEB_PORT": str(web),
        "VIDEOFLIX_STATE": str(state),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "PYTHONUNBUFFERED": "1",
    }
    running = Stack(api=api, aws=aws, web=web, state=Path(state), environment=environment)
    try:
        running.up()
        yield running
    finally:
        subprocess.run([sys.executable, "-m", "localstack.down"], cwd=ROOT, env=environment, check=True)
