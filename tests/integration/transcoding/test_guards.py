"""What a file, a network or another worker may do to an encoding, and what must not come of it."""

import contextlib
import http.server
import os
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509  # moto brings it
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from functions import aws
from functions.catalogue import deletion
from functions.catalogue.film import State
from functions.transcoding import encode as encoding
from functions.transcoding import plan, probe
from functions.transcoding import source as sources_of
from functions.transcoding.encode import encode
from functions.transcoding.troubles import PassingError, RefusedError
from tests.integration.transcoding.conftest import Pipeline
from tests.integration.transcoding.sources import source


@contextmanager
def serving(
    answer: Callable[[http.server.BaseHTTPRequestHandler], None], context: ssl.SSLContext | None = None
) -> Iterator[tuple[str, list[str]]]:
    """Serve GET requests; yields the address and the paths that were asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer(self)

        def log_message(self, *_args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    scheme = "http"
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"{scheme}://localhost:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def _part(request: http.server.BaseHTTPRequestHandler, data: bytes, most: int | None = None) -> None:
    """Answer with the range that was asked for; `most`: promise it all and hang up after so many bytes."""
    first = int((request.headers.get("Range") or "bytes=0-").removeprefix("bytes=").split("-")[0])
    rest = data[first:]
    request.send_response(206)
    request.send_header("Accept-Ranges", "bytes")
    request.send_header("Content-Length", str(len(rest)))
    request.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
    request.end_headers()
    with contextlib.suppress(OSError):  # the reader had enough
        request.wfile.write(rest[:most])
    request.close_connection = True


DISGUISES = {
    "playlist.mp4": "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{url}/segment.ts\n#EXT-X-ENDLIST\n",
    "master.m3u8": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{url}/other.m3u8\n",
    "concat.mp4": "ffconcat version 1.0\nfile '{url}/film.mp4'\n",
    "dash.mp4": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static">'
    "<Period><BaseURL>{url}/</BaseURL></Period></MPD>",
    "session.mp4": "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
    "local.mp4": "#EXTM3U\n#EXTINF:5,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
}


@pytest.mark.parametrize("name", DISGUISES)
def test_a_list_of_addresses_dressed_as_a_film_makes_us_ask_nobody(
    name: str, pipeline: Pipeline, tmp_path: Path
) -> None:
    """Server-side request forgery: the uploader names a host, and our machine would fetch from it."""
    with serving(lambda request: _part(request, b"x" * 100)) as (url, asked):
        disguised = tmp_path / name
        disguised.write_text(DISGUISES[name].format(url=url))
        film = pipeline.make(disguised)
    assert asked == []
    assert film.failure
    assert film.failure.code == "not_a_video"


def test_a_film_in_fragments_is_opened_with_a_few_requests_however_many_it_has(films: Path) -> None:
    """Cameras and screen recorders write them; with a request for each, long ones took minutes to open."""
    data = source(films, "many_fragments").read_bytes()
    assert data.count(b"moof") == 13
    with serving(lambda request: _part(request, data)) as (url, asked):
        assert probe.probe(sources_of.of_url(f"{url}/film.mp4")).duration == pytest.approx(5, abs=0.01)
    assert len(asked) <= 3


def test_a_connection_that_breaks_once_does_not_shorten_the_film(films: Path) -> None:
    data = source(films, "leading_moov").read_bytes()
    broken = []

    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        if not broken and len(data) > 0 and "bytes=0-" in (request.headers.get("Range") or "bytes=0-"):
            broken.append(True)
            _part(request, data, most=len(data) // 2)
        else:
            _part(request, data)

    with serving(answer) as (url, _asked):
        opened = sources_of.of_url(f"{url}/film.mp4")
        planned = plan.make(probe.probe(opened))
        broken.clear()
        (made,) = encode(planned, planned.chunk(0), opened, lambda _name, _file: None, lambda _reached: None).values()
    assert broken, "the test broke no connection"
    assert sum(made.durations) == pytest.approx(9, abs=0.01)


def test_a_source_that_stays_out_of_reach_is_tried_again_later_and_not_blamed_on_the_film(
    films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = source(films, "leading_moov").read_bytes()
    impatient = ("-reconnect", "1", "-reconnect_max_retries", "1", "-reconnect_delay_max", "1")
    monkeypatch.setattr(sources_of, "_PERSISTENCE", impatient)
    healthy = [True]

    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        if healthy[0]:
            _part(request, data)
        elif request.headers.get("Range", "bytes=0-") == "bytes=0-":
            _part(request, data, most=len(data) // 2)
        else:
            request.send_error(503)

    with serving(answer) as (url, _asked):
        opened = sources_of.of_url(f"{url}/film.mp4")
        planned = plan.make(probe.probe(opened))
        healthy[0] = False
        with pytest.raises(PassingError):
            encode(planned, planned.chunk(0), opened, lambda _name, _file: None, lambda _reached: None)


def test_a_source_that_was_deleted_meanwhile_fails_with_that_reason(pipeline: Pipeline, films: Path) -> None:
    film = pipeline.upload(source(films, "silent"))
    aws.s3().delete_object(Bucket="videoflix-uploads", Key=film.source.key)
    failed = pipeline.work(film)
    assert failed.failure
    assert failed.failure.code == "source_missing"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of localhost, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    target = tmp_path_factory.mktemp("tls") / "localhost.pem"
    target.write_bytes(private + made.public_bytes(Encoding.PEM))
    return target


def test_over_https_only_a_certified_server_is_believed(
    certificate: Path, films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On AWS the source comes over HTTPS; ffmpeg by itself would believe any server."""
    data = source(films, "silent").read_bytes()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(lambda request: _part(request, data), context) as (url, asked):
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
        assert probe.probe(sources_of.of_url(f"{url}/film.mp4")).duration == pytest.approx(3, abs=0.1)
        asked.clear()
        monkeypatch.delenv("AWS_CA_BUNDLE")
        with pytest.raises((RefusedError, PassingError)):
            probe.probe(sources_of.of_url(f"{url}/film.mp4"))
        assert asked == []


def _children() -> set[str]:
    """Command lines of the processes that we started and that still run."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            if int(stat[1]) == os.getpid() and stat[0] != "Z":
                found.add((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return {line for line in found if "ffmpeg" in line or "ffprobe" in line}


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_a_worker_that_lost_its_film_stops_at_once_and_leaves_no_process_and_no_file(
    pipeline: Pipeline, films: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = pipeline.upload(source(films, "hd"))
    running = []
    original = encoding.Reached

    def reached(frames: int, stored: dict[str, int]) -> encoding.Reached:
        if frames and not running:
            running.append(_children())
            deletion.delete(film.id)  # nobody needs what is being made
        return original(frames, stored)

    monkeypatch.setattr(encoding, "Reached", reached)
    prepared = pipeline.step(film, "prepare")
    for chunk in prepared["chunks"]:
        assert pipeline.step(film, "encode", chunk=chunk) == {}
    assert running
    assert running[0], "the test looked while nothing ran"
    assert _children() == set()
    assert list(temporary.iterdir()) == []


def test_a_film_that_takes_too_long_fails_before_lambda_ends_its_worker(
    pipeline: Pipeline, films: Path, temporary: Path
) -> None:
    film = pipeline.upload(source(films, "hd"))
    left = iter([100.0] * 8)
    failed = pipeline.work(film, lambda: next(left, -1.0))
    assert failed.failure
    assert failed.failure.code == "took_too_long"
    assert _children() == set()
    assert list(temporary.iterdir()) == []


def test_files_wait_in_the_temporary_folder_only_until_they_are_stored(
    pipeline: Pipeline, films: Path, temporary: Path
) -> None:
    film = pipeline.upload(source(films, "ntsc"))
    most = 0

    def left() -> float:
        nonlocal most
        most = max(most, sum(file.stat().st_size for file in temporary.rglob("*.ts") if file.exists()))
        return 600.0

    assert pipeline.work(film, left).state is State.READY
    assert list(temporary.iterdir()) == []
