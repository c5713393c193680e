"""Who gets what: every route of the app, for everybody, for a film that is published, unpublished or deleted.

The calls are those of the app's own table of routes: a new one fails here until this page says who may make it. HEAD
is tried wherever GET is: it tells as much about what there is.
"""

import base64
import importlib
import json
from collections.abc import Iterator

import pytest

from functions.accounts import people
from functions.catalogue import deletion
from functions.catalogue.film import Film
from tests.unit import clients
from tests.unit.http.conftest import PASSWORD, Api, Films
from tests.unit.moto_in_one_piece import Tables

NOBODY, OTHER, OWNER, STAFF = None, "other", "owner", "staff"
VTT = b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n"

# What a call is sent; without an entry, an empty JSON object.
BODIES = {
    "PATCH /api/video/{video_id}": b'{"description": "New"}',
    "PUT /api/video/{video_id}/captions/{language}": VTT,
    "PUT /api/video/{video_id}/position": b'{"seconds": 3}',
    "POST /api/video/{video_id}/upload": b'{"size": 5}',
    "POST /api/videos/{video_id}/upload": b'{"size": 5}',
}

# What a film's calls answer to another user, its owner and staff, of a published film. Of an unpublished one another
# user gets 404, of a deleted one everybody, and without a login all of them are 401.
WATCHING = {
    "GET /api/video/{video_id}": 200,
    "GET /api/video/{video_id}/captions": 200,
    "GET /api/video/{video_id}/captions/{language}": 200,
    "GET /api/video/{video_id}/captions/{language}/index.m3u8": 200,
    "GET /api/video/{video_id}/master.m3u8": 200,
    "GET /api/video/{video_id}/position": 200,
    "PUT /api/video/{video_id}/position": 200,
    "GET /api/video/{video_id}/status": 200,
    "GET /api/video/{video_id}/storyboard.vtt": 200,
    "GET /api/video/{video_id}/{resolution}/index.m3u8": 200,
    "GET /api/video/{video_id}/{resolution}/{segment}": 200,
    "GET /api/{video_id}/{resolution}/index.m3u8": 200,
    "GET /api/{video_id}/{resolution}/{segment}": 200,
}
# Another user gets 403; here is what owner and staff get.
CHANGING = {
    "PATCH /api/video/{video_id}": 200,
    "DELETE /api/video/{video_id}": 204,
    "PUT /api/video/{video_id}/captions/{language}": 200,
    "DELETE /api/video/{video_id}/captions/{language}": 204,
    "POST /api/video/{video_id}/transcode": 202,
    "POST /api/videos/{video_id}/transcode": 202,
    "POST /api/video/{video_id}/upload": 201,
    "POST /api/videos/{video_id}/upload": 201,
    "POST /api/video/{video_id}/upload/abort": 200,
    "POST /api/video/{video_id}/upload/complete": 409,  # no upload is under way
    "GET /api/video/{video_id}/upload/parts": 409,  # no upload is under way
    "POST /api/video/{video_id}/upload/parts": 400,
}
# Who may see the film and is no staff gets 403; here is what staff gets.
OPERATING = {
    "GET /api/video/{video_id}/plan": 200,
}
# What has nothing to do with one film: nobody, another user, the owner, staff.
REST = {
    "GET /api": (401, 200, 200, 200),
    "GET /api/video": (401, 200, 200, 200),
    "POST /api/video": (401, 400, 400, 400),
    "GET /api/account": (401, 200, 200, 200),
    "DELETE /api/account": (401, 400, 400, 400),
    "GET /api/account/export": (401, 200, 200, 200),
    "POST /api/password_change": (401, 400, 400, 400),
    "GET /api/users": (401, 403, 403, 200),
    "PATCH /api/users/{user_id}": (401, 403, 403, 400),
    "GET /api/operations/failed": (401, 403, 403, 200),
    "POST /api/operations/failed/{video_id}/retry": (401, 403, 403, 409),  # the film has not failed
    "GET /admin": (302, 302, 302, 302),  # leads to a page, which asks the API
    "POST /api/register": (400, 400, 400, 400),
    "GET /api/activate/{uidb64}/{token}": (400, 400, 400, 400),
    "POST /api/activate/resend": (400, 400, 400, 400),
    "POST /api/login": (400, 400, 400, 400),
    "POST /api/logout": (400, 400, 400, 400),
    "POST /api/token/refresh": (400, 400, 400, 400),
    "POST /api/password_reset": (400, 400, 400, 400),
    "GET /api/password_confirm/{uidb64}/{token}": (200, 200, 200, 200),  # a page with a form
    "POST /api/password_confirm/{uidb64}/{token}": (400, 400, 400, 400),
    "GET /api/schema": (200, 200, 200, 200),
    "GET /api/docs": (200, 200, 200, 200),
    "GET /api/docs/{asset}": (404, 404, 404, 404),  # no such asset
    "GET /healthz": (200, 200, 200, 200),
    "GET /api/healthz": (200, 200, 200, 200),
    "GET /readyz": (200, 200, 200, 200),
    "GET /api/readyz": (200, 200, 200, 200),
}


def expected(call: str, state: str, who: str | None) -> int:
    """The rules above, for one film's call."""
    if who is NOBODY:
        return 401
    if state == "deleted" or (state == "unpublished" and who == OTHER):
        return 404
    if call in WATCHING:
        return WATCHING[call]
    if call in OPERATING:
        return OPERATING[call] if who == STAFF else 403
    return 403 if who == OTHER else CHANGING[call]


@pytest.fixture
def film(api: Api, films: Films) -> Film:
    """A film of the owner's with a segment and captions; everybody is logged in."""
    for who in (OTHER, OWNER, STAFF):
        api.token(who)
    film = films.ready()
    for key in (f"{film.id}/{film.version}/480p/000.ts", f"{film.id}/{film.version}/thumbnail.jpg"):
        clients.client("s3").put_object(Bucket="videoflix-media", Key=key, Body=b"G" * 188)
    put = api.call("PUT", f"/api/video/{film.id}/captions/de/", who=OWNER, body=VTT, Content_Type="text/vtt")
    assert put.status_code == 201
    return film


def answers(
    api: Api, call: str, film: Film, everybody: tuple[str | None, ...] = (NOBODY, OTHER, OWNER, STAFF)
) -> Iterator[tuple[str | None, int]]:
    """What each gets, and each from the same tables."""
    method, path = call.split()
    path = path.format(
        video_id=film.id,
        resolution="480p",
        segment="000.ts",
        language="de",
        user_id=1,
        uidb64="MQ",
        token="t",
        asset="a",
    )
    before = Tables.now()
    for who in everybody:
        before.put_back()
        kind = "text/vtt" if "captions" in path else "application/json"
        body = b"" if method == "GET" else BODIES.get(call, b"{}")
        status = api.call(method, path, who=who, body=body, Content_Type=kind).status_code
        if method == "GET":
            head = api.call("HEAD", path, who=who)
            assert (head.status_code, head.body) == (status, b""), "HEAD says what GET says, without the body"
        yield who, status


def test_the_page_names_every_call_that_is_served(environment: pytest.MonkeyPatch) -> None:
    served = {
        f"{method} {path}"
        for path, methods in importlib.import_module("app").app.routes.items()
        for method, entry in methods.items()
        if method not in ("HEAD", "OPTIONS") and entry.view_function.__name__ not in ("refuse", "_unknown")
    }
    assert served == {*WATCHING, *CHANGING, *OPERATING, *REST}


@pytest.mark.parametrize("state", ["published", "unpublished", "deleted"])
@pytest.mark.parametrize("call", [*WATCHING, *CHANGING, *OPERATING])
def test_a_films_call(api: Api, film: Film, call: str, state: str) -> None:
    if state == "unpublished":
        api.call("PATCH", f"/api/video/{film.id}/", who=OWNER, body=b'{"published": false}')
    elif state == "deleted":
        deletion.delete(film.id)
    assert {who: (status, expected(call, state, who)) for who, status in answers(api, call, film)} == {
        who: (expected(call, state, who),) * 2 for who in (NOBODY, OTHER, OWNER, STAFF)
    }


@pytest.mark.parametrize("call", REST)
def test_any_other_call(api: Api, film: Film, call: str) -> None:
    assert tuple(status for _, status in answers(api, call, film)) == REST[call]


@pytest.mark.parametrize("call", [*WATCHING, *CHANGING, *OPERATING, *REST])
def test_a_login_that_is_none_any_more_lets_nobody_in(api: Api, film: Film, call: str) -> None:
    """Of staff, who may do everything: an altered token, one that nobody signed, a refresh token, a former login."""
    right = api.token(STAFF)
    header, claims, signature = right.split(".")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    login = json.dumps({"email": f"{STAFF}@example.com", "password": PASSWORD}).encode()
    cookies = api.call("POST", "/api/login/", body=login, Content_Type="application/json").headers["Set-Cookie"]
    refresh = next(cookie.partition(";")[0].partition("=")[2] for cookie in cookies if cookie.startswith("refresh"))
    people.set_active(api.person(STAFF).id, is_active=False)
    nobody = next(answers(api, call, film))
    worthless = (f"{header}.{claims}.{signature[::-1]}", f"{unsigned}.{claims}.", refresh, right)
    for number, token in enumerate(worthless):
        api.tokens[STAFF] = token
        assert nobody == (NOBODY, next(answers(api, call, film, (STAFF,)))[1]), number


def test_nobody_else_guesses_their_way_to_an_unpublished_film(api: Api, film: Film) -> None:
    """Not by another spelling of its id, of a rendition, of its source or of a segment."""
    api.call("PATCH", f"/api/video/{film.id}/", who=OWNER, body=b'{"published": false}')
    ids = (film.id, f"0{film.id}", f"{film.id}.0", f"%20{film.id}", f"+{film.id}", f"{film.id}%00")
    guesses = [f"/api/video/{film_id}{rest}" for film_id in ids for rest in ("/", "/status/", "/master.m3u8")]
    for film_id in ids:
        for name in ("480p", "720p", "1080p", "480P", "source", film.version, ".."):
            guesses += [f"/api/{film_id}/{name}/index.m3u8", f"/api/video/{film_id}/{name}/000.ts"]
    for who in (NOBODY, OTHER):
        for path in guesses:
            answer = api.client.http.request(
                "GET", path, headers={"Authorization": f"Bearer {api.token(who)}"} if who else {}
            )
            assert answer.status_code in (401, 404), (path, who)
            assert film.version.encode() not in answer.body, (path, who)
    told = b"".join(api.get(path, who=OTHER).body for path in ("/api/video/", "/api/video/?ready_only=0&q=film"))
    assert told == b"[][]"  # nor is its thumbnail's address told
