"""Announcing and sending films, as clients do. Storage is moto's (sizes and signatures: tests/integration)."""

import json
from urllib.parse import parse_qs, urlsplit

from chalice.test import HTTPResponse

from functions.catalogue import store
from functions.catalogue.film import Film, State
from functions.transcoding import ingest
from tests.unit import parts
from tests.unit.http.conftest import Api

BUCKET = "videoflix-uploads"
MIB = 1024 * 1024
BIG = 101 * MIB
SAID = {"title": "My <film>", "description": "d", "category": "drama", "publish": False, "filename": "f.mp4"}


def post(api: Api, path: str, body: object, who: str | None = "owner") -> HTTPResponse:
    return api.call("POST", path, who=who, body=json.dumps(body).encode(), Content_Type="application/json")


def announce(api: Api, size: object = 5, **said) -> HTTPResponse:
    return post(api, "/api/video/", {**SAID, "size": size, **said})


def film_of(answer: HTTPResponse) -> Film:
    assert answer.status_code == 201, answer.body
    film = store.get(answer.json_body["id"])
    assert film
    return film


def send(film: Film, answer: HTTPResponse, content: dict[int, bytes]) -> list[dict]:
    """PUT parts as a client does, without the signature, which moto does not check."""
    upload_id = parse_qs(urlsplit(answer.json_body["upload"]["parts"][0]["url"]).query)["uploadId"][0]
    return [{"number": number, "etag": parts.put(BUCKET, upload_id, number, body)} for number, body in content.items()]


def state(film: Film) -> State:
    now = store.get(film.id)
    assert now
    return now.state


def event(film: Film) -> None:
    ingest.on_object(BUCKET, film.source.key, "0A")


def form(content: bytes, *, name: str = "file", filename: str | None = "film.mp4") -> bytes:
    named = f'; filename="{filename}"' if filename is not None else ""
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"{named}\r\nContent-Type: video/mp4\r\n\r\n'
    return head.encode() + content + b"\r\n--b--\r\n"


def send_form(api: Api, film: Film, body: bytes, *, path: str = "video", who: str = "owner", boundary="; boundary=b"):
    return api.call(
        "POST", f"/api/{path}/{film.id}/upload/", who=who, body=body, Content_Type=f"multipart/form-data{boundary}"
    )
