"""Viewers go on where they stopped; nobody learns anything of a film that they may not see."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from functions.catalogue import clock, deletion, editing, positions, queries, store
from functions.catalogue.positions import FINISHED
from tests.unit import clients
from tests.unit.http.conftest import PASSWORD, Api, Films

DURATION = 14.5


def put(api: Api, film_id: object, seconds: object, who: str | None = "viewer"):
    body = json.dumps({"seconds": seconds}).encode()
    return api.call("PUT", f"/api/video/{film_id}/position/", who=who, body=body, Content_Type="application/json")


def get(api: Api, film_id: object, who: str | None = "viewer"):
    return api.get(f"/api/video/{film_id}/position/", who=who)


def begun(api: Api, query: str = "", who: str = "viewer") -> list[int]:
    return [film["id"] for film in api.get(f"/api/video/?continue=true{query}", who=who).json_body]


def rows() -> list[str]:
    items = clients.client("dynamodb").scan(TableName="videoflix-local-catalogue")["Items"]
    return [item["sk"]["S"] for item in items if item["sk"]["S"].startswith(("position#", "viewer#"))]


@pytest.mark.parametrize(
    ("sent", "kept"), [(12.5, 12.5), (0, 0.0), (3, 3.0), ("7.25", 7.25), (1e9, DURATION), (1.23456789, 1.235)]
)
def test_a_position_comes_back_within_the_film(api: Api, films: Films, sent: object, kept: float) -> None:
    film = films.ready()
    assert get(api, film.id).json_body == {"seconds": 0.0}
    answer = put(api, film.id, sent)
    assert (answer.status_code, answer.json_body) == (200, {"seconds": kept})
    assert get(api, film.id).json_body == {"seconds": kept}
    assert get(api, film.id, "owner").json_body == {"seconds": 0.0}, "each viewer has their own"


@pytest.mark.parametrize("sent", [-1, "x", None, True, [1], {"a": 1}, float("nan"), float("inf"), 10**400, "<b>"])
def test_what_is_no_position_is_refused(api: Api, films: Films, sent: object) -> None:
    film = films.ready()
    answer = put(api, film.id, sent)
    text = "Give a number of seconds, 0 or more."
    assert (answer.status_code, answer.json_body) == (400, {"errors": {"seconds": [text]}})
    assert rows() == []


def test_only_films_that_one_may_see_have_a_position(api: Api, films: Films) -> None:
    public, hidden, waiting = films.ready(), films.ready(published=False), films.waiting()
    for film_id, who, status in (
        (public.id, None, 401),
        (hidden.id, "viewer", 404),
        (10**9, "viewer", 404),
        (waiting.id, "viewer", 409),
        (hidden.id, "owner", 200),
    ):
        assert put(api, film_id, 5, who).status_code == status
        if status != 409:
            assert get(api, film_id, who).status_code == status
    assert put(api, hidden.id, "bad").status_code == 404


def test_what_was_begun_is_listed_latest_watched_first_with_its_position(api: Api, films: Films) -> None:
    first, second, finished, _untouched, rewound = (films.ready() for _ in range(5))
    for film in (first, second, finished, rewound):
        put(api, film.id, 5)
    put(api, first.id, 6)
    put(api, finished.id, DURATION * FINISHED)
    put(api, rewound.id, 0)
    answer = api.get("/api/video/?continue=true", who="viewer")
    assert [film["id"] for film in answer.json_body] == [first.id, second.id]
    assert list(answer.json_body[0])[:6] == ["id", "created_at", "title", "description", "thumbnail_url", "category"]
    assert (answer.json_body[0]["position"], answer.json_body[0]["duration"]) == (6.0, DURATION)
    assert begun(api, who="other") == []
    assert api.get("/api/video/?continue=false", who="viewer").json_body[0]["id"] == rewound.id
    put(api, finished.id, 3)
    assert begun(api) == [finished.id, first.id, second.id], "somebody watches it again"


def test_films_that_one_may_not_see_any_more_are_left_out_and_come_back(api: Api, films: Films) -> None:
    film = films.ready()
    put(api, film.id, 5)
    editing.edit(film.id, editing.Edit(published=False))
    assert begun(api) == []
    editing.edit(film.id, editing.Edit(published=True))
    assert begun(api) == [film.id]


def test_pages_search_and_category_of_what_was_begun(api: Api, films: Films) -> None:
    made = [films.ready(title=f"Film {n}", category="drama" if n < 3 else "comedy").id for n in range(5)]
    for film_id in made:
        put(api, film_id, 5)
    hidden = made.pop(2)
    editing.edit(hidden, editing.Edit(published=False))
    seen, path = [], "/api/video/?continue=true&limit=2"
    while path:
        answer = api.get(path, who="viewer")
        seen += [film["id"] for film in answer.json_body]
        link = re.fullmatch(r'<http://127\.0\.0\.1:8000(.*)>; rel="next"', answer.headers.get("Link", ""))
        path = link[1] if link else ""
    assert seen == made[::-1]
    assert begun(api, "&category=drama") == made[1::-1]
    assert begun(api, "&q=film%203") == [made[2]]
    assert begun(api, "&q=!!!") == []
    for wrong in ("cursor=x", f"q={'x' * 256}"):
        assert api.get(f"/api/video/?continue=true&{wrong}", who="viewer").status_code == 400


def test_long_texts_make_shorter_pages_of_what_was_begun(api: Api, films: Films, monkeypatch) -> None:
    made = [films.ready(title="Same").id for _ in range(3)]
    for film_id in made:
        put(api, film_id, 5)
    monkeypatch.setattr(queries, "_MOST_TEXT", 40)
    first = api.get("/api/video/?continue=true", who="viewer")
    assert [film["id"] for film in first.json_body] == made[:0:-1]
    path = first.headers["Link"].partition("8000")[2].partition(">")[0]
    assert [film["id"] for film in api.get(path, who="viewer").json_body] == made[:1]


def test_positions_go_with_the_film(api: Api, films: Films) -> None:
    film, other = films.ready(), films.ready()
    for who in ("viewer", "other"):
        put(api, film.id, 5, who)
    put(api, other.id, 5)
    deletion.delete(film.id)
    assert (begun(api), begun(api, who="other")) == ([other.id], [])
    assert len(rows()) == 2


def test_positions_go_with_the_account_and_are_in_its_export(api: Api, films: Films) -> None:
    film = films.ready()
    put(api, film.id, 5)
    put(api, film.id, 6, "other")
    (position,) = api.get("/api/account/export/", who="viewer").json_body["positions"]
    assert (position["video_id"], position["seconds"]) == (film.id, 5.0)
    body = json.dumps({"password": PASSWORD}).encode()
    answer = api.call("DELETE", "/api/account/", who="viewer", body=body, Content_Type="application/json")
    assert answer.status_code == 200
    other = api.person("other").id
    assert sorted(rows()) == [f"position#{film.id:016d}", f"viewer#{other}"]


def test_a_film_deleted_at_this_moment_takes_no_position(api: Api, films: Films) -> None:
    """A position that was kept would be about nothing, for ever."""
    film = films.ready()
    put(api, film.id, 5, "other")
    deletion.delete(film.id)
    assert positions.put(api.person("viewer").id, film, 5.0) is None
    assert positions.put(api.person("other").id, film, 6.0) is None
    assert rows() == []


def test_a_film_whose_deletion_has_begun_takes_no_position(api: Api, films: Films) -> None:
    film = films.ready()
    store.begin_deletion(film.id, resume_at=clock.now().timestamp() + 900)
    assert positions.put(api.person("viewer").id, film, 5.0) is None


def test_a_film_that_vanishes_between_is_a_404(api: Api, films: Films, monkeypatch: pytest.MonkeyPatch) -> None:
    film = films.ready()
    monkeypatch.setattr(positions, "put", lambda *_: None)
    assert put(api, film.id, 5).status_code == 404


def test_a_film_that_has_become_shorter_is_not_continued_beyond_its_end(api: Api, films: Films) -> None:
    """The page said "500 % watched", until the film was played again."""
    shorter, as_before = films.ready(), films.ready()
    for film in (shorter, as_before):
        put(api, film.id, 10)
    store.change(shorter.id, lambda film: replace(film, duration=2.0))
    assert begun(api) == [as_before.id]
    store.change(shorter.id, lambda film: replace(film, duration=60.0))
    assert begun(api) == [as_before.id, shorter.id]


def test_a_deletion_that_is_interrupted_goes_on_where_it_was(api: Api, films: Films, monkeypatch) -> None:
    """Each try began with the first viewer, and a film that many had begun was never done."""
    film = films.ready()
    for who in ("viewer", "other"):
        put(api, film.id, 5, who)
    with monkeypatch.context() as during:
        during.setattr(store, "end_deletion", lambda _: None)
        deletion.delete(film.id)
    assert rows() == []


def test_a_film_that_many_have_begun_is_forgotten_bit_by_bit(api: Api, films: Films, monkeypatch) -> None:
    """The call took longer than the gateway waits, and the watchdog longer than its minute."""
    film = films.ready()
    for who in ("viewer", "other"):
        put(api, film.id, 5, who)
    began = clock.now()
    times = iter([began] + [began + timedelta(hours=1)] * 100)
    with monkeypatch.context() as during:
        during.setattr(positions.clock, "now", lambda: next(times))
        assert not positions.forget_film(film.id, until=began + timedelta(seconds=1))
    assert len(rows()) == 2, "one went"
    with monkeypatch.context() as during:
        during.setattr(deletion, "_FORGET_FOR", timedelta())
        assert api.call("DELETE", f"/api/video/{film.id}/", who="owner").status_code == 204
        assert api.get(f"/api/video/{film.id}/status/", who="viewer").status_code == 404
    assert len(rows()) == 2
    with monkeypatch.context() as during:
        during.setattr(clock, "now", lambda: began + timedelta(minutes=16))
        assert deletion.resume() == 1
    assert rows() == []
    assert list(store.all_films()) == []


def test_a_shorter_new_version_bounds_an_old_position(api: Api, films: Films) -> None:
    film = films.ready()
    put(api, film.id, 14)
    assert positions.get(api.person("viewer").id, type(film)(**{**vars(film), "duration": 10.0})) == 10.0
