"""How the daemon's process is started and ended from outside, at bad moments."""

import json
import os
import subprocess
import sys

import pytest

from localstack import clean, lock, process
from localstack.stack import ROOT, Stack, StackError
from tests.processes import gone

pytestmark = pytest.mark.slow  # starts processes

DAEMON_THAT_IS_STARTING = """
import json, os, pathlib, sys, time
from localstack import lock
state = pathlib.Path(sys.argv[1])
held = lock.acquire(state / "stack.lock")
print("holds the lock", flush=True)
time.sleep(1)
(state / "stack.json").write_text(json.dumps({"pid": os.getpid()}))
time.sleep(60)
"""


@pytest.fixture
def stack(tmp_path):
    return Stack(api_port=1, aws_port=2, web_port=None, state=tmp_path / "state")


@pytest.fixture
def starting(stack):
    """A daemon that holds the lock and says who it is a second later."""
    command = [sys.executable, "-c", DAEMON_THAT_IS_STARTING, str(stack.state)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as daemon:
        daemon.stdout.readline()
        yield daemon
        daemon.kill()


@pytest.fixture
def stuck(stack, monkeypatch):
    """A stack whose lock is held by somebody whom no signal reaches."""
    monkeypatch.setattr(process, "_GRACE", 0.1)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    with lock.acquire(stack.lock_file):
        stack.record_file.write_text(json.dumps({"pid": ended.pid}))
        yield


def test_a_stack_that_is_starting_is_stopped_and_not_called_down(stack, starting):
    assert process.stop(stack)
    assert starting.wait(1) < 0
    assert not stack.is_running()


def test_a_stack_that_neither_starts_nor_ends_is_no_stack_that_is_down(stack, monkeypatch):
    monkeypatch.setattr(process, "_READY", 0.1)
    with lock.acquire(stack.lock_file), pytest.raises(StackError, match="still starting"):
        process.stop(stack)


@pytest.mark.usefixtures("stuck")
def test_a_stack_that_does_not_end_is_said_to_live(stack):
    with pytest.raises(StackError, match="did not end"):
        process.stop(stack)


@pytest.mark.usefixtures("stuck")
def test_clean_leaves_the_folder_of_a_stack_that_lives(stack, monkeypatch, capsys):
    for name, value in stack.client_environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(clean, "_BUILT", ())
    monkeypatch.setattr(clean, "_BUILT_TOO", ())
    assert clean.main() == 1
    assert "did not end" in capsys.readouterr().err
    assert stack.record_file.exists()


def test_whoever_interrupts_the_start_leaves_no_daemon(stack, monkeypatch, tmp_path):
    """It would come up a moment later and hold the ports."""
    asked, slow = tmp_path / "asked", tmp_path / "python"
    slow.write_text(f"#!/bin/sh\necho $$ >{asked}.new\nmv {asked}.new {asked}\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(slow))
    monkeypatch.setattr(process, "is_ready", lambda _stack: _interrupt() if asked.exists() else False)
    with pytest.raises(KeyboardInterrupt):
        process.start(stack)
    daemon = int(asked.read_text())
    try:
        assert gone(daemon)
    finally:
        if not gone(daemon):
            os.kill(daemon, 9)


def _interrupt():
    raise KeyboardInterrupt
