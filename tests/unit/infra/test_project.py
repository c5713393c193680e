"""The staged project holds what is deployed: the code without compiled files, the configuration with what was made."""

import json
import os

import pytest

from functions import settings
from infra import environment, options, project, targets
from infra.targets import ROOT
from tests.unit.infra.conftest import OPERATOR, OUTPUTS


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A small repository."""
    root = tmp_path / "tree"
    (root / "functions" / "__pycache__").mkdir(parents=True)
    (root / "functions" / "code.py").write_text("answer = 42\n")
    (root / "functions" / "template.html").write_text("<p>\n")
    (root / "functions" / "__pycache__" / "code.pyc").write_bytes(b"compiled")
    (root / "app.py").write_text("app = 1\n")
    (root / "requirements.txt").write_text("one==1\n")
    monkeypatch.setattr(project, "ROOT", root)
    return root


def test_compiled_files_are_left_out(tree, local):
    """They differ from machine to machine and would make each deployment a new one."""
    project.stage(local, {})
    staged = {path.relative_to(local.project).as_posix() for path in local.project.rglob("*") if path.is_file()}
    assert staged == {
        ".chalice/config.json",
        "app.py",
        "requirements.txt",
        "vendor/functions/code.py",
        "vendor/functions/template.html",
    }


def test_a_file_that_was_deleted_is_not_deployed_any_more(tree, local):
    project.stage(local, {})
    (tree / "functions" / "template.html").unlink()
    project.stage(local, {})
    assert not (local.project / "vendor" / "functions" / "template.html").exists()


def test_what_chalice_keeps_survives_staging(tree, local):
    local.record.parent.mkdir(parents=True)
    local.record.write_text("{}")
    project.stage(local, {})
    assert local.record.read_text() == "{}"


@pytest.mark.parametrize("path", ["app.py", "requirements.txt", "functions/code.py", "functions/template.html"])
def test_every_deployed_file_counts(tree, path):
    before = project.fingerprint({})
    (tree / path).write_text("changed\n")
    assert project.fingerprint({}) != before


def test_compiled_files_and_times_do_not_count(tree):
    before = project.fingerprint({})
    (tree / "functions" / "__pycache__" / "code.pyc").write_bytes(b"compiled again")
    os.utime(tree / "functions" / "code.py", (1, 1))
    assert project.fingerprint({}) == before


def test_a_renamed_file_counts(tree):
    before = project.fingerprint({})
    (tree / "functions" / "code.py").rename(tree / "functions" / "code2.py")
    assert project.fingerprint({}) != before


def test_the_configuration_names_what_was_really_made(local):
    functions = environment.of(local, OUTPUTS)
    config = project.overlay(local, OUTPUTS, functions, options.load(local, functions))
    stage = config["stages"]["local"]
    assert stage["environment_variables"] == functions
    assert stage["lambda_functions"]["transcode"]["layers"] == ["arn:made:layer:7"]
    roles = {name: function["iam_role_arn"] for name, function in stage["lambda_functions"].items()}
    assert roles == {name: OUTPUTS[output] for name, output in project.ROLES.items()}
    assert settings.load(stage["environment_variables"]).uploads_bucket == "made-uploads"


def test_the_encoder_has_the_memory_that_the_operator_chose_and_the_others_theirs(prod, tmp_path):
    """Whose account allowed less had to change a checked-in file, and could check out no other commit."""
    chosen = targets.load("prod", tmp_path, {**OPERATOR, "TRANSCODE_MEMORY": "3008"})
    assert _memory(chosen) == {**_memory(prod), "transcode": 3008}


def _memory(target):
    config = project.overlay(target, OUTPUTS, {}, options.load(target, environment.of(target)))
    functions = config["stages"]["prod"]["lambda_functions"]
    return {name: function["lambda_memory_size"] for name, function in functions.items()}


def test_only_the_deployed_stage_is_in_the_configuration(local):
    config = project.overlay(local, OUTPUTS, {}, options.load(local, {"MAIL_SENDER": "films@example.org"}))
    assert list(config["stages"]) == ["local"]


def test_prod_runs_on_graviton_and_the_local_stages_on_this_machines_processor(local, prod, monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    monkeypatch.setattr("platform.system", lambda: "Linux")
    assert project.architecture(prod) == "arm64"
    assert project.architecture(local) == project.layer_target(local) == "arm64"
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert project.architecture(local) == "x86_64"
    assert project.layer_target(prod) == "arm64"


def test_the_embedded_stack_on_a_mac_gets_the_macs_ffmpeg(local, monkeypatch):
    """Its functions are processes of that machine."""
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    assert project.layer_target(local) == "macos-arm64"


def test_old_packages_do_not_pile_up(local):
    folder = local.project / ".chalice" / "deployments"
    folder.mkdir(parents=True)
    for age in range(5):
        package = folder / f"{age}.zip"
        package.write_bytes(b"")
        os.utime(package, (1000 - age, 1000 - age))
    project.forget_old_packages(local)
    assert {path.name for path in folder.iterdir()} == {"0.zip", "1.zip", "2.zip"}


def test_the_link_that_plain_chalice_packages_is_in_place():
    assert (ROOT / "vendor" / "functions").resolve() == (ROOT / "functions").resolve()


def test_the_checked_in_configuration_is_json_that_no_comment_broke():
    assert json.loads(environment.CONFIG.read_text(encoding="utf-8"))["app_name"] == "videoflix"
