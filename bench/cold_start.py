"""What a cold start of the API costs, against a bare Chalice app that reads an item: `python -m bench.cold_start`.

A new process each time, as a new Lambda is: import app.py from the package that is deployed, unpacked and never written
to, and answer the first request, for the list of films, whose AWS calls are answered at once by a server in this
process. The floor is a Chalice app of one route that makes one call of DynamoDB with boto3, on the same Python and with
the same dependencies, bytecode and all. The package without its bytecode, which is what plain `chalice` makes, shows
what that is good for. CPU of the process from its start to its answer; all take turns, and a ratio is the median of the
rounds' own: a slow second meets each.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from bench import figures, taped
from infra import chalice_cli
from infra.chalice_run import CACHE
from infra.project import copy_code
from localstack.stack import ROOT

MOST = 1.5
_ROUNDS = 20
_BARE = """
import boto3
from chalice import Chalice

app = Chalice(app_name="bare")


@app.route("/api/video")
def films():
    return boto3.client("dynamodb").get_item(TableName="films", Key={"pk": {"S": "a"}})["Item"]
"""
_CALL = """
import importlib, json, os, sys
sys.path.insert(0, sys.argv[1])
event = json.loads(sys.stdin.read())
answer = importlib.import_module("app").app(event, None)
spent = os.times()
assert answer["statusCode"] == 200, answer
print(spent.user + spent.system)
"""


class _Aws(BaseHTTPRequestHandler):
    """Answers each operation with what moto answered once."""

    answers: dict[str, tuple[int, bytes]] = {}  # noqa: RUF012 - shared by design: one server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status, body = self.answers[self.headers["X-Amz-Target"].rpartition(".")[2]]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _aws(answers: dict[str, tuple[int, bytes]]) -> Iterator[str]:
    _Aws.answers = answers
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Aws)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def _recorded() -> tuple[dict[str, Any], dict[str, tuple[int, bytes]]]:
    """Return the event of a call for the list, and what AWS answers to each operation that it needs."""
    with taped.aws() as recorder:
        door = taped.Door()
        door.log_in()
        tape = recorder.tape(door.call("GET", "/api/video"))
        answers = {
            call.operation: (answer.status_code, bytes(answer.content))
            for call, answer in zip(tape.calls, tape.answers, strict=True)
        }
        import boto3  # noqa: PLC0415 - after the environment is set

        secrets = boto3.client("secretsmanager")
        both: dict[str, str] = {}  # one answer for both keys: each reader takes its own fields
        for name in ("token-keys", "media-signer"):
            both |= json.loads(secrets.get_secret_value(SecretId=f"videoflix/bench/{name}")["SecretString"])
        answers["GetSecretValue"] = (200, json.dumps({"SecretString": json.dumps(both)}).encode())
        answers["GetItem"] = (200, json.dumps({"Item": {"pk": {"S": "a"}}}).encode())
        return door.event("GET", "/api/video"), answers


def _packaged(folder: Path) -> Path:
    """Return the path of the package that a deployment of this tree makes."""
    project, target = folder / "project", folder / "packaged"
    copy_code(project)
    shutil.copy(ROOT / ".chalice" / "config.json", project / ".chalice")
    program = [sys.executable, "-P", str(ROOT / "infra" / "chalice_cli.py"), "--cache", str(CACHE)]
    command = [*program, "--project-dir", str(project), "package", "--pkg-format", "terraform"]
    command += ["--stage", "local", str(target)]
    environment = {**os.environ, "AWS_DEFAULT_REGION": "us-east-1"}
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return target / "deployment.zip"


def _unpacked(package: Path, folder: Path) -> Path:
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    return folder


def _bare(package: Path, folder: Path) -> Path:
    """Return a folder with what Chalice deploys of the floor: the same dependencies beside another app.py."""
    shutil.rmtree(_unpacked(package, folder) / "functions")
    (folder / "app.py").write_text(_BARE, encoding="utf-8")
    chalice_cli.compile_folder(folder)
    return folder


def _without_bytecode(package: Path, folder: Path) -> Path:
    chalice_cli.remove_bytecode(_unpacked(package, folder))
    return folder


def _spent(folder: Path, event: dict[str, Any], endpoint: str) -> float:
    """Return the CPU milliseconds of a new process that answers one call with what lies in the folder alone."""
    environment = {**os.environ, "AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1"}
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", _CALL, str(folder)],
        input=json.dumps(event),
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
    )
    if done.returncode:
        sys.exit(done.stderr)
    return float(done.stdout.splitlines()[-1]) * 1000


def main() -> int:
    """Measure, print, and return 1 if the claim does not hold."""
    event, answers = _recorded()
    with tempfile.TemporaryDirectory(prefix="videoflix-bench-") as name, _aws(answers) as endpoint:
        package = _packaged(Path(name))
        folders = (
            _unpacked(package, Path(name) / "ours"),
            _bare(package, Path(name) / "bare"),
            _without_bytecode(package, Path(name) / "without"),
        )
        rounds = [[_spent(folder, event, endpoint) for folder in folders] for _ in range(_ROUNDS)]
    ours, floor, without = (statistics.median(taken) for taken in zip(*rounds, strict=True))
    ratio = statistics.median(api / alone for api, alone, _ in rounds)
    gain = statistics.median(api / compiling for api, _, compiling in rounds)
    print(f"cold start of the API         {ours:7.0f} ms of CPU, import and first request")
    print(f"floor: bare Chalice and boto3 {floor:7.0f} ms")
    print(f"the API without its bytecode  {without:7.0f} ms: it takes {gain:.2f} of that")
    print(f"{ratio:.2f} times the floor, allowed {MOST:g}: {'holds' if ratio <= MOST else 'does NOT hold'}")
    figures.keep("cold start of the API / bare Chalice app", ratio, most=MOST)
    figures.keep("cold start of the API / the same package without bytecode", gain)
    return 0 if ratio <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
