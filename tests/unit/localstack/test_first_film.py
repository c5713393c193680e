"""The demo film reaches the stack that was started, whatever AWS the person at the keyboard else works with."""

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from localstack import demo_film, first_film
from localstack.stack import Stack


@pytest.fixture
def bucket() -> Iterator[ThreadingHTTPServer]:
    """A store that takes whatever is put there, and notes the addresses."""

    class Store(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # asks for the body, for which a client else waits a second

        def do_PUT(self) -> None:
            self.server.taken.append(self.path)
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("ETag", '"e"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Store) as server:
        server.taken = []
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


def test_somebodys_own_aws_settings_do_not_keep_the_film_away(
    bucket: ThreadingHTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A profile that this machine lacks ended a first `make up` in a traceback."""
    monkeypatch.setenv("AWS_PROFILE", "of-my-company")
    stack = Stack(api_port=1, aws_port=bucket.server_port, web_port=None, state=tmp_path)
    stack.environment_file.write_text("UPLOADS_BUCKET=films\n")
    film = tmp_path / "film.mp4"
    film.write_bytes(b"film")
    before = dict(os.environ)
    first_film._upload(stack, film)
    assert [path.partition("?")[0] for path in bucket.taken] == [f"/films/{demo_film.KEY.replace(' ', '%20')}"]
    assert dict(os.environ) == before
