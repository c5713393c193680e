"""Whatever stands in a path, a header or a body: it gets into no answer's header, no link of a mail, no line of the log
and no name of an object, and nothing breaks.

Paths and headers are handed to the app as API Gateway hands them, decoded: there a `%2e%2e%2f` is a `../` already.
"""

import importlib
import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from chalice.app import Chalice

from functions import aws, log
from functions.catalogue import store
from functions.catalogue.film import Film
from functions.transcoding import ingest
from tests.queues import taken
from tests.unit import clients
from tests.unit.http.conftest import PASSWORD, Api, Films
from tests.unit.http.test_access_matrix import CHANGING, OPERATING, REST, VTT, WATCHING
from tests.unit.http.test_routing import gateway_event

CALLS = [*WATCHING, *CHANGING, *OPERATING, *REST]
GUESSED = "injected"  # stands in everything that is sent

SEGMENTS = {
    "climbing": f"../../{GUESSED}",
    "climbing twice encoded": f"%2e%2e%2f{GUESSED}",
    "backslashes": f"..\\..\\{GUESSED}",
    "absolute": f"/etc/{GUESSED}",
    "a byte that ends a text": f"1\0{GUESSED}",
    "lines": f"1\r\nSet-Cookie: {GUESSED}=1\r\n\r\n<html>",
    "a line at the end": "1\n",
    "another script's digits": "\uff11\u0664",
    "letters that look alike": "48\u043ep",
    "a direction": f"\u202e{GUESSED}\u2028{GUESSED}",
    "long": GUESSED * 10_000,
    "a format": f"{{0.__class__}}%s%n${{{GUESSED}}}",
    "markup": f"<script>{GUESSED}</script>",
    "an address": f"http://{GUESSED}.example/",
    "spaces": "  ",
    "a number without end": "9" * 6_000,
}
HEADERS = (
    "Host", "X-Forwarded-Host", "X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "Origin", "Referer", "Cookie",
    "Content-Type", "Accept", "If-None-Match", "If-Range", "Range", "Authorization", "X-Request-Id", "X-Original-URL",
    "X-HTTP-Method-Override",
)  # fmt: skip
VALUES = {
    "a foreign address": f"https://{GUESSED}.example/{GUESSED}",
    "lines": f"x\r\nX-{GUESSED}: 1\r\n\r\n<html>",
    "markup": f'"><script>{GUESSED}</script>',
    "signs": f"\0\x1b[2J\x7f\u00fc\u6771\u202e{GUESSED}",
    "long": f"{GUESSED}, " * 5_000,
    "pairs": "; ".join(f'{GUESSED}{number}="{number}' for number in range(3_000)),
    "a range": "bytes=-0,0-,-1," + "9" * 400,
    "nothing": "",
    "punctuation": ";=,;=,\"'",
}
BODY = {"email": "somebody@example.com", "password": PASSWORD, "confirmed_password": PASSWORD}


@pytest.fixture
def app(api: Api) -> Chalice:
    return importlib.import_module("app").app


@pytest.fixture
def film(films: Films) -> Film:
    made = films.ready()
    for name in ("480p/000.ts", "thumbnail.jpg"):
        aws.s3().put_object(Bucket="videoflix-media", Key=f"{made.id}/{made.version}/{name}", Body=b"G" * 188)
    return made


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """All that is logged."""
    log.set_level("DEBUG")
    stream, ours = io.StringIO(), logging.getLogger("videoflix")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(next(one.formatter for one in ours.handlers if one.formatter))
    monkeypatch.setattr(ours, "handlers", [handler])
    return stream


def events(said: io.StringIO) -> list[str]:
    """The events that were logged: each line is a whole object, or this fails."""
    return [json.loads(line)["event"] for line in said.getvalue().splitlines()]


def asked(app: Chalice, call: str, parameters: dict[str, str], body: object, headers: dict[str, str]) -> dict[str, Any]:
    method, resource = call.split()
    event = gateway_event(method, resource.format(**parameters), resource, **headers)
    event |= {"pathParameters": parameters or None, "body": body if isinstance(body, str) else json.dumps(body)}
    answer: dict[str, Any] = app(event, None)
    return answer


def header_values(answer: dict[str, Any]) -> Iterator[str]:
    for name, value in answer["headers"].items():
        yield f"{name}: {value}"
    for name, values in answer.get("multiValueHeaders", {}).items():
        yield from (f"{name}: {value}" for value in values)


def objects() -> set[str]:
    found = set()
    for bucket in ("videoflix-media", "videoflix-uploads"):
        found |= {entry["Key"] for entry in clients.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])}
    return found


@pytest.mark.parametrize("call", [call for call in CALLS if "{" in call])
def test_no_path_leads_elsewhere(app: Chalice, api: Api, film: Film, said: io.StringIO, call: str) -> None:
    """Each part of a path in turn is hostile, the others being right, and the caller may do everything."""
    right = {"video_id": str(film.id), "resolution": "480p", "segment": "000.ts", "language": "de", "user_id": "1"}
    right |= {"uidb64": "MQ", "token": "t", "asset": "docs.js"}
    names = re.findall(r"\{(\w+)\}", call)
    before = objects()
    headers = {
        "authorization": f"Bearer {api.token('staff')}",
        "accept": "text/html",
        "content-type": "application/json",
    }
    if "captions" in call:
        headers["content-type"] = "text/vtt"
    for name in names:
        for what, value in SEGMENTS.items():
            body = VTT.decode() if "captions" in call else {"size": 5} | BODY
            answer = asked(app, call, {each: right[each] for each in names} | {name: value}, body, headers)
            page = call == "GET /api/password_confirm/{uidb64}/{token}"  # a form, whatever the link
            assert answer["statusCode"] in ((200,) if page else (400, 404)), (name, what)
            assert GUESSED not in answer["body"], (name, what)
            for line in header_values(answer):
                assert GUESSED not in line, (name, what)
                assert not set("\r\n\0") & set(line), (name, what)
    assert objects() == before
    assert "request_failed" not in events(said)


@pytest.mark.parametrize("header", HEADERS)
def test_no_header_is_believed_or_passed_on(app: Chalice, api: Api, film: Film, said: io.StringIO, header: str) -> None:
    """Those that write links and redirects, those that read what is sent, and those that hand out bytes."""
    somebody = {"authorization": f"Bearer {api.token('other')}", "content-type": "application/json", "accept": "*/*"}
    parameters = {"video_id": str(film.id), "resolution": "480p", "segment": "000.ts"}
    asking = {
        "POST /api/register": BODY | {"email": "new@example.com"},
        "POST /api/login": BODY,
        "POST /api/password_reset": {"email": "other@example.com"},
        "POST /api/token/refresh": {},
        "POST /api/video": {"size": 5},
        "GET /api/video": "",
        "GET /api/video/{video_id}": "",
        "GET /api/video/{video_id}/master.m3u8": "",
        "GET /api/video/{video_id}/{resolution}/{segment}": "",
        "GET /api/schema": "",
        "GET /api/docs": "",
        "GET /admin": "",
    }
    for call, body in asking.items():
        for what, value in VALUES.items():
            names = re.findall(r"\{(\w+)\}", call)
            sent = somebody | {header.lower(): value}
            answer = asked(app, call, {name: parameters[name] for name in names}, body, sent)
            assert answer["statusCode"] < 500, (call, what)
            for line in header_values(answer):
                assert GUESSED not in line, (call, what)
                assert not set("\r\n\0") & set(line), (call, what)
            assert GUESSED not in answer["body"], (call, what)
    assert "request_failed" not in events(said)
    assert GUESSED not in said.getvalue()
    for mail in taken("videoflix-local-mail"):
        assert GUESSED not in json.dumps(mail)
        assert mail["context"].get("link", "http://127.0.0.1:5500/").startswith("http://127.0.0.1:5500/")


@pytest.mark.parametrize("name", SEGMENTS)
def test_what_a_file_is_called_decides_no_key(app: Chalice, api: Api, many_uploads: None, name: str) -> None:
    """The server chooses the key of an upload, below the film's own prefix."""
    said = {"size": 5, "filename": SEGMENTS[name][:1000]}
    headers = {"authorization": f"Bearer {api.token('owner')}", "content-type": "application/json"}
    made = json.loads(asked(app, "POST /api/video", {}, said, headers)["body"])
    assert re.fullmatch(rf"api/{made['id']}/[\w-]+", made["upload"]["fields"]["key"])
    film = store.get(made["id"])
    assert film
    assert not set(film.title) & set("\0\r\n\u2028")


@pytest.mark.parametrize("name", SEGMENTS)
def test_a_key_that_anybody_chose_names_no_other_object(tables: None, said: io.StringIO, name: str) -> None:
    """Who has the bucket's keys may call an object what they like; what is made of it lies below the film's id."""
    key = f"{SEGMENTS[name][:900]}.mp4"
    aws.s3().put_object(Bucket="videoflix-uploads", Key=key, Body=b"film", Metadata={"title": "a%0d%0ab: c"})
    registered = ingest.on_object("videoflix-uploads", key, "0A")
    assert registered
    film = store.get(registered.film_id)
    assert film
    assert re.fullmatch(r"1-[0-9a-f]+", film.version)
    assert not set(film.title) & set("\0\r\n\u2028")
    assert events(said) == ["upload_registered", "film_without_owner", "execution_started"]


HUGE = "x" * 300_000
FIELDS = (
    "email", "password", "confirmed_password", "current_password", "new_password", "confirm_password", "title",
    "description", "category", "filename", "content_type", "size", "numbers", "parts", "seconds", "poster_at",
    "is_active", "multipart", "publish", "published",
)  # fmt: skip
# What is asked for in vain looks like what is not: an address that nobody can have gets no other answer.
SILENT = {"POST /api/activate/resend", "POST /api/password_reset"}
READS_NO_BODY = {
    "POST /api/logout",
    "POST /api/token/refresh",
    "POST /api/video/{video_id}/transcode",
    "POST /api/videos/{video_id}/transcode",
    "POST /api/video/{video_id}/upload/abort",
    "POST /api/operations/failed/{video_id}/retry",
    "DELETE /api/video/{video_id}",
    "DELETE /api/video/{video_id}/captions/{language}",
}
WRITING = [call for call in CALLS if not call.startswith("GET")]


@pytest.mark.parametrize("call", [call for call in WRITING if call not in READS_NO_BODY])
def test_no_field_is_too_long_for_a_clear_refusal(app: Chalice, api: Api, film: Film, call: str) -> None:
    parameters = {"video_id": film.id, "user_id": 1, "language": "de", "uidb64": "MQ", "token": "t"}
    names = {name: str(parameters[name]) for name in re.findall(r"\{(\w+)\}", call)}
    kind = "text/vtt" if "captions" in call else "application/json"
    headers = {"authorization": f"Bearer {api.token('staff')}", "content-type": kind}
    answer = asked(app, call, names, dict.fromkeys(FIELDS, HUGE), headers)
    assert answer["statusCode"] in ((200,) if call in SILENT else (400, 413))
    assert len(answer["body"]) < 2_000


def test_more_of_everything_than_anybody_sends_is_refused_or_ignored(api: Api, film: Film) -> None:
    """Cookies, parameters of a query, a search, fields of a form, parts of a form, numbers in a list."""
    token = api.token("owner")
    cookies = "; ".join([f"c{number}={number}" for number in range(5_000)] + [f"access_token={token}"])
    assert api.get("/api/account/", Cookie=cookies).status_code == 200
    many = "&".join(f"q{number}=1" for number in range(5_000))
    assert api.get(f"/api/video/?{many}", who="owner").status_code == 200
    assert api.get(f"/api/video/?q={'x' * 50_000}", who="owner").status_code in (200, 400)
    form = "&".join(f"f{number}=1" for number in range(5_000)).encode()
    answer = api.call("POST", "/api/login/", body=form, Content_Type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    part = b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n'
    for body in (part * 5_000 + b"--b--\r\n", b"--b\r\n" + b"X: y\r\n" * 50_000 + b"\r\n1\r\n--b--\r\n"):
        kind = "multipart/form-data; boundary=b"
        answer = api.call("POST", f"/api/video/{film.id}/upload/", who="owner", body=body, Content_Type=kind)
        assert answer.status_code == 400
    numbers = json.dumps({"numbers": list(range(1, 200_000))}).encode()
    path = f"/api/video/{film.id}/upload/parts/"
    answer = api.call("POST", path, who="owner", body=numbers, Content_Type="application/json")
    assert answer.status_code in (400, 409)
