"""The API of the compose stack is served as API Gateway answers it, whatever a client claims."""

import asyncio
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from localstack.compose.gateway import Gateway
from localstack.embedded import asgi


class _Gateway(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        for cookie in ("access_token=a", "refresh_token=b"):
            self.send_header("Set-Cookie", cookie)
        self.send_header("X-Seen", f"{self.path} {self.headers['X-Forwarded-For']}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        pass


@pytest.fixture
def endpoint():
    with ThreadingHTTPServer(("127.0.0.1", 0), _Gateway) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def ask(endpoint):
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/login/",
        "raw_path": b"/api/login%20/",
        "query_string": b"a=1&a=2",
        "headers": [(b"x-forwarded-for", b"8.8.8.8"), (b"transfer-encoding", b"chunked")],
        "client": ("192.0.2.7", 1234),
    }
    return asyncio.run(asgi.call(Gateway(endpoint), scope, asgi.replay(b'{"email": "x"}')))


def test_path_query_body_and_both_cookies_pass_and_the_callers_address_is_the_sockets(endpoint):
    answer = ask(endpoint)
    assert (answer.status, answer.body) == (201, b'{"email": "x"}')
    assert [value for name, value in answer.headers if name == "set-cookie"] == ["access_token=a", "refresh_token=b"]
    assert dict(answer.headers)["x-seen"] == "/api/login%20/?a=1&a=2 192.0.2.7"


def test_while_localstack_is_away_the_answer_is_an_error_of_the_contracts_shape():
    answer = ask("http://127.0.0.1:9")
    assert answer.status == 502
    assert answer.json()["errors"]["non_field_errors"]
