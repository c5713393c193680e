"""The operator's door: which stage it talks to, and how it says what is wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    ProfileNotFound,
    ReadTimeoutError,
    UnauthorizedSSOTokenError,
)
from pynamodb.exceptions import GetError

import manage
from functions.cli import frame
from functions.errors import ConflictError, InvalidInputError
from functions.settings import SettingError
from tests.unit.conftest import ENVIRONMENT


@pytest.fixture
def folder(tmp_path: Path, environment: pytest.MonkeyPatch) -> Path:
    """An empty checkout, and an environment that says nothing of any stage."""
    for name in ENVIRONMENT:
        environment.delenv(name)
    for name in [name for name in os.environ if name.startswith("VIDEOFLIX_")]:
        environment.delenv(name)
    environment.setattr(manage, "ROOT", tmp_path)
    environment.setattr(os, "environ", dict(os.environ))  # what a command loads stays in its test
    return tmp_path


def deploy(folder: Path, stage: str = "local", **changed: str) -> None:
    state = folder / ".local"
    state.mkdir(exist_ok=True)
    values = {**ENVIRONMENT, "STAGE": stage, **changed}
    (state / f"{stage}.env").write_text("".join(f"{name}={value}\n" for name, value in values.items()))


def manage_py(*arguments: str) -> int:
    return frame.main(arguments, manage._prepare)


def config(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    return json.loads(capsys.readouterr().out)


def test_a_command_uses_the_settings_that_the_deployment_wrote(folder, capsys):
    deploy(folder, AWS_ENDPOINT_URL="http://127.0.0.1:5100")
    assert manage_py("print_config", "--json") == 0
    shown = config(capsys)
    assert shown["CATALOGUE_TABLE"] == "videoflix-local-catalogue"
    assert shown["AWS_ENDPOINT_URL"] == "http://127.0.0.1:5100"
    assert shown["CORS_ALLOWED_ORIGINS"] == ["http://127.0.0.1:5500"]


def test_for_people_the_settings_are_a_table(folder, capsys):
    deploy(folder)
    assert manage_py("print_config") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["SETTING", "VALUE"]
    assert ["STAGE", "local"] in [line.split() for line in lines]


def test_no_secret_is_ever_shown(folder, capsys):
    deploy(folder, AWS_SECRET_ACCESS_KEY="very-secret")
    manage_py("print_config", "--json")
    assert "very-secret" not in capsys.readouterr().out


def test_what_is_exported_wins_over_dot_env_and_that_over_the_deployment(folder, capsys):
    deploy(folder, LOG_LEVEL="INFO", BCRYPT_ROUNDS="10", MAIL_SENDER="deployed@example.com")
    (folder / ".env").write_text("# mine\nLOG_LEVEL=DEBUG\nBCRYPT_ROUNDS='11'\n")
    os.environ["BCRYPT_ROUNDS"] = "12"
    manage_py("print_config", "--json")
    shown = config(capsys)
    assert (shown["LOG_LEVEL"], shown["BCRYPT_ROUNDS"]) == ("DEBUG", 12)
    assert shown["MAIL_SENDER"] == "deployed@example.com"


def test_a_stages_own_file_wins_over_dot_env(folder, capsys):
    """`.env` is for `make up`; a deployment reads `.env.prod` over it, and so do the commands for that stage."""
    deploy(folder, "prod", LOG_LEVEL="WARNING")
    (folder / ".env").write_text("LOG_LEVEL=DEBUG\nBCRYPT_ROUNDS=11\n")
    (folder / ".env.prod").write_text("LOG_LEVEL=WARNING\n")
    manage_py("--stage", "prod", "print_config", "--json")
    shown = config(capsys)
    assert (shown["LOG_LEVEL"], shown["BCRYPT_ROUNDS"]) == ("WARNING", 11)


def test_names_of_what_the_deployment_made_are_not_taken_from_files(folder, capsys):
    """`.env.example` says so; a line that somebody left there had commands work on another table than the functions."""
    deploy(folder, "prod")
    (folder / ".env").write_text("ACCOUNTS_TABLE=old-accounts\nSTAGE=local\n")
    (folder / ".env.prod").write_text("TRANSCODE_MACHINE=arn:old\n")
    assert manage_py("--stage", "prod", "print_config", "--json") == 0
    shown = config(capsys)
    assert {name: shown[name] for name in ("ACCOUNTS_TABLE", "TRANSCODE_MACHINE", "STAGE")} == {
        "ACCOUNTS_TABLE": "videoflix-local-accounts",
        "TRANSCODE_MACHINE": ENVIRONMENT["TRANSCODE_MACHINE"],
        "STAGE": "prod",
    }


def test_a_stage_is_looked_for_in_the_region_that_it_was_deployed_to(folder):
    """A shell's region says where its other programs go: there is no table of the stage there."""
    deploy(folder, "prod", AWS_DEFAULT_REGION="eu-central-1")
    os.environ["AWS_DEFAULT_REGION"] = "us-west-2"
    manage_py("--stage", "prod", "print_config", "--json")
    assert boto3.Session().region_name == "eu-central-1"


@pytest.mark.parametrize("exported", ["AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "AWS_PROFILE"])
def test_a_shells_real_key_never_reaches_an_emulator(folder, exported):
    """Who had one exported was refused by the local stage, which knows no such key."""
    deploy(folder, AWS_ENDPOINT_URL="http://127.0.0.1:5100")
    deploy(folder, "prod")
    os.environ[exported] = "real"
    manage_py("print_config", "--json")
    assert os.environ.get(exported) == ENVIRONMENT.get(exported)


def test_a_shells_key_is_the_one_for_aws(folder):
    deploy(folder, "prod")
    os.environ["AWS_ACCESS_KEY_ID"] = "real"
    manage_py("--stage", "prod", "print_config", "--json")
    assert os.environ["AWS_ACCESS_KEY_ID"] == "real"


@pytest.mark.parametrize("file", [".env", ".env.local"])
def test_the_state_folder_may_lie_elsewhere(folder, capsys, file):
    deploy(folder)
    (folder / ".local").rename(folder / "elsewhere")
    (folder / file).write_text("VIDEOFLIX_STATE=elsewhere\n")
    assert manage_py("print_config", "--json") == 0
    assert config(capsys)["STAGE"] == "local"


@pytest.mark.parametrize("arguments", [("--stage", "prod", "print_config"), ("print_config", "--stage", "prod")])
def test_the_stage_may_stand_before_or_after_the_command(folder, capsys, arguments):
    deploy(folder, "prod")
    assert manage_py(*arguments, "--json") == 0
    assert config(capsys)["STAGE"] == "prod"


def test_a_stage_that_was_never_deployed_is_one_sentence(folder, capsys):
    assert manage_py("print_config", "--stage", "prod") == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "prod was never deployed" in said.err


def test_a_container_that_has_its_settings_needs_no_file(folder, capsys):
    os.environ.update(ENVIRONMENT)
    assert manage_py("print_config", "--json") == 0
    assert config(capsys)["STAGE"] == "local"
    assert os.environ["AWS_ACCESS_KEY_ID"] == ENVIRONMENT["AWS_ACCESS_KEY_ID"], "nobody else would give it one"


def test_two_stages_are_never_mixed(folder, capsys):
    """Otherwise `--stage prod` in a shell with local settings would work on half of each."""
    deploy(folder, "prod")
    os.environ["STAGE"] = "local"
    assert manage_py("print_config", "--stage", "prod") == 1
    assert "another stage" in capsys.readouterr().err


def test_a_file_that_is_no_utf_8_is_named(folder, capsys):
    deploy(folder)
    (folder / ".env").write_bytes("DEFAULT_OWNER=zoë@example.com\n".encode("latin-1"))
    assert manage_py("print_config") == 1
    assert capsys.readouterr().err == f"{folder / '.env'} is no UTF-8 text. Save it as UTF-8.\n"


def test_a_malformed_setting_is_named(folder, capsys):
    deploy(folder, BCRYPT_ROUNDS="many")
    assert manage_py("print_config") == 1
    assert capsys.readouterr().err == "Setting BCRYPT_ROUNDS must be a whole number.\n"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (frame.CommandError("Source file not found: x"), "Source file not found: x"),
        (InvalidInputError({"a": ["One.", "Two."], "b": ["Three."]}), "One. Two. Three."),
        (ConflictError("Busy."), "Busy."),
        (SettingError("STAGE", "is missing"), "Setting STAGE is missing."),
        (ClientError({"Error": {"Code": "AccessDenied"}}, "GetItem"), "AWS refused GetItem: AccessDenied."),
        (NoCredentialsError(), "There are no AWS credentials."),
        (
            GetError("x", EndpointConnectionError(endpoint_url="http://127.0.0.1:1")),
            "The services of stage local do not answer. Is it up? Start it with: make up",
        ),
        (
            ReadTimeoutError(endpoint_url="https://sqs.example"),
            "The services of stage local do not answer. Is it up? Start it with: make up",
        ),
    ],
)
def test_what_goes_wrong_is_one_sentence_and_exit_code_1(monkeypatch, capsys, error, sentence):
    assert run_that(error, monkeypatch) == 1
    assert capsys.readouterr().err == sentence + "\n"


def run_that(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> int:
    def run(_):
        raise error

    monkeypatch.setattr(frame, "_areas", list)
    return frame.main(["do"], lambda _: None, [lambda commands: frame.add_command(commands, "do", run, "Do.") and None])


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (UnauthorizedSSOTokenError(), "The SSO session associated with this profile has expired"),
        (GetError("x", ProfileNotFound(profile="films")), "The config profile (films) could not be found."),
        (CredentialRetrievalError(provider="process", error_msg="one\ntwo"), "from process: one two."),
        (NoRegionError(), "You must specify a region."),
    ],
)
def test_an_expired_login_is_not_taken_for_services_that_are_down(monkeypatch, capsys, error, words):
    assert run_that(error, monkeypatch) == 1
    said = capsys.readouterr().err
    assert said.startswith("AWS was not called, because its credentials or settings here are not right: ")
    assert words in said
    assert said.count("\n") == 1
    assert "do not answer" not in said


@pytest.mark.parametrize("error", [ZeroDivisionError(), ParamValidationError(report="Key is missing")])
def test_a_fault_of_ours_keeps_its_traceback(monkeypatch, error):
    with pytest.raises(type(error)):
        run_that(error, monkeypatch)


def test_a_reader_that_has_seen_enough_gets_no_traceback(tmp_path):
    deploy(tmp_path)
    environment = {**os.environ, "VIDEOFLIX_STATE": str(tmp_path / ".local")}
    command = [sys.executable, manage.__file__, "print_config", "--json"]
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command, check=False, env=environment, stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


def test_control_c_ends_quietly(monkeypatch, capsys):
    assert run_that(KeyboardInterrupt(), monkeypatch) == 130
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("command", ["check_videos", "print_config"])
def test_every_command_explains_itself(capsys, command):
    with pytest.raises(SystemExit) as ended:
        frame.parser().parse_args([command, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "--json" in said
    assert "--stage" in said


def test_without_a_command_the_usage_is_shown(capsys):
    with pytest.raises(SystemExit) as ended:
        frame.parser().parse_args([])
    assert ended.value.code == 2
    assert "COMMAND" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="a stand-in for .venv needs a symbolic link")
def test_started_with_any_python_it_goes_on_with_the_project_s_own(tmp_path):
    """People type `python manage.py` with whatever Python their shell finds first."""
    (tmp_path / ".venv/bin").mkdir(parents=True)
    python = tmp_path / ".venv/bin/python"
    python.write_text('#!/bin/sh\necho "went on with: $@"\n')
    python.chmod(0o755)
    (tmp_path / "manage.py").write_bytes(Path(manage.__file__).read_bytes())
    done = subprocess.run(
        [sys.executable, str(tmp_path / "manage.py"), "mails", "--to", "a b"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"went on with: {tmp_path}/manage.py mails --to a b\n"


def test_every_command_speaks_json_and_every_one_that_changes_something_can_be_tried_first():
    only_look = {"check_videos", "export_account", "plan", "print_config"}
    (commands,) = (action for action in frame.parser()._actions if action.dest == "COMMAND" or action.choices)
    options = {name: set(parser._option_string_actions) for name, parser in commands.choices.items()}
    assert {name for name, known in options.items() if not {"--help", "--json", "--stage"} <= known} == set()
    assert {name for name, known in options.items() if "--dry-run" not in known} == only_look
