"""The stack as somebody runs it: started again, killed, asked for its state."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from localstack import process
from localstack.stack import load
from tests.processes import gone
from tests.stack import ROOT, Stack, eventually


def _on_disk(stack: Stack, text: bytes) -> bool:
    return any(text in file.read_bytes() for file in (stack.state / "emulator").glob("*") if file.is_file())


def test_up_prints_every_address_the_credentials_and_the_demo_login(stack: Stack) -> None:
    said = stack.up()
    for wanted in (str(stack.api), str(stack.aws), str(stack.web), "test", "demo@videoflix.local", "Demo123!"):
        assert wanted in said


def test_a_second_up_on_a_running_stack_keeps_the_process_and_the_films_and_has_the_api_back(stack: Stack) -> None:
    before, films = stack.pid, stack.films()
    process.control(load(stack.environment), "release-api")  # as a `make dev` that was killed leaves it
    stack.up()
    assert (stack.pid, stack.films()) == (before, films)
    assert stack.client().get("/healthz/").status == 200


def test_requests_pass_through_the_emulated_api_gateway_and_a_deployed_lambda(stack: Stack) -> None:
    answer = stack.client().get("/healthz/")
    assert (answer.status, answer.json()) == (200, {"ok": True})
    functions = stack.service("lambda").list_functions()["Functions"]
    assert {function["FunctionName"] for function in functions} >= {
        "videoflix-local",
        "videoflix-local-ingest",
        "videoflix-local-transcode",
        "videoflix-local-watchdog",
        "videoflix-local-send_mail",
    }
    assert stack.service("apigateway").get_rest_apis()["items"]


def test_readyz_names_each_dependency(stack: Stack) -> None:
    answer = stack.client().get("/readyz/")
    assert answer.status == 200
    named = ["accounts_table", "catalogue_table", "uploads_bucket", "media_bucket", "transcode_machine", "mail_queue"]
    assert answer.json() == {"ok": True, "dependencies": dict.fromkeys([*named, "token_keys", "media_signer"], True)}


def test_an_unknown_path_answers_in_the_contracts_envelope(stack: Stack) -> None:
    for path in ("/api/video/1/no/such/thing/", "/nothing", "/api/unknown"):
        answer = stack.client().get(path)
        assert (answer.status, list(answer.json())) == (404, ["errors"]), path


@pytest.mark.parametrize("path", ["/api/login", "/api/login/"])
def test_a_wrong_method_says_which_are_right_with_and_without_the_slash(stack: Stack, path: str) -> None:
    answer = stack.client().get(path)
    assert answer.status == 405
    assert "POST" in answer.headers["allow"]
    assert answer.json() == {"errors": {"non_field_errors": ["Method not allowed."]}}


def test_the_frontends_preflight_is_answered_and_a_foreign_one_is_not(stack: Stack) -> None:
    def preflight(origin: str) -> dict[str, str]:
        headers = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        return stack.client().call("OPTIONS", "/api/video/", headers=headers).headers

    page = f"http://127.0.0.1:{stack.web}"
    assert preflight(page)["access-control-allow-origin"] == page
    assert preflight(page)["access-control-allow-credentials"] == "true"
    assert "access-control-allow-origin" not in preflight("https://evil.example")


def test_a_forged_forwarded_address_does_not_reach_the_login_limit(stack: Stack) -> None:
    """Five wrong passwords a minute: a client that claims another address each time is stopped all the same."""
    client = stack.client()
    account = {"email": "nobody@example.com", "password": "wrong"}
    statuses = [
        client.call("POST", "/api/login/", account, {"X-Forwarded-For": f"203.0.113.{number}"}).status
        for number in range(7)
    ]
    assert statuses[0] == 400
    assert statuses[-1] == 429


def test_a_body_beyond_what_api_gateway_takes_is_refused_with_a_sentence(stack: Stack) -> None:
    with socket.create_connection(("127.0.0.1", stack.api), timeout=10) as wire:
        wire.sendall(
            b"POST /api/login/ HTTP/1.1\r\nHost: x\r\n"
            b"Content-Type: application/json\r\nContent-Length: 2147483648\r\n\r\n{"
        )
        assert b" 413 " in wire.recv(4096).splitlines()[0]


def test_a_kill_of_the_whole_stack_loses_no_account_and_no_film(stack: Stack) -> None:
    films = stack.films()
    assert films, "the demo film at least"
    stack.demo()
    stack.manage("create_admin", "--email", "survivor@example.com", "--password", "correct horse battery")
    # the promise is five seconds
    eventually(lambda: _on_disk(stack, b"survivor@example.com") or None, timeout=5)
    pid = stack.pid
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: gone(pid) or None, timeout=10)
    stack.up()
    assert stack.films() == films
    stack.demo()
    survivor = {"email": "survivor@example.com", "password": "correct horse battery"}
    assert stack.client().post("/api/login/", survivor).status == 200


def test_down_and_up_keep_accounts_and_films(stack: Stack) -> None:
    films = stack.films()
    stack.run(sys.executable, "-m", "localstack.down")
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"{stack.aws_url}/_ministack/health", timeout=5)
    stack.up()
    assert stack.films() == films
    stack.demo()


def test_a_busy_port_is_said_in_one_sentence_and_nothing_is_started(stack: Stack, tmp_path: Path) -> None:
    environment = {**stack.environment, "VIDEOFLIX_STATE": str(tmp_path), "VIDEOFLIX_AWS_PORT": "0"}
    with socket.socket() as taken, socket.socket() as one, socket.socket() as other:
        for each in (taken, one, other):
            each.bind(("127.0.0.1", 0))
        taken.listen()
        environment |= {
            "VIDEOFLIX_API_PORT": str(taken.getsockname()[1]),
            "VIDEOFLIX_AWS_PORT": str(one.getsockname()[1]),
            "VIDEOFLIX_WEB_PORT": str(other.getsockname()[1]),
        }
        one.close()
        other.close()
        command = [sys.executable, "-m", "localstack.up"]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
        )
    assert done.returncode == 1
    assert "VIDEOFLIX_API_PORT" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "stack.json").exists()


def test_the_page_is_served_with_a_strict_policy_and_nothing_above_its_folder(stack: Stack) -> None:
    web = f"http://127.0.0.1:{stack.web}"
    page = stack.client().get(web + "/")
    assert b"<title>Videoflix</title>" in page.body
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy or "default-src 'self'" in policy
    assert "unsafe" not in policy
    with socket.create_connection(("127.0.0.1", stack.web), timeout=10) as wire:
        wire.sendall(b"GET /../app.py HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b" 200 " not in wire.recv(4096).splitlines()[0]
    for path in ("/%2e%2e/app.py", "/js/%2e%2e%2f%2e%2e%2fapp.py", "/..%5capp.py"):
        assert stack.client().get(web + path).status == 404, path


def test_status_says_that_it_runs_and_where(stack: Stack) -> None:
    said = stack.run(sys.executable, "-m", "localstack.status")
    assert str(stack.api) in said


def test_only_the_loopback_interface_answers(stack: Stack) -> None:
    """Films and accounts of a developer's machine are nobody else's business."""
    listening = Path("/proc/net/tcp").read_text().splitlines()[1:]
    ports = {f"{port:04X}" for port in (stack.api, stack.aws, stack.web)}
    addresses = {
        line.split()[1].partition(":")[0]
        for line in listening
        if line.split()[1].partition(":")[2] in ports and line.split()[3] == "0A"
    }
    assert addresses == {"0100007F"}
