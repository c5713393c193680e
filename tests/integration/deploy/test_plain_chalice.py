"""People who know Chalice use it as they are used to: from the root, without our program."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from localstack.stack import ROOT
from tests.ports import free_ports

pytestmark = pytest.mark.long

CHALICE = str(Path(sys.executable).parent / "chalice")


@pytest.fixture(scope="module")
def root(site):
    """The copy of the repository, told where the tests' emulator is; deployed, so that there are tables and roles."""
    site.deploy()
    (site.root / "vendor").mkdir()
    (site.root / "vendor" / "functions").symlink_to("../functions")
    config = site.root / ".chalice" / "config.json"
    config.write_text(config.read_text().replace("http://127.0.0.1:4566", site.stack.aws_url))
    return site.root


def clean():
    """The environment of somebody who has exported nothing."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "VIDEOFLIX_"))}


def environment(site):
    return (
        clean()
        | {"PYTHONDONTWRITEBYTECODE": "1"}
        | {name: value for name, value in site.stack.client_environment().items() if name.startswith("AWS_")}
    )


def run(environment, root, *command):
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_deploying_with_chalice_alone(site, root):
    said = run(environment(site), root, CHALICE, "deploy", "--stage", "local")
    assert "Rest API URL" in said


def test_terraform_packaging(site, root, tmp_path):
    """The packages are those of the deployment above, if there was one."""
    run(environment(site), root, CHALICE, "package", "--pkg-format", "terraform", "--stage", "local", str(tmp_path))
    assert_complete(tmp_path)


def test_terraform_packaging_of_prod(tmp_path):
    """All of it but what pip brings: test_stages.py deploys prod with its dependencies, and pip takes half a minute."""
    root, packaged = tmp_path / "project", tmp_path / "packaged"
    shutil.copytree(ROOT / ".chalice", root / ".chalice", ignore=shutil.ignore_patterns("deploy*"))
    shutil.copy(ROOT / "app.py", root)
    shutil.copy(ROOT / "requirements.txt", root)
    (root / "functions").symlink_to(ROOT / "functions")
    (root / "vendor").mkdir()
    (root / "vendor" / "functions").symlink_to(ROOT / "functions")
    without_pip = (
        "from chalice.deploy.packager import DependencyBuilder as it; it.build_site_packages = lambda *_: None"
    )
    chalice = (sys.executable, "-c", f"{without_pip}; from chalice.cli import main; main()")
    environment = clean() | {"PYTHONDONTWRITEBYTECODE": "1", "AWS_DEFAULT_REGION": "us-east-1"}
    run(environment, root, *chalice, "package", "--pkg-format", "terraform", "--stage", "prod", str(packaged))
    assert_complete(packaged)


def assert_complete(packaged):
    terraform = json.loads((packaged / "chalice.tf.json").read_text())["resource"]
    assert len(terraform["aws_lambda_function"]) == 5
    assert terraform["aws_lambda_function"]["transcode"]["layers"]
    (mails,) = terraform["aws_lambda_event_source_mapping"].values()
    assert mails["scaling_config"] == {"maximum_concurrency": 2}, "a thousand mails would take the films' Lambdas"
    names = [name for kind in terraform.values() for name in kind]
    assert not [name for name in names if "$" in name], "Terraform takes no expression as a name"


def test_serving_the_working_tree(site, root):
    """`chalice local`, with nothing exported: stage, endpoint and credentials stand in the configuration."""
    (port,) = free_ports(1)
    command, heard = [CHALICE, "local", "--port", str(port)], {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, cwd=root, env=clean(), start_new_session=True, **heard) as server:
        try:
            assert _answer(f"http://127.0.0.1:{port}/readyz/")["ok"] is True
        finally:
            os.killpg(server.pid, signal.SIGTERM)  # as a terminal does: who answers is a child of who reloads
            server.communicate(timeout=30)  # until nobody is left who could say something


def _answer(url):
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return json.loads(answer.read())
        except (urllib.error.URLError, ConnectionError):
            assert time.monotonic() < deadline
            time.sleep(0.1)
