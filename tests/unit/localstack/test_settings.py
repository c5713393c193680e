"""What stands in `.env` counts for the processes of a stack as what is exported does."""

import os

import pytest

from localstack import stack
from localstack.embedded.workers import environment

PROXY = "http://127.0.0.1:9999"
FUNCTION = {
    "FunctionName": "videoflix-local-ingest",
    "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:videoflix-local-ingest",
    "Handler": "app.ingest",
    "Runtime": "python3.11",
}


@pytest.fixture
def daemon(monkeypatch):
    """The environment of a daemon whose starter found these lines in `.env`."""
    lines = {"VIDEOFLIX_FUNCTIONS_PROXY": PROXY, "VIDEOFLIX_EMULATOR_LOG": "DEBUG"}
    monkeypatch.setattr(stack, "read_env_file", lambda _path: lines)
    monkeypatch.setattr(os, "environ", {})
    return stack.load().program_environment()


def test_functions_reach_aws_through_the_proxy_that_dot_env_names(daemon, monkeypatch, tmp_path):
    monkeypatch.setattr(os, "environ", daemon | {"GATEWAY_PORT": "4566"})
    assert environment.variables(FUNCTION, tmp_path, [], {})["HTTP_PROXY"] == PROXY


def test_the_emulator_says_as_much_as_dot_env_says(daemon, monkeypatch):
    monkeypatch.setattr(stack, "read_env_file", lambda _path: {})
    assert stack.load(daemon).emulator_log == "DEBUG"
    assert stack.load({}).emulator_log == "WARNING"


@pytest.mark.parametrize(
    ("stage", "port", "folder"), [("local", 8001, "mine"), ("localstack", 8000, "all"), ("prod", 8000, "theirs")]
)
def test_what_holds_for_one_stage_alone_stands_in_its_own_file(monkeypatch, stage, port, folder):
    """`.env.example` says so, and ports in `.env.local` did nothing."""
    files = {
        ".env": {"VIDEOFLIX_STATE": "all", "VIDEOFLIX_AWS_PORT": "4000"},
        ".env.local": {"VIDEOFLIX_STATE": "mine", "VIDEOFLIX_API_PORT": "8001"},
        ".env.prod": {"VIDEOFLIX_STATE": "theirs"},
    }
    monkeypatch.setattr(stack, "read_env_file", lambda path: files.get(path.name, {}))
    read = stack.load({}, stage)
    assert (read.api_port, read.aws_port, read.state.name) == (port, 4000, folder)
    assert stack.load({"VIDEOFLIX_API_PORT": "9000"}, stage).api_port == 9000


def test_a_file_of_a_windows_editor_is_read(tmp_path):
    """Its first setting did nothing."""
    file = tmp_path / ".env"
    file.write_text("VIDEOFLIX_API_PORT=9000\n", encoding="utf-8-sig")
    assert stack.read_env_file(file) == {"VIDEOFLIX_API_PORT": "9000"}


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_file_that_is_no_utf_8_is_named(tmp_path, encoding):
    file = tmp_path / ".env"
    file.write_text("DEFAULT_OWNER=zoë@example.com\n", encoding=encoding)
    with pytest.raises(stack.StackError, match=r"\.env is no UTF-8 text"):
        stack.read_env_file(file)


def test_a_level_that_does_not_exist_is_named():
    with pytest.raises(stack.StackError, match="VIDEOFLIX_EMULATOR_LOG"):
        stack.load({"VIDEOFLIX_EMULATOR_LOG": "loud"})


@pytest.mark.parametrize("address", ["192.168.1.5", "127.0.0.2", "::1", "localhost"])
def test_an_address_at_which_the_stack_would_not_find_itself_is_named(address):
    """`make up` waited for half a minute for a stack that listened elsewhere."""
    with pytest.raises(stack.StackError, match=r"VIDEOFLIX_BIND must be 127\.0\.0\.1 or 0\.0\.0\.0"):
        stack.load({"VIDEOFLIX_BIND": address})


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "::"])
def test_an_address_that_takes_calls_of_the_loopback_does(address):
    assert stack.load({"VIDEOFLIX_BIND": address}).bind == address
