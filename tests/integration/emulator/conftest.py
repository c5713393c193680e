"""Stacks for the emulator's own tests: one corrected, and one bare to show that each correction is still needed."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from localstack import process
from localstack.stack import ROOT, Stack
from tests.ports import free_ports


@dataclass(frozen=True)
class Target:
    """An emulator to talk to."""

    url: str
    stack: Stack | None = None
    server: int | None = None

    @property
    def pid(self):
        """The emulator's process."""
        return self.server or int(self.stack.record()["pid"])

    def memory(self):
        """Bytes of the emulator's own memory, mapped files not counted."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+) kB", status)[1]) * 1024

    def client(self, service, key=("test", "test")):
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=key[0],
            aws_secret_access_key=key[1],
            config=Config(retries={"max_attempts": 0}, read_timeout=60, s3={"addressing_style": "path"}),
        )


def new_stack(state):
    aws, api, web = free_ports(3)
    return Stack(api_port=api, aws_port=aws, web_port=web, state=state)


@contextmanager
def running(stack):
    """A stack's daemon with nothing deployed, ended at the end whatever happened."""
    process.start(stack)
    try:
        yield Target(stack.aws_url, stack)
    finally:
        process.stop(stack)


@pytest.fixture
def stack(tmp_path):
    """A test's own, to be killed and started again."""
    stack = new_stack(tmp_path / "state")
    with running(stack):
        yield stack


def make_table(target, **keys):
    """Make a table called `kept` with these keys: `pk="HASH"`."""
    target.client("dynamodb").create_table(
        TableName="kept",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        BillingMode="PAY_PER_REQUEST",
    )


def kill(stack):
    """Kill a stack's daemon as a power cut would, and wait until it is gone."""
    os.kill(stack.record()["pid"], signal.SIGKILL)
    wait_for(lambda: not stack.is_running())


@pytest.fixture(scope="session")
def corrected(tmp_path_factory):
    with running(new_stack(tmp_path_factory.mktemp("stack"))) as target:
        yield target


@pytest.fixture(scope="session")
def bare(tmp_path_factory):
    """The emulator as its authors ship it."""
    folder = tmp_path_factory.mktemp("bare")
    port = free_ports(1)[0]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "TMPDIR": str(folder),
        "AUTH": "true",
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
    }
    with Path(folder / "log").open("wb") as log:
        server = subprocess.Popen([sys.executable, "-m", "ministack"], env=environment, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: urllib.request.urlopen(f"{url}/_ministack/health").status == 200)
        yield Target(url, server=server.pid)
    finally:
        server.terminate()
        server.wait(20)


def wait_for(condition, seconds=20):
    """Return what `condition` returns once it is true; an exception counts as not yet."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if value := condition():
                return value
        except Exception:
            if time.monotonic() > deadline:
                raise
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


__all__ = ["ROOT", "Target", "new_stack", "running", "wait_for"]
