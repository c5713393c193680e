"""Staff sees what failed and tries it again; nobody else learns of it."""

from datetime import timedelta

import pytest

from functions import settings
from functions.catalogue import clock, editing, slots, store, work
from functions.catalogue.film import Failure, Film, State
from tests.unit.executions import orders
from tests.unit.http.conftest import Api, Films


def failed(films: Films, **said: object) -> Film:
    film = films.waiting(**said)
    failure = Failure(code="worker_lost", message="It was interrupted.", step="encode")
    assert work.fail(film.id, film.version, failure, execution=film.execution)
    return film


def test_failed_films_are_listed_for_staff_latest_first_the_hidden_ones_too(api: Api, films: Films) -> None:
    first, second = failed(films), failed(films, published=False, title="Second")
    films.ready()
    answer = api.get("/api/operations/failed/", who="staff")
    assert answer.status_code == 200
    assert {film["id"] for film in answer.json_body} == {first.id, second.id}
    (shown,) = [film for film in answer.json_body if film["id"] == second.id]
    assert shown["failed_at"].endswith("Z")
    assert (shown["title"], shown["published"], shown["attempt"]) == ("Second", False, 1)
    assert shown["failure"] == {"code": "worker_lost", "message": "It was interrupted.", "step": "encode"}
    assert len(api.get("/api/operations/failed/?limit=1", who="staff").json_body) == 1
    assert api.get("/api/operations/failed/?limit=x", who="staff").status_code == 400


def test_when_a_film_failed_stays_when_it_is_changed_afterwards(api: Api, films: Films, monkeypatch) -> None:
    """The list is in that order, and showed the time of the last edit."""
    film = failed(films)
    [before] = api.get("/api/operations/failed/", who="staff").json_body
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert editing.edit(film.id, editing.Edit(published=False))
    [after] = api.get("/api/operations/failed/", who="staff").json_body
    assert (before["published"], after["published"]) == (True, False)
    assert after["failed_at"] == before["failed_at"]


def test_a_failed_film_is_tried_again_and_leaves_the_list(api: Api, films: Films) -> None:
    film = failed(films)
    answer = api.call("POST", f"/api/operations/failed/{film.id}/retry/", who="staff")
    assert (answer.status_code, answer.json_body) == (202, {"detail": "Transcode accepted", "video_id": film.id})
    after = store.get(film.id)
    assert after
    assert (after.state, after.failure) == (State.QUEUED, None)
    assert orders() == [{"film_id": film.id, "version": after.version, "execution": after.execution}]
    assert slots.taken() == {after.execution}
    assert api.get("/api/operations/failed/", who="staff").json_body == []
    again = api.call("POST", f"/api/operations/failed/{film.id}/retry/", who="staff")
    assert (again.status_code, again.json_body) == (
        409,
        {"errors": {"non_field_errors": ["This video has not failed."]}},
    )


@pytest.mark.parametrize("video_id", ["99", "x", "0"])
def test_what_is_not_there_cannot_be_tried(api: Api, video_id: str) -> None:
    assert api.call("POST", f"/api/operations/failed/{video_id}/retry/", who="staff").status_code == 404


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("owner", 403)])
def test_nobody_but_staff_is_let_in(api: Api, films: Films, who: str | None, status: int) -> None:
    film = failed(films)
    assert api.get("/api/operations/failed/", who=who).status_code == status
    answer = api.call("POST", f"/api/operations/failed/{film.id}/retry/", who=who)
    assert answer.status_code == status
    assert api.call("POST", "/api/operations/failed/99/retry/", who=who).status_code == status
    after = store.get(film.id)
    assert after
    assert after.state is State.FAILED


def test_admin_leads_to_the_studio(api: Api) -> None:
    answer = api.get("/admin/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://127.0.0.1:5500/studio/")


def test_without_a_frontend_there_is_no_studio(api: Api, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("FRONTEND_BASE_URL", "")
    settings.current.cache_clear()
    assert api.get("/admin/").status_code == 404
