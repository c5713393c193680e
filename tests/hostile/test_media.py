"""Whatever somebody uploads: it plays, or fails with a sentence; nobody else is asked, nothing is told, nothing hangs.

The engine's own steps run here, with the ffmpeg that is deployed, on moto and a server of the test's own for the file:
only so are a few hundred files a matter of a minute.
"""

import http.server
import io
import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import pytest
from moto.backends import get_backend

from functions import aws, log
from functions.accounts import people
from functions.catalogue import layout, store
from functions.catalogue.film import Film, State
from functions.transcoding import ingest, process, source, steps
from functions.transcoding.troubles import SENTENCES, PassingError
from tests.hostile_media import CORPUS, MARK, SEEDS, Workshop
from tests.integration.transcoding.conftest import Tools
from tests.unit import clients

OWNER = "demo@videoflix.local"
SECRET = "only-this-machine-knows"
ACCOUNT = "123456789012"
SECONDS = 100.0  # for all that an invocation of a step may do here; nothing in the corpus is worth more
# What would be our fault, or the machine's, and no film's.
OUR_FAULT = {"worker_lost", "took_too_long", "audit_failed", "source_missing", "allowance_used"}


class Listener(threading.Thread):
    """Notes whoever connects, whatever they speak."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.callers: list[bytes] = []

    def run(self) -> None:
        while True:
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            with caller:
                caller.settimeout(1)
                try:
                    self.callers.append(caller.recv(1000))
                except OSError:
                    self.callers.append(b"")

    def close(self) -> None:
        self._socket.close()


class _Objects(http.server.BaseHTTPRequestHandler):
    """Hands out what lies in moto's buckets, in ranges, as S3 would; botocore would take longer than ffmpeg."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        _, bucket, key = unquote(urlsplit(self.path).path).split("/", 2)
        whole = _objects(bucket).get(key)
        if whole is None:
            self.send_error(404)
            return
        first = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")[0])
        self.send_response(206 if first < len(whole) else 416)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(max(0, len(whole) - first)))
        self.send_header("Content-Range", f"bytes {first}-{len(whole) - 1}/{len(whole)}")
        self.end_headers()
        try:
            self.wfile.write(whole[first:])
        except OSError:
            self.close_connection = True  # the reader had enough

    def log_message(self, *_args: object) -> None:
        pass


def _objects(bucket: str) -> dict[str, bytes]:
    keys = get_backend("s3")[ACCOUNT]["aws"].buckets[bucket].keys
    return {name: key.value for name, key in keys.items()}


@pytest.fixture(scope="module")
def objects() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Objects)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    running = Listener()
    running.start()
    yield running
    running.close()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, listener: Listener) -> Workshop:
    folder = tmp_path_factory.mktemp("hostile")
    secret = folder / "secret.txt"
    secret.write_text(f"{SECRET}\n" * 100)
    return Workshop(folder, f"http://127.0.0.1:{listener.port}", secret)


@pytest.fixture
def engine(tables: None, objects: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the steps read the file through HTTP by its signed address, as they do everywhere."""
    sign = source._signed

    def signed(bucket: str, key: str, seconds: float) -> str:
        parts = urlsplit(sign(bucket, key, seconds))
        path = parts.path if parts.path.startswith(f"/{bucket}/") else f"/{bucket}{parts.path}"
        return f"{objects}{path}?{parts.query}"

    monkeypatch.setattr(source, "_signed", signed)
    people.seed(OWNER, "Demo123!")


def uploaded(key: str, data: bytes) -> Film:
    aws.s3().put_object(Bucket="videoflix-uploads", Key=key, Body=data)
    ingest.on_object("videoflix-uploads", key, "0A")
    owned = store.ownership(key)
    assert owned
    return now(owned.film_id)


def now(film_id: int) -> Film:
    film = store.get(film_id)
    assert film
    return film


def worked_on(film: Film) -> Film:
    """Run the steps of the state machine; what may pass is tried once more, as it would."""
    calls = 0

    def step(name: str, **more: object) -> dict:
        nonlocal calls
        calls += 1
        ends = time.monotonic() + SECONDS
        invocation = steps.Invocation(worker=f"worker-{calls}", deadline=lambda: ends - time.monotonic())
        order = {"film_id": film.id, "version": film.version, "execution": film.execution}
        event = {"step": name, "film": order, **more}
        try:
            return steps.run(event, invocation)
        except PassingError:
            return steps.run(event, invocation)

    prepared = step("prepare")
    for chunk in prepared["chunks"]:
        step("encode", chunk=chunk)
    step("publish", prepared=prepared)
    return now(film.id)


def missing_segments(film: Film) -> list[str]:
    """Return what its playlists name and storage does not have; of a film without any, that it has none."""
    version, there = str(film.published_version), _objects("videoflix-media")
    named = [
        layout.segment_key(film.id, version, rendition.folder, layout.segment_name(number))
        for rendition in film.renditions
        for number in range(len(rendition.segments))
    ]
    return [key for key in named if not there.get(key)] if named else ["any segment"]


def written() -> Iterator[bytes]:
    """Everything that lies in the media bucket, and all that the catalogue says."""
    yield from _objects("videoflix-media").values()
    yield repr(clients.client("dynamodb").scan(TableName="videoflix-local-catalogue")["Items"]).encode()


@dataclass
class Watched:
    """What sees all that a hostile file makes happen: who was called, what was logged, what the tools took."""

    listener: Listener
    tools: Tools
    said: io.StringIO


@pytest.fixture
def watched(engine: None, listener: Listener, tools: Tools, monkeypatch: pytest.MonkeyPatch) -> Watched:
    listener.callers.clear()  # or one film that calls is held against all that follow
    log.set_level("DEBUG")
    said, ours = io.StringIO(), logging.getLogger("videoflix")
    handler = logging.StreamHandler(said)
    handler.setFormatter(next(one.formatter for one in ours.handlers if one.formatter))
    monkeypatch.setattr(ours, "handlers", [handler])
    return Watched(listener, tools, said)


@pytest.mark.parametrize("name", sorted(SEEDS.keys() - {"sound_only"}))
def test_what_is_not_damaged_plays(name: str, shop: Workshop, engine: None) -> None:
    suffix, _ = SEEDS[name]
    film = worked_on(uploaded(f"{name}{suffix}", bytes(shop.seed(name))))
    assert (film.state, film.failure) == (State.READY, None)
    assert missing_segments(film) == []


@pytest.mark.parametrize("name", CORPUS)
def test_a_hostile_file_plays_or_is_refused_with_a_sentence(name: str, shop: Workshop, watched: Watched) -> None:
    member = CORPUS[name]
    film = uploaded(f"{name.partition('-')[0]}{member.suffix}", bytes(member.build(shop)))
    done = film if film.state is State.FAILED else worked_on(film)
    if done.state is State.READY:
        assert missing_segments(done) == []
    else:
        assert done.failure
        assert done.failure.code in SENTENCES.keys() - OUR_FAULT
        assert done.failure.message == SENTENCES[done.failure.code]
    assert watched.listener.callers == []
    for text in (*written(), watched.said.getvalue().encode()):
        assert SECRET.encode() not in text
        assert MARK.encode() not in text
    assert "X-Amz-Signature" not in watched.said.getvalue(), "the file's address"
    assert all(json.loads(line)["event"] for line in watched.said.getvalue().splitlines()), "a line of a file's own"
    assert watched.tools.memory < process.MEMORY
    assert sorted(shop.folder.glob("*.touched")) == []
