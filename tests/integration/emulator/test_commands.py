"""What the commands say before they start anything, and what they leave behind."""

import json
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from localstack import clean, lock, preflight, process
from localstack.stack import ROOT, Stack, StackError, load, read_env_file
from tests.ports import free_ports
from tests.processes import below, gone

from .conftest import new_stack, running, wait_for


def _begin(module, stack, *arguments, **changes):
    own = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "VIDEOFLIX_"))}
    return subprocess.Popen(
        [sys.executable, "-m", f"localstack.{module}", *arguments],
        cwd=ROOT,
        env=own | stack.client_environment() | changes,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _end(begun):
    said = begun.communicate(timeout=60)
    return subprocess.CompletedProcess(begun.args, begun.returncode, *said)


def _run(module, stack, *arguments, **changes):
    return _end(_begin(module, stack, *arguments, **changes))


@pytest.fixture
def clean_up(monkeypatch):
    """`make clean` of a stack, which leaves alone what builds and tests left in this repository."""

    def run(stack):
        for name, value in stack.client_environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(clean, "_BUILT", ())
        monkeypatch.setattr(clean, "_BUILT_TOO", ())
        assert clean.main() == 0

    return run


def test_settings_come_from_the_environment_with_the_documented_defaults():
    stack = load({"VIDEOFLIX_WEB_PORT": "off", "VIDEOFLIX_API_PORT": "8123", "VIDEOFLIX_STATE": "/tmp/x"})
    assert (stack.api_port, stack.web_port, stack.web_url) == (8123, None, "")
    assert load({}).ports == {"VIDEOFLIX_AWS_PORT": 4566, "VIDEOFLIX_API_PORT": 8000, "VIDEOFLIX_WEB_PORT": 5500}
    assert load({}).state == ROOT / ".local"


@pytest.mark.parametrize(
    "settings",
    [{"VIDEOFLIX_API_PORT": "eighty"}, {"VIDEOFLIX_API_PORT": "70000"}, {"VIDEOFLIX_API_PORT": "4566"}],
)
def test_a_wrong_port_is_named(settings):
    with pytest.raises(StackError, match="VIDEOFLIX_API_PORT"):
        load(settings)


def test_an_env_file_is_read_as_people_write_it(tmp_path):
    file = tmp_path / ".env"
    file.write_text("# ports\nVIDEOFLIX_API_PORT=8001\nexport A = 'b c'\n\nnonsense\nC=\"d=e\"\n")
    assert read_env_file(file) == {"VIDEOFLIX_API_PORT": "8001", "A": "b c", "C": "d=e"}


def test_a_busy_port_is_named_with_its_setting_and_nothing_is_started(tmp_path):
    stack = new_stack(tmp_path / "state")
    with socket.create_server(("127.0.0.1", stack.api_port)):
        done = _run("up", stack, "--services-only")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"Error: Port {stack.api_port} is already in use: free it, or set VIDEOFLIX_API_PORT to another port."
    ]
    assert not stack.is_running()


def test_an_old_python_and_an_odd_processor_are_one_sentence_each(monkeypatch):
    monkeypatch.setattr(preflight, "OLDEST", (9, 9))
    with pytest.raises(StackError, match=r"3\.11, 3\.12 or 3\.13"):
        preflight.check_machine()
    monkeypatch.undo()
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(StackError, match="riscv64"):
        preflight.check_machine()


def test_a_failed_deployment_of_a_new_stack_leaves_nothing_running_and_clean_leaves_nothing_at_all(clean_up, tmp_path):
    stack = new_stack(tmp_path / "state")
    done = _run("up", stack, MAIL_SENDER="", CORS_ALLOWED_ORIGINS="", BCRYPT_ROUNDS="many")
    assert done.returncode == 1
    assert not stack.is_running()
    assert (stack.state / "local.deploy.lock").exists(), "what each deployment leaves"
    clean_up(stack)
    assert not stack.state.exists()


def test_two_stacks_run_side_by_side(corrected, tmp_path):
    with running(new_stack(tmp_path / "other")) as other:
        other.client("s3").create_bucket(Bucket="only-in-the-other")
        assert "only-in-the-other" not in {b["Name"] for b in corrected.client("s3").list_buckets()["Buckets"]}


def test_a_running_stack_at_other_ports_is_not_mistaken_for_this_one(corrected):
    aws, api = free_ports(2)
    moved = Stack(api_port=api, aws_port=aws, web_port=None, state=corrected.stack.state)
    done = _run("up", moved, "--services-only")
    assert done.returncode == 1
    assert "make down" in done.stderr


def test_up_says_when_the_emulator_that_runs_is_older_than_what_is_here(tmp_path):
    """`make up` after an update said that all was well, and an old process went on above new packages."""
    stack = new_stack(tmp_path / "state")
    with running(stack):
        assert _run("up", stack, "--services-only").stderr == ""
        stack.record_file.write_text(json.dumps(stack.record() | {"fingerprint": "another's"}))
        done = _run("up", stack, "--services-only")
    assert (done.returncode, len(done.stderr.splitlines())) == (0, 1)
    assert "make down" in done.stderr


def test_up_waits_for_the_end_of_a_killed_stack_and_starts_anew(tmp_path):
    """A thread that waits for the disk outlives the rest: the lock is held, connections are taken, nobody answers."""
    stack = new_stack(tmp_path / "state")
    held = lock.acquire(stack.lock_file)
    stack.record_file.write_text(json.dumps({"pid": os.getpid(), "ports": stack.ports, "control_token": "t"}))
    with socket.create_server(("127.0.0.1", stack.aws_port)), held:
        begun = _begin("up", stack, "--services-only")
        assert "waiting" in begun.stdout.readline()
    try:
        assert _end(begun).returncode == 0
        assert stack.record()["pid"] != os.getpid()
    finally:
        process.stop(stack)


def test_two_who_say_up_at_once_get_one_stack(tmp_path):
    stack = new_stack(tmp_path / "state")
    both = [_begin("up", stack, "--services-only") for _ in range(2)]
    try:
        done = [_end(one) for one in both]
        assert [one.returncode for one in done] == [0, 0], done
    finally:
        assert process.stop(stack)


def test_whoever_comes_second_leaves_no_process_that_comes_up_later(tmp_path, monkeypatch):
    """It would have the stack run again after `make down`."""
    stack, asked, slow = new_stack(tmp_path / "state"), tmp_path / "asked", tmp_path / "python"
    slow.write_text(f"#!/bin/sh\necho $$ >{asked}.new\nmv {asked}.new {asked}\nexec sleep 60\n")
    slow.chmod(0o755)
    with ThreadPoolExecutor(1) as pool:
        with monkeypatch.context() as changed:
            changed.setattr(sys, "executable", str(slow))
            second = pool.submit(process.start, stack)
            wait_for(asked.exists)
        try:
            assert process.start(stack)
            assert not second.result()
            assert gone(int(asked.read_text()))
        finally:
            process.stop(stack)


def test_a_log_that_has_grown_over_the_starts_is_put_aside(tmp_path):
    stack = new_stack(tmp_path / "state")
    log = stack.log_folder / "stack.log"
    log.parent.mkdir(parents=True)
    log.touch()
    os.truncate(log, 21 * 1024 * 1024)
    with running(stack):
        assert log.stat().st_size < 1024 * 1024
    assert log.with_name("stack.log.1").stat().st_size == 21 * 1024 * 1024


def test_down_says_what_it_did_and_may_be_repeated(tmp_path):
    stack = new_stack(tmp_path / "state")
    assert _run("up", stack, "--services-only").returncode == 0
    assert "is down" in _run("down", stack).stdout
    again = _run("down", stack)
    assert (again.returncode, "was not running" in again.stdout) == (0, True)


def test_status_dev_and_logs_say_so_when_there_is_no_stack(tmp_path):
    stack = new_stack(tmp_path / "state")
    status, dev, logs = (_run(module, stack) for module in ("status", "dev", "logs"))
    assert [done.returncode for done in (status, dev, logs)] == [1, 1, 1]
    assert "make up" in status.stdout
    assert "make up" in dev.stderr
    assert "make up" in logs.stderr


@pytest.mark.parametrize("ending", [(signal.SIGTERM,), (signal.SIGHUP, signal.SIGHUP, signal.SIGTERM)])
def test_however_dev_ends_the_deployed_api_is_back(ending, tmp_path):
    """A terminal that is closed hangs up, and the shell in it does so, too."""
    stack = new_stack(tmp_path / "state")
    with running(stack):
        stack.environment_file.write_text("LOG_LEVEL=INFO\n")
        begun = _begin("dev", stack)
        wait_for(lambda: any("chalice_local" in one.command for one in below(begun.pid)))
        for number in ending:
            begun.send_signal(number)
        done = _end(begun)
        assert (done.returncode, done.stderr) == (0, "")
        socket.create_connection(("127.0.0.1", stack.api_port)).close()


def test_clean_removes_the_stack_and_nothing_else_of_the_folder(clean_up, tmp_path):
    stack = new_stack(tmp_path / "state")
    with running(stack):
        pass
    (stack.state / "mine.txt").write_text("keep")
    (stack.state / "code" / "abc").mkdir(parents=True)
    (stack.state / "code" / "abc" / "main.py").write_text("x")
    (stack.state / "code" / "abc").chmod(0o555)
    clean_up(stack)
    assert [path.name for path in stack.state.iterdir()] == ["mine.txt"]
