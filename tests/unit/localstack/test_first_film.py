"""The demo film reaches the stack that was started, whatever AWS the person at the keyboard else works with.

And what becomes of it decides about nothing else: a stack without it is a stack.
"""

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from localstack import addresses, demo_film, first_film, process, up
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


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """A stack whose demo film was uploaded."""
    monkeypatch.setattr(first_film, "_POLL", 0)
    monkeypatch.setattr(first_film, "_WAIT", 0)
    (tmp_path / "demo-film").write_text("uploaded")
    return Stack(api_port=1, aws_port=2, web_port=None, state=tmp_path)


def film(state: str, failure: str | None = None) -> dict[str, object]:
    return {"state": state, "percent": 40.0, "failure": failure}


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        ([film("ready")], ""),
        ([film("encoding"), film("failed", "The file is no film.")], "failed: The file is no film"),
        ([film("encoding")] * 3, "still encoding"),
        ([film("waiting for its upload event")] * 3, "still waiting"),
        ([film("encoding"), film("waiting for its upload event")], ""),
    ],
    ids=["ready", "failed", "stuck", "missing", "deleted"],
)
def test_whatever_became_of_it_is_told_once(
    seen: list[dict[str, object]], told: str, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A film that had failed made each later `make up` fail, too, and stopped the stack."""
    looks = iter(seen)
    monkeypatch.setattr(first_film, "_film", lambda: next(looks))
    said = first_film.provide(stack)
    assert told in said
    assert bool(said) == bool(told)
    assert first_film.provide(stack) == "", "nobody looks again"


def test_a_stack_without_it_is_up_and_says_so_at_the_end(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(first_film, "_film", lambda: film("failed", "The file is no film."))
    monkeypatch.setattr(up, "load", lambda: stack)
    monkeypatch.setattr(up, "_ensure_running", lambda _stack: True)
    monkeypatch.setattr(up, "_run", lambda *_arguments: None)
    monkeypatch.setattr(up, "_await_api", lambda _stack: None)
    monkeypatch.setattr(process, "stop", lambda _stack: pytest.fail("it was stopped"))
    monkeypatch.setattr(addresses, "table", lambda *_arguments: "the addresses")
    assert up.main([]) == 0
    said = capsys.readouterr()
    assert "the addresses" in said.out
    assert said.err.startswith("Warning: The demo film failed: The file is no film.")
    assert "redrive" in said.err
