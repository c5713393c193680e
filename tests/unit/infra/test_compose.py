"""compose.yml: what it opens, what it starts, and that Compose takes it."""

import os
import shutil
import subprocess

import pytest
import yaml

from infra.targets import ROOT

SERVICES = yaml.safe_load((ROOT / "compose.yml").read_text(encoding="utf-8"))["services"]


def test_the_last_localstack_that_needs_no_account():
    assert SERVICES["localstack"]["image"] == "localstack/localstack:4.14.0"


def test_nothing_can_be_reached_from_another_machine():
    """Whoever reaches the AWS port owns the stack: its key is `test`."""
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(ports) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_page_starts_after_the_deployment_and_the_deployment_after_the_services():
    assert SERVICES["deployer"]["depends_on"] == {"localstack": {"condition": "service_healthy"}}
    assert SERVICES["web"]["depends_on"] == {"deployer": {"condition": "service_completed_successfully"}}


def test_functions_find_ffmpeg_where_the_deployer_puts_it():
    flags = SERVICES["localstack"]["environment"]["LAMBDA_DOCKER_FLAGS"]
    volumes = yaml.safe_load((ROOT / "compose.yml").read_text(encoding="utf-8"))["volumes"]
    assert flags == f"-v {volumes['layer']['name']}:/opt"
    assert "layer:/layer" in SERVICES["deployer"]["volumes"]


def test_its_programs_get_the_stage_s_own_settings_over_those_of_all():
    for name in ("deployer", "web"):
        files = SERVICES[name]["env_file"]
        assert files == [{"path": path, "required": False} for path in (".env", ".env.localstack")]


def test_compose_takes_it():
    if not shutil.which("docker"):
        pytest.skip("no docker here")
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no Compose here")
    done = subprocess.run(
        ["docker", "compose", "-f", "compose.yml", "config", "--quiet"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_what_starts_and_stops_it_is_the_same_on_windows():
    for name in ("start_videoflix", "stop_videoflix"):
        shell, power = ((ROOT / f"{name}.{end}").read_text(encoding="utf-8") for end in ("sh", "ps1"))
        assert subprocess.run(["bash", "-n", ROOT / f"{name}.sh"], check=False).returncode == 0
        lines = [line.strip() for line in shell.splitlines()]
        commands = [line.removeprefix("docker compose ") for line in lines if line.startswith("docker compose ")]
        assert commands
        for command in commands:
            words = command.split("${")[0].strip()
            assert words in power, f"{name}.ps1 does not say: {words}"


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """A `docker` whose Compose brings nothing down, and a `make`; answers the file in which they say what was asked."""
    said = tmp_path / "said"
    for name, ending in (("docker", 'case "$*" in *down*) exit 1;; esac'), ("make", "")):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\necho "{name} $*" >>{said}\n{ending}\n')
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return said


@pytest.mark.parametrize(
    ("script", "options", "made"),
    [
        ("stop", [], ["make down"]),
        ("stop", ["--clean"], ["make clean"]),
        ("start", ["--embedded"], ["make down", "make up"]),
    ],
)
def test_the_embedded_stack_is_stopped_and_started_whatever_compose_says(script, options, made, commands):
    """An old Compose, or a page that is off, is no fault of that stack."""
    command = ["bash", ROOT / f"{script}_videoflix.sh", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "LocalStack" in done.stderr
    said = commands.read_text().splitlines()
    assert [line for line in said if line.startswith("make")] == made
    down = next(line for line in said if " down " in f"{line} " and line.startswith("docker"))
    assert "--project-name videoflix" in down, "by its name it needs no compose.yml that is understood"
