"""The transcoder with the real ffmpeg, against S3, DynamoDB and SQS of an emulator of its own: no Lambda, no API."""

import importlib
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from chalice.test import Client
from pynamodb.models import Model

from functions import aws, dynamodb
from functions.accounts import people
from functions.catalogue import store
from functions.catalogue.film import Film
from functions.delivery import signing
from functions.transcoding import ingest, plan, process, steps
from tests import media
from tests.ports import free_ports
from tests.unit import clients
from tests.unit import conftest as unit
from tests.unit.http.conftest import Api

environment = unit.environment
OWNER = "demo@videoflix.local"


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for sources, each made once."""
    return tmp_path_factory.mktemp("films")


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An emulator without state; the tests' own, so that they disturb nobody's stack and nobody's disturbs them."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    keep = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    setting = {"GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "TMPDIR": str(tmp_path_factory.mktemp("emulator"))}
    running = subprocess.Popen(
        [sys.executable, "-m", "ministack"],
        env=keep | setting,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + 30
        while not _answers(f"{url}/_ministack/health"):
            assert running.poll() is None, "the emulator did not start"
            assert time.monotonic() < end, "the emulator does not answer"
            time.sleep(0.05)
        yield url
    finally:
        running.terminate()
        running.wait(20)


@pytest.fixture(autouse=True)
def binaries(monkeypatch: pytest.MonkeyPatch) -> None:
    assert media.BINARIES.is_dir(), "python layers/ffmpeg/build.py --unpack makes the binaries that tests use"
    monkeypatch.setenv("PATH", f"{media.BINARIES}{os.pathsep}{os.environ['PATH']}")


@dataclass
class Pipeline:
    """Uploads a file and lets the transcoder have it, as the event functions would."""

    folder: Path
    uploaded: int = 0
    invocations: int = 0

    def upload(self, file: Path, key: str | None = None, **metadata: str) -> Film:
        self.uploaded += 1
        key = key or file.name
        aws.s3().put_object(Bucket="videoflix-uploads", Key=key, Body=file.read_bytes(), Metadata=metadata)
        ingest.on_object("videoflix-uploads", key, f"{self.uploaded:04X}")
        owned = store.ownership(key)
        assert owned
        return self.film(owned.film_id)

    def film(self, film_id: int) -> Film:
        film = store.get(film_id)
        assert film
        return film

    def step(self, film: Film, name: str, left: Callable[[], float] = lambda: 600.0, **more: object) -> dict:
        """Run one step, as the state machine would have Lambda do it."""
        order = {"film_id": film.id, "version": film.version, "execution": film.execution}
        self.invocations += 1
        invocation = steps.Invocation(worker=f"worker-{self.invocations}", deadline=left)
        return steps.run({"step": name, "film": order, **more}, invocation)

    def work(self, film: Film, seconds_left: Callable[[], float] = lambda: 600.0) -> Film:
        """Run all steps, one after the other."""
        prepared = self.step(film, "prepare", seconds_left)
        for chunk in prepared["chunks"]:
            self.step(film, "encode", seconds_left, chunk=chunk)
        self.step(film, "publish", seconds_left, prepared=prepared)
        return self.film(film.id)

    def make(self, file: Path, **metadata: str) -> Film:
        """Upload and encode."""
        return self.work(self.upload(file, **metadata))

    def media(self, key: str) -> bytes:
        return aws.s3().get_object(Bucket="videoflix-media", Key=key)["Body"].read()

    def segments(self, film: Film, rendition: str) -> list[Path]:
        """The published segments of a rendition, as files."""
        made = next(one for one in film.renditions if one.name == rendition)
        files = []
        for number in range(len(made.segments)):
            file = self.folder / f"{film.id}-{rendition}-{number:03d}.ts"
            file.write_bytes(self.media(f"{film.id}/{film.version}/{made.folder}/{number:03d}.ts"))
            files.append(file)
        return files

    def joined(self, film: Film, rendition: str, name: str = "joined.ts") -> Path:
        """The published segments of a rendition in a row, as one file."""
        file = self.folder / name
        file.write_bytes(b"".join(segment.read_bytes() for segment in self.segments(film, rendition)))
        return file


def _forget_clients() -> None:
    """Clients know the address that was in the environment when they were made."""
    for cached in (aws._client, aws.queue_url, clients.client, dynamodb.connection):
        cached.cache_clear()
    models = [Model]
    while models:
        model = models.pop()
        model._connection = None
        models += model.__subclasses__()


@pytest.fixture(scope="session")
def _clients(server: str) -> Iterator[None]:
    """Clients of this emulator, for all tests: making one takes longer than a step of a short film."""
    _forget_clients()
    yield
    _forget_clients()


@pytest.fixture
def pipeline(server: str, _clients: None, environment: pytest.MonkeyPatch, tmp_path: Path) -> Pipeline:
    environment.setenv("AWS_ENDPOINT_URL", server)
    machine = unit.ENVIRONMENT["TRANSCODE_MACHINE"].replace("123456789012", "000000000000")  # the emulator's account
    environment.setenv("TRANSCODE_MACHINE", machine)
    urllib.request.urlopen(urllib.request.Request(f"{server}/_ministack/reset", method="POST")).close()
    unit.make_resources()
    people.seed(OWNER, "Demo123!")
    return Pipeline(tmp_path)


@pytest.fixture
def api(pipeline: Pipeline) -> Iterator[Api]:
    """The API over what the transcoder leaves."""
    signing._sign.cache_clear()
    signing._signer.cache_clear()
    with Client(importlib.import_module("app").app, stage_name="unit") as client:
        yield Api(client)


@dataclass
class Tools:
    """What the transcoder's tools took.

    Attributes:
        memory: Bytes that each held at most (its resident set).
        seconds: Of processors, all tools together: what a film costs, however busy the machine is.
    """

    memory: int = 0
    seconds: float = 0.0


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> Tools:
    """Asks the system what each tool took when it ends."""
    seen = Tools()

    class Measured(subprocess.Popen):
        def _try_wait(self, wait_flags: int) -> tuple[int, int]:
            try:
                pid, status, usage = os.wait4(self.pid, wait_flags)
            except ChildProcessError:
                return self.pid, 0
            if pid:
                seen.memory = max(seen.memory, usage.ru_maxrss << 10)  # Linux counts KiB
                seen.seconds += usage.ru_utime + usage.ru_stime
            return pid, status

    monkeypatch.setattr(process, "subprocess", SimpleNamespace(**vars(subprocess) | {"Popen": Measured}))
    return seen


@pytest.fixture
def in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let short films have several chunks."""
    make = plan.make
    monkeypatch.setattr(plan, "make", lambda info, **how: make(info, **how | {"chunk_cost": 0.01}))
    monkeypatch.setattr(plan, "_SHORTEST_CHUNK", 8.0)
