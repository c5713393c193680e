"""What a killed stack left is ended, and nothing that merely names a folder like its own."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from localstack.embedded import orphans

SLEEPS = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def begin():
    """Start a process that the test may end; what is left of it goes with the test."""
    begun = []

    def start(*command):
        process = subprocess.Popen(command)
        begun.append(process)
        while command[-1] not in dict(orphans._processes()).get(process.pid, ""):
            time.sleep(0.01)  # for a moment a new process has no arguments yet
        return process

    yield start
    for process in begun:
        process.kill()
        process.wait()


def tool(folder):
    """A program within an unpacked layer."""
    path = folder / "abc" / "bin" / "sleep"
    path.parent.mkdir(parents=True)
    path.symlink_to("/bin/sleep")
    return str(path), "60"


def test_workers_and_the_tools_of_layers_are_ended(begin, tmp_path):
    code = tmp_path / "code"
    left = [begin(*SLEEPS, "bootstrap.py", str(code / "abc")), begin(*tool(code))]
    orphans.end(code)
    assert [process.wait(10) for process in left] == [-9, -9]


def test_whoever_reads_what_is_unpacked_and_the_stack_of_a_folder_of_the_same_ending_live_on(begin, tmp_path):
    """An editor with a function's file was killed at `make up`, and so was another stack's encoding."""
    code = tmp_path / "code"
    other = tmp_path / "home" / Path(*code.parts[1:])
    live = [
        begin(*SLEEPS, str(code / "abc" / "main.py")),
        begin(*SLEEPS, "bootstrap.py", str(other / "abc")),
        begin(*tool(other)),
    ]
    orphans.end(code)
    time.sleep(0.2)
    assert [process.poll() for process in live] == [None, None, None]
