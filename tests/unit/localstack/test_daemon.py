"""What the daemon does before it serves, and what it says when it cannot."""

import asyncio
import json
import socket

import pytest

from localstack.embedded import daemon
from localstack.embedded.listener import Listener
from localstack.stack import Stack, StackError


@pytest.fixture
def stack(tmp_path, monkeypatch):
    stack = Stack(api_port=1, aws_port=2, web_port=None, state=tmp_path / "state")
    for name, value in stack.client_environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(daemon, "_log_functions", lambda _stack: None)
    return stack


def test_the_record_of_a_killed_daemon_is_gone_before_anything_that_takes_long(stack, monkeypatch):
    """Its number may be a stranger's by now, whom `make down` would end."""
    stack.state.mkdir()
    stack.record_file.write_text(json.dumps({"pid": 1}))
    seen = []
    monkeypatch.setattr(daemon.orphans, "end", lambda _code: seen.append(stack.record()))
    monkeypatch.setattr(daemon.moving, "follow_port", _full_disk)
    daemon.main()
    assert seen == [{}]


def test_a_full_disk_is_not_called_a_port_that_cannot_be_had(stack, monkeypatch, capsys):
    monkeypatch.setattr(daemon.moving, "follow_port", _full_disk)
    assert daemon.main() == 1
    said = capsys.readouterr().err
    assert "No space left on device" in said
    assert "listen" not in said


def test_a_port_that_cannot_be_had_is_called_one():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listener = Listener(_no_app, taken.getsockname()[1])
        with pytest.raises(StackError, match="could not listen"):
            asyncio.run(daemon.open_listener(listener))


async def _no_app(scope, receive, send):
    raise AssertionError("nobody calls it")


def _full_disk(*_arguments):
    raise OSError(28, "No space left on device")
