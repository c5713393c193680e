"""The comparison that every unit test's client makes does find what is not described."""

from dataclasses import dataclass, field

import pytest

from tests import described

HEADERS = {"X-Request-Id": "1", "Content-Type": "application/json"}
SENT = {"Content-Type": "application/json"}


@dataclass
class Said:
    status_code: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: dict(HEADERS))


@pytest.mark.parametrize("body", [b'{"ok":true}'])
@pytest.mark.parametrize("path", ["/healthz", "/healthz/", "/healthz/?a=1", "/api/healthz"])
def test_what_the_document_says_is_fine(path: str, body: bytes) -> None:
    described.check("GET", path, {}, b"", Said(200, body))
    described.check("HEAD", path, {}, b"", Said(200))


@pytest.mark.parametrize(
    ("method", "path", "answer", "complaint"),
    [
        ("GET", "/healthz", Said(418), "status"),
        ("GET", "/healthz", Said(200, b'{"ok":false}'), "true was expected"),
        ("GET", "/healthz", Said(200, b'{"ok":true,"secret":1}'), "secret"),
        ("GET", "/healthz", Said(200, b"{}"), "required"),
        ("GET", "/healthz", Said(200, b"fine", {**HEADERS, "Content-Type": "text/plain"}), "media type text/plain"),
        ("GET", "/healthz", Said(200, b'{"ok":true}', {"Content-Type": "application/json"}), "X-Request-Id"),
        ("GET", "/healthz", Said(200, b'{"ok":true}', {**HEADERS, "X-Secret": "1"}), "header x-secret"),
        ("PUT", "/healthz", Said(200, b'{"ok":true}'), "method"),
        ("GET", "/api/video/1", Said(401, b'{"errors":{"a":["b"]}}'), "WWW-Authenticate"),
        ("GET", "/api/video/1", Said(404, b'{"errors":["b"]}'), "object"),
        ("DELETE", "/api/video/1", Said(204, b"gone"), "a body"),
    ],
)
def test_what_it_does_not_say_is_found(method: str, path: str, answer: Said, complaint: str) -> None:
    with pytest.raises(described.UndescribedError, match=complaint):
        described.check(method, path, {}, b"", answer)


def test_a_body_that_is_accepted_has_to_be_one_that_the_document_allows() -> None:
    accepted = Said(200, b'{"seconds":1.0}')
    described.check("PUT", "/api/video/1/position/", SENT, b'{"seconds": 1, "more": 2}', accepted)
    with pytest.raises(described.UndescribedError, match="accepts what the document forbids"):
        described.check("PUT", "/api/video/1/position/", SENT, b'{"seconds": [1]}', accepted)


def test_a_path_that_no_route_has_is_not_looked_at() -> None:
    described.check("GET", "/nowhere", {}, b"", Said(404))
