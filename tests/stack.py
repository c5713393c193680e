"""A running embedded stack as a test sees it: through its public doors only."""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import boto3

from tests.ports import free_ports
from tests.processes import Process, below

ROOT = Path(__file__).resolve().parent.parent
QUICK_LOGINS = {"BCRYPT_ROUNDS": "4"}  # a quarter of a second less for each
DEMO = {"email": "demo@videoflix.local", "password": "Demo123!"}


@dataclass(frozen=True)
class Reply:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object) -> None:
        return None


@dataclass
class Client:
    """A browser's worth of cookies; `patience` is the seconds that it waits for an answer."""

    base: str
    jar: CookieJar = field(default_factory=CookieJar)
    patience: float = 30

    def call(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Reply:
        data = None if body is None else json.dumps(body).encode()
        return self.send(method, path, data, {"Content-Type": "application/json", **(headers or {})})

    def send(self, method: str, path: str, data: bytes | None, headers: dict[str, str]) -> Reply:
        url = path if path.startswith("http") else f"{self.base}{path}"
        request = urllib.request.Request(url, data, headers, method=method)
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar), _NoRedirect)
        try:
            with opener.open(request, timeout=self.patience) as answer:
                return Reply(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read())
        except urllib.error.HTTPError as error:
            return Reply(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())

    def get(self, path: str, **headers: str) -> Reply:
        return self.call("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, body: object) -> Reply:
        return self.call("POST", path, body)


@dataclass(frozen=True)
class Stack:
    """Addresses and commands of one stack."""

    api: int
    aws: int
    web: int
    state: Path
    environment: dict[str, str]

    @property
    def aws_url(self) -> str:
        return f"http://127.0.0.1:{self.aws}"

    @property
    def pid(self) -> int:
        """The process below which everything of the stack runs."""
        return int(json.loads((self.state / "stack.json").read_text())["pid"])

    def tools(self, source_key: str) -> list[Process]:
        """What reads the film now (Linux): a tool's command holds the signed address of its source."""
        return [one for one in below(self.pid) if f"/videoflix-uploads/{source_key}?" in one.command]

    def run(self, *command: str, timeout: float = 600) -> str:
        """Run a command in the repository with this stack's environment; a failure shows what it printed."""
        done = subprocess.run(
            command, check=False, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=timeout
        )
        assert done.returncode == 0, f"{command} exited with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def up(self) -> str:
        return self.run(sys.executable, "-m", "localstack.up")

    def manage(self, *arguments: str) -> str:
        return self.run(sys.executable, "manage.py", *arguments)

    def films(self) -> list[dict[str, Any]]:
        films: list[dict[str, Any]] = json.loads(self.manage("check_videos", "--json"))
        return films

    def service(self, name: str) -> Any:
        """A client of one of the stack's AWS services: a second of a processor less than a command."""
        make: Any = boto3.client  # one overload a service: the name here is a variable
        keys = ("aws_access_key_id", "aws_secret_access_key")
        return make(name, endpoint_url=self.aws_url, region_name="us-east-1", **dict.fromkeys(keys, "test"))

    def aws_cli(self, *arguments: str) -> str:
        aws = Path(sys.executable).parent / "aws"
        return self.run(str(aws), "--endpoint-url", self.aws_url, *arguments)

    def client(self) -> Client:
        return Client(f"http://127.0.0.1:{self.api}")

    def demo(self) -> Client:
        """A client logged in as the demo account."""
        client = self.client()
        assert client.post("/api/login/", DEMO).status == 200
        return client

    def newcomer(self) -> Client:
        """A client logged in as somebody who has just registered."""
        client = self.client()
        assert client.post("/api/login/", self.person()).status == 200
        return client

    def person(self) -> dict[str, str]:
        """E-mail address and password of somebody who has just registered."""
        client = self.client()
        said = {"email": f"{uuid.uuid4().hex}@example.com", "password": "Correct horse 7"}
        registered = client.post("/api/register/", said | {"confirmed_password": said["password"]})
        assert registered.status == 201, registered.body
        made = registered.json()
        assert client.get(f"/api/activate/{made['uidb64']}/{made['token']}/").status == 200
        return said

    def finished(self, client: Client, film_id: int, timeout: float = 300, *, every: float = 0.5) -> dict[str, Any]:
        """Wait until nobody works on the film any more; answers its last status."""

        def status() -> dict[str, Any] | None:
            answer = client.get(f"/api/video/{film_id}/status/").json()
            return answer if answer.get("state") in ("ready", "failed") else None

        last: dict[str, Any] = eventually(status, timeout, every=every)
        return last

    def registered(self, source_key: str, timeout: float = 60) -> dict[str, Any]:
        """Wait until a film made of this object is known; answers what check_videos says of it."""

        def found() -> dict[str, Any] | None:
            return next((film for film in self.films() if film["source_key"] == source_key), None)

        # each look is a process that takes a second of a processor
        film: dict[str, Any] = eventually(found, timeout, every=1)
        return film


@contextlib.contextmanager
def running(state: Path, *, demo_film: bool = True, **settings: str) -> Iterator[Stack]:
    """Start a stack as `make up` does, with `settings` in its environment, and stop it as `make down` does.

    Without its demo film it takes a minute of the processors less.
    """
    if not demo_film:
        (state / "demo-film").write_text("done")
    api, aws, web = free_ports(3)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "VIDEOFLIX_"))} | {
        "VIDEOFLIX_API_PORT": str(api),
        "VIDEOFLIX_AWS_PORT": str(aws),
        "VIDEOFLIX_WEB_PORT": str(web),
        "VIDEOFLIX_STATE": str(state),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "PYTHONUNBUFFERED": "1",
        **settings,
    }
    started = Stack(api=api, aws=aws, web=web, state=state, environment=environment)
    try:
        started.up()
        yield started
    finally:
        subprocess.run([sys.executable, "-m", "localstack.down"], cwd=ROOT, env=environment, check=True)


def eventually(probe: Callable[[], Any], timeout: float, *, every: float = 0.2) -> Any:
    """Ask until there is an answer, each `every` seconds; a time-out is a failure."""
    deadline = time.monotonic() + timeout
    while (answer := probe()) is None:
        assert time.monotonic() < deadline, f"nothing came of it within {timeout} s"
        time.sleep(every)
    return answer
