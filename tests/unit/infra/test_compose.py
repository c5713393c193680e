"""compose.yml: what it opens, what it starts, and that Compose takes it."""

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
