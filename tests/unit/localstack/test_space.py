"""A full disk keeps a new stack from being made, and nobody from a stack that is there: films are deleted in it."""

import collections
import shutil

import pytest

from localstack import environment, preflight, process, up
from localstack.stack import Stack, StackError

USAGE = collections.namedtuple("USAGE", "total used free")


@pytest.fixture
def stack(tmp_path):
    return Stack(api_port=1, aws_port=2, web_port=None, state=tmp_path / "disk" / "state")


@pytest.fixture
def asked(stack, monkeypatch):
    """The disk of the state folder is nearly full; answers which folders were asked for their space."""
    folders = []
    stack.state.parent.mkdir()

    def usage(folder):
        folders.append(folder)
        return USAGE(0, 0, 10**9 if folder.is_relative_to(stack.state.parent) else 10**12)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    monkeypatch.setattr(preflight, "check_ports", lambda _stack: None)
    monkeypatch.setattr(process, "settled", lambda _stack, on_wait: False)
    monkeypatch.setattr(process, "start", lambda _stack: True)
    return folders


@pytest.mark.usefixtures("asked")
def test_a_new_stack_is_refused_where_its_folder_has_no_room(stack):
    with pytest.raises(StackError, match=r"2 GB.*0\.9 GB"):
        up._ensure_running(stack)


@pytest.mark.usefixtures("asked")
def test_a_stack_that_has_films_starts_with_a_warning(stack, capsys):
    (stack.state / "emulator").mkdir(parents=True)
    assert up._ensure_running(stack)
    assert "0.9 GB" in capsys.readouterr().err


def test_a_stack_that_runs_is_not_asked(stack, asked, monkeypatch):
    stack.state.mkdir()
    stack.record_file.write_text('{"ports": {"VIDEOFLIX_AWS_PORT": 2, "VIDEOFLIX_API_PORT": 1}}')
    monkeypatch.setattr(process, "settled", lambda _stack, on_wait: True)
    assert not up._ensure_running(stack)
    assert asked == []


@pytest.mark.usefixtures("asked")
def test_no_environment_is_begun_where_it_would_not_fit(stack, monkeypatch, capsys):
    monkeypatch.setattr(environment, "ROOT", stack.state.parent)
    monkeypatch.setattr(environment, "VENV", stack.state.parent / ".venv")
    monkeypatch.setattr("sys.argv", ["environment"])
    assert environment.main() == 1
    assert "0.9 GB" in capsys.readouterr().err
    assert not list(stack.state.parent.iterdir())
