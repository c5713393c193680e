"""An owner has a film encoded again: it plays on meanwhile, and nobody else may ask for it."""

import json

import pytest

from functions import settings
from functions.catalogue import store, work
from functions.catalogue.film import State
from tests.unit import clients
from tests.unit.executions import orders
from tests.unit.http.conftest import Api, Films


def transcode(
    api: Api, film_id: object, who: str | None = "owner", query: str = "", *, body: object = None, of="video"
):
    sent = b"" if body is None else json.dumps(body).encode()
    path = f"/api/{of}/{film_id}/transcode/{query}"
    return api.call("POST", path, who=who, body=sent, Content_Type="application/json")


@pytest.mark.parametrize(("who", "of"), [("owner", "video"), ("staff", "videos")])
def test_a_new_version_is_started_and_the_published_one_plays_on(api: Api, films: Films, who: str, of: str) -> None:
    film = films.ready()
    answer = transcode(api, film.id, who, of=of)
    assert (answer.status_code, answer.json_body) == (202, {"detail": "Transcode accepted", "video_id": film.id})
    (order,) = orders()
    assert order["film_id"] == film.id
    assert order["version"] != film.version
    playlist = api.get(f"/api/video/{film.id}/480p/index.m3u8", who="other")
    assert playlist.status_code == 200
    assert film.version in playlist.body.decode()
    assert work.claim(film.id, order["version"], order["execution"])


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("", {}),
        ("?res=480p,720p", None),
        ("?res=1080p", None),
        ("?res=", None),
        ("?res=480p,%20720p,", None),
        ("", {"resolutions": ["480p", "1080p"]}),
        ("", {"resolutions": "480p,720p"}),
        ("", {"resolutions": []}),
    ],
)
def test_the_ways_to_name_renditions(api: Api, films: Films, query: str, body: object) -> None:
    assert transcode(api, films.ready().id, query=query, body=body).status_code == 202


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("?res=4k", None),
        ("?res=480p,<script>", None),
        ("?res=480P", None),
        ("", {"resolutions": ["360p"]}),
        ("", {"resolutions": [480]}),
        ("", {"resolutions": {"480p": 1}}),
        ("", {"resolutions": 480}),
        ("", {"resolutions": [["480p"]]}),
        ("?res=480p", {"resolutions": ["4k"]}),
    ],
)
def test_what_is_no_rendition_is_refused_without_an_echo(api: Api, films: Films, query: str, body: object) -> None:
    film = films.ready()
    answer = transcode(api, film.id, query=query, body=body)
    assert (answer.status_code, answer.json_body) == (400, {"errors": {"res": ["Unsupported resolution."]}})
    assert orders() == []
    assert store.get(film.id) == film


def test_a_body_that_cannot_be_read_is_refused_whatever_the_query_says(api: Api, films: Films) -> None:
    path = f"/api/video/{films.ready().id}/transcode/?res=480p"
    answer = api.call("POST", path, who="owner", body=b"\xff+", Content_Type="application/json")
    assert answer.status_code == 400
    assert orders() == []


def test_checks_come_in_the_contracts_order(api: Api, films: Films) -> None:
    public, hidden, waiting = films.ready(), films.ready(published=False), films.waiting()
    for film_id, who, query, status in (
        (public.id, None, "", 401),
        (hidden.id, "other", "?res=4k", 404),
        (10**9, "owner", "?res=4k", 404),
        (public.id, "other", "?res=4k", 403),
        (waiting.id, "owner", "?res=4k", 400),
        (waiting.id, "owner", "", 409),
    ):
        assert transcode(api, film_id, who, query).status_code == status, (film_id, who)


def test_a_film_in_work_is_not_begun_again(api: Api, films: Films) -> None:
    film = films.ready()
    assert transcode(api, film.id).status_code == 202
    answer = transcode(api, film.id)
    text = "Transcode already in progress."
    assert (answer.status_code, answer.json_body) == (409, {"errors": {"non_field_errors": [text]}})
    assert len(orders()) == 1


def test_who_starts_a_film_is_not_told_that_it_is_in_progress_because_an_answer_was_lost(
    api: Api, films: Films, monkeypatch: pytest.MonkeyPatch
) -> None:
    """botocore sends the write again, which then meets its own result; and nothing was started but by the watchdog."""
    film = films.ready()
    with monkeypatch.context() as lost:
        clients.lose_answers(lost, "PutItem")
        assert transcode(api, film.id).status_code == 202
    assert [order["film_id"] for order in orders()] == [film.id]
    assert transcode(api, film.id).status_code == 409


def test_a_film_that_failed_may_be_tried_again(api: Api, films: Films) -> None:
    film = films.waiting()
    failure = work.Failure(code="worker_lost", message="Lost.", step="probe")
    work.fail(film.id, film.version, failure, execution=film.execution)
    assert transcode(api, film.id).status_code == 202
    assert (store.get(film.id).state, store.get(film.id).failure) == (State.QUEUED, None)


def test_three_a_minute_and_the_next_is_told_to_wait_and_changes_nothing(api: Api, films: Films) -> None:
    made = [films.ready() for _ in range(4)]
    assert [transcode(api, film.id).status_code for film in made] == [202, 202, 202, 429]
    answer = transcode(api, made[3].id)
    assert int(answer.headers["Retry-After"]) > 0
    assert store.get(made[3].id) == made[3]
    assert transcode(api, made[3].id, "staff").status_code == 202, "each user has their own"


def test_how_many_a_minute_is_a_setting(api: Api, films: Films, environment: pytest.MonkeyPatch) -> None:
    made = [films.ready() for _ in range(2)]
    environment.setenv("TRANSCODES_PER_MINUTE", "1")
    settings.current.cache_clear()
    assert [transcode(api, film.id).status_code for film in made] == [202, 429]


def test_more_films_than_there_is_room_for_wait_their_turn(
    api: Api, films: Films, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("FILMS_AT_ONCE", "2")
    settings.current.cache_clear()
    made = [films.ready() for _ in range(3)]
    assert [transcode(api, film.id).status_code for film in made] == [202] * 3
    assert [order["film_id"] for order in orders()] == [film.id for film in made[:2]]
    assert [film.id for film in work.waiting()] == [made[2].id]
