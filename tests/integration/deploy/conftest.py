"""Deployments onto a stack of the tests' own, from a copy of the repository that a test may change."""

import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from localstack import process
from localstack.stack import ROOT, Stack
from tests.ports import free_ports
from tests.sharing import shared_by

_COPIED = ("app.py", "requirements.txt", ".chalice/config.json", "functions", "infra", "layers", "localstack")
_LINKED = ("layers/ffmpeg/build", ".chalice/deployments")  # what takes long to make and never changes
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "build")
OPERATOR = {
    "AWS_REGION": "us-east-1",
    "CORS_ALLOWED_ORIGINS": "https://films.example.org",
    "FRONTEND_BASE_URL": "https://films.example.org",
    "MAIL_SENDER": "films@example.org",
}


@dataclass(frozen=True)
class Site:
    """A copy of the repository, and the emulated AWS that it is deployed to."""

    root: Path
    stack: Stack

    def environment(self, stage: str) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "VIDEOFLIX_"))}
        ours = {k: v for k, v in self.stack.client_environment().items() if stage != "local" or k.startswith("VIDEO")}
        return clean | ours | (OPERATOR if stage != "local" else {}) | {"PYTHONUNBUFFERED": "1"}

    def command(self, module: str, stage: str, *arguments: str) -> list[str]:
        return [sys.executable, "-m", module, "--stage", stage, *arguments]

    def deploy(self, *arguments: str, stage: str = "local", module: str = "infra.deploy") -> str:
        """Run the program; answers what it said."""
        done = subprocess.run(
            self.command(module, stage, *arguments),
            cwd=self.root,
            env=self.environment(stage),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def deploy_killed_at(self, line: str) -> None:
        """Start a deployment and kill it, and everything that it started, as soon as it says this line."""
        with subprocess.Popen(
            self.command("infra.deploy", "local"),
            cwd=self.root,
            env=self.environment("local"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as running:
            said = []
            for text in running.stdout:
                said.append(text)
                if line in text:
                    os.killpg(running.pid, signal.SIGKILL)
                    return
        pytest.fail(f"never said {line!r}:\n{''.join(said)}")

    def client(self, service, **credentials):
        root = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(
            service,
            endpoint_url=self.stack.aws_url,
            region_name="us-east-1",
            config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}),
            **(credentials or root),
        )

    def as_role(self, role, service):
        """A client with the rights of one function's role."""
        got = self.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::000000000000:role/videoflix-local-{role}", RoleSessionName="test"
        )["Credentials"]
        return self.client(
            service,
            aws_access_key_id=got["AccessKeyId"],
            aws_secret_access_key=got["SecretAccessKey"],
            aws_session_token=got["SessionToken"],
        )

    def apis(self):
        return [api["id"] for api in self.client("apigateway").get_rest_apis()["items"]]

    def subscriptions(self):
        mappings = self.client("lambda").list_event_source_mappings()["EventSourceMappings"]
        return sorted(mapping["EventSourceArn"].rpartition(":")[2] for mapping in mappings)

    def ask(self, path="/healthz/", base=None):
        with urllib.request.urlopen(f"{base or self.stack.api_url}{path}", timeout=60) as answer:
            return json.loads(answer.read())

    def values(self, stage="local"):
        """The environment file that the deployment wrote."""
        lines = (self.stack.state / f"{stage}.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


@pytest.fixture(scope="session")
def sites(tmp_path_factory):
    """Make a site when its name is asked for first."""
    with contextlib.ExitStack() as opened:
        yield functools.cache(lambda _name: opened.enter_context(_site(tmp_path_factory)))


@contextlib.contextmanager
def _site(tmp_path_factory):
    """A fresh copy beside fresh, empty services."""
    root = tmp_path_factory.mktemp("tree")
    for name in _COPIED:
        source, target = ROOT / name, root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=_LEFT_OUT)
        else:
            shutil.copyfile(source, target)
    for name in _LINKED:
        (ROOT / name).mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(ROOT / name)
    aws, api, web = free_ports(3)
    stack = Stack(api_port=api, aws_port=aws, web_port=web, state=tmp_path_factory.mktemp("state"))
    process.start(stack)
    try:
        yield Site(root, stack)
    finally:
        process.stop(stack)


@pytest.fixture(scope="module")
def site(request, sites):
    """The site of this file, and of those that it shares one with (tests/sharing.py)."""
    return sites(shared_by(request.node.nodeid))


def change(site, text="changed"):
    """Change a function so that its callers see it."""
    path = site.root / "functions" / "http" / "health.py"
    before = path.read_text()
    after = before.replace('Answer({"ok": True})', f'Answer({{"ok": True, "mark": "{text}"}})')
    assert before != after
    path.write_text(after)
