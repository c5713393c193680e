"""Where a stage goes to: a wrong answer here deploys to the wrong place, or sends a real key to an emulator."""

import pytest

from infra import targets
from infra.targets import DeployError


def test_a_local_stage_goes_to_the_configured_port(tmp_path):
    assert targets.load("local", tmp_path, {"VIDEOFLIX_AWS_PORT": "4999"}).endpoint == "http://127.0.0.1:4999"


def test_an_endpoint_in_the_environment_wins(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localstack:4566")  # as in a container beside LocalStack
    assert targets.load("localstack", tmp_path).endpoint == "http://localstack:4566"


def test_prod_goes_to_aws_itself(prod):
    assert prod.endpoint is None
    assert prod.region == "eu-central-1"
    assert prod.requires_tls


def test_settings_of_one_stage_do_not_reach_another(tmp_path, monkeypatch):
    """Else the address of the production's page would be that of `make up` too."""
    files = {".env": {"LOG_LEVEL": "DEBUG"}, ".env.prod": {"AWS_REGION": "eu-west-1", "LOG_LEVEL": "WARNING"}}
    monkeypatch.setattr("localstack.stack.read_env_file", lambda path: files.get(path.name, {}))
    local, prod = (targets.load(stage, tmp_path, {}) for stage in ("local", "prod"))
    assert (prod.region, prod.settings["LOG_LEVEL"]) == ("eu-west-1", "WARNING")
    assert (local.region, local.settings["LOG_LEVEL"]) == ("us-east-1", "DEBUG")
    assert targets.load("prod", tmp_path, {"AWS_REGION": "us-west-2"}).region == "us-west-2"


@pytest.mark.parametrize(("stage", "folder"), [("local", "mine"), ("prod", "theirs"), ("staging", "all")])
def test_a_stage_s_own_file_may_name_its_state_folder(stage, folder, monkeypatch):
    files = {".env": "all", ".env.local": "mine", ".env.prod": "theirs"}
    said = {name: {"VIDEOFLIX_STATE": folder, "AWS_REGION": "eu-west-1"} for name, folder in files.items()}
    monkeypatch.setattr("localstack.stack.read_env_file", lambda path: said.get(path.name, {}))
    assert targets.load(stage, environ={}).state.name == folder


def test_prod_without_a_region_is_refused_by_name(tmp_path):
    with pytest.raises(DeployError, match="AWS_REGION"):
        targets.load("prod", tmp_path, {})


@pytest.mark.parametrize("stage", ["", "P", "Prod", "a b", "prod/../x", "p" * 17, "9lives"])
def test_a_stage_that_cannot_be_part_of_a_name_is_refused(stage, tmp_path):
    with pytest.raises(DeployError, match="stage's name"):
        targets.load(stage, tmp_path, {})


def test_a_malformed_port_stops_with_its_name(tmp_path):
    with pytest.raises(DeployError, match="VIDEOFLIX_AWS_PORT"):
        targets.load("local", tmp_path, {"VIDEOFLIX_AWS_PORT": "many"})


def test_a_real_key_or_profile_never_reaches_an_emulator(local, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "company")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
    environment = local.child_environment()
    assert environment["AWS_SECRET_ACCESS_KEY"] == "test"
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN"} & environment.keys()


def test_aws_is_reached_with_the_operators_own_credentials(prod, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "company")
    assert prod.child_environment()["AWS_PROFILE"] == "company"
    assert prod.credentials() == {}


def test_nobody_there_is_said_in_one_sentence(tmp_path):
    target = targets.load("local", tmp_path, {"VIDEOFLIX_AWS_PORT": "1"})
    with pytest.raises(DeployError, match=r"No emulated AWS answers at http://127\.0\.0\.1:1; start it first"):
        _ = target.account
