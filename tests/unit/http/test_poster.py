"""The picture that stands for a film: chosen by its owner, in two sizes, and always one that is there."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from botocore.exceptions import ClientError

from functions import aws
from functions.catalogue import editing, layout, notes, store, wishes, work
from functions.catalogue.film import Film
from functions.delivery import signing
from functions.transcoding import dispatch
from tests.unit.executions import end, started
from tests.unit.http import encodings
from tests.unit.http.conftest import Api

POSTER = {"thumbnail": "thumbnail.jpg", "poster": "poster.jpg"}


def patch(api: Api, film: Film, body: object, who: str = "owner", **headers: str):
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content_Type": "application/json"} | headers
    return api.call("PATCH", f"/api/video/{film.id}/", who=who, body=sent, **headers)


def orders() -> list[dict[str, Any]]:
    """What the state machine was told to draw, oldest first."""
    return [order for order in started() if order["task"] == "poster"]


def wished(film: Film) -> float | None:
    now = store.get(film.id)
    assert now
    return now.poster_at


def later(**time: float) -> time_machine.travel:
    return time_machine.travel(datetime.now(UTC) + timedelta(**time))


class TestChoosing:
    @pytest.mark.parametrize("who", ["owner", "staff"])
    def test_a_new_place_is_kept_and_its_picture_ordered(self, api: Api, who: str) -> None:
        film = encodings.ready(api, made=POSTER)
        answer = patch(api, film, {"poster_at": 12.5}, who)
        assert (answer.status_code, answer.json_body["poster_at"]) == (200, 12.5)
        assert answer.json_body["thumbnail_url"], "until the new one is drawn, there is the old one"
        (order,) = orders()
        assert order["task"] == "poster"
        assert order["seconds"] == 12.5
        assert (order["film"]["film_id"], order["film"]["version"]) == (film.id, film.version)

    def test_null_asks_for_one_that_is_chosen_by_itself(self, api: Api) -> None:
        film = encodings.ready(api, made={"thumbnail": "thumbnail-12500.jpg", "poster": "poster-12500.jpg"})
        editing.edit(film.id, editing.Edit(poster_at=12.5))
        answer = patch(api, film, {"poster_at": None})
        assert (answer.status_code, answer.json_body["poster_at"]) == (200, None)
        assert [order["seconds"] for order in orders()] == [None]

    def test_a_film_that_is_not_published_yet_takes_the_wish_into_its_encoding(self, api: Api) -> None:
        film = encodings.encoding(api)
        assert patch(api, film, {"poster_at": 3}).json_body["poster_at"] == 3
        assert orders() == []
        published = encodings.publish(film, **POSTER)
        dispatch.poster(published)
        assert [order["seconds"] for order in orders()] == [3], "it was published with another picture"

    def test_what_viewers_see_already_is_not_drawn_again(self, api: Api) -> None:
        film = encodings.ready(api, made=POSTER)
        assert patch(api, film, {"poster_at": None}).status_code == 200
        assert patch(api, film, {"title": "Another"}).status_code == 200
        assert orders() == []

    def test_the_same_wish_sent_twice_is_one_order(self, api: Api) -> None:
        film = encodings.ready(api, made=POSTER)
        for _ in range(2):
            assert patch(api, film, {"poster_at": 12.5}).status_code == 200
        assert len(orders()) == 1

    def test_who_chooses_more_often_than_anybody_looks_has_to_wait(self, api: Api) -> None:
        """Each is an execution, and nothing else bounds them: a loop would take every function of the account."""
        film = encodings.ready(api, made=POSTER)
        answers = [patch(api, film, {"poster_at": seconds / 2}).status_code for seconds in range(1, 22)]
        assert answers == [200] * 20 + [429]
        assert patch(api, film, {"title": "Another"}).status_code == 200
        assert len(orders()) == 20

    def test_one_that_could_not_be_drawn_is_drawn_when_asked_for_again(self, api: Api) -> None:
        """Nothing happened, until the wish was taken back; each click put that off."""
        film = encodings.ready(api, made=POSTER)
        for tries in (1, 2, 3):
            assert patch(api, film, {"poster_at": 12.5}).status_code == 200
            assert [order["seconds"] for order in orders()] == [12.5] * tries
            end(orders()[-1]["film"]["execution"])
        assert len({order["film"]["execution"] for order in orders()}) == 3

    def test_a_wish_whose_call_broke_off_does_not_stay_for_ever(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The film said for ever that it has a poster which nobody was about to draw."""
        film = encodings.ready(api, made=POSTER)

        def down(**_: object) -> None:
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "DescribeExecution")

        with monkeypatch.context() as outage:
            outage.setattr(aws.stepfunctions(), "describe_execution", down)
            assert patch(api, film, {"poster_at": 12.5}).status_code == 500
        assert wished(film) == 12.5
        with later(minutes=16):
            wishes.sweep()
        assert wished(film) is None

    @pytest.mark.parametrize(("module", "name"), [(notes, "due"), (store, "get")])
    def test_a_new_wish_is_not_taken_back_for_the_sake_of_an_old_one(
        self, api: Api, meanwhile, module: Any, name: str
    ) -> None:
        """The former was met at once; its note is looked at a quarter of an hour later, at this moment."""
        film = encodings.ready(api, made=POSTER)
        assert patch(api, film, {"poster_at": 1.0}).status_code == 200
        name_of_picture = layout.thumbnail_name(1.0)
        drawn = {"thumbnail": name_of_picture, "poster": layout.poster_name(name_of_picture)}
        assert editing.show_poster(film.id, film.version, 1.0, **drawn)
        with later(minutes=16):
            api.tokens.clear()
            api.token("owner")
            meanwhile(module, name, lambda: patch(api, film, {"poster_at": 12.5}))
            wishes.sweep()
        assert wished(film) == 12.5
        with later(minutes=32):
            wishes.sweep()
        assert wished(film) == 1.0, "nobody drew it"

    def test_a_film_that_failed_before_anybody_saw_it_keeps_the_wish_for_its_next_try(self, api: Api) -> None:
        film = encodings.encoding(api)
        assert patch(api, film, {"poster_at": 3}).status_code == 200
        failure = work.Failure(code="worker_lost", message="Lost.", step="encode")
        assert work.fail(film.id, film.version, failure, execution=film.execution)
        with later(minutes=16):
            wishes.sweep()
        assert wished(film) == 3

    @pytest.mark.parametrize(
        "body",
        [
            b'{"poster_at": true}',
            b'{"poster_at": "soon"}',
            b'{"poster_at": -0.1}',
            b'{"poster_at": 20.1}',
            b'{"poster_at": NaN}',
            b'{"poster_at": Infinity}',
            b'{"poster_at": 1e400}',
            b'{"poster_at": [1]}',
            b'{"poster_at": {}}',
        ],
    )
    def test_what_is_no_time_in_the_film_is_refused_and_loses_nothing(self, api: Api, body: bytes) -> None:
        film = encodings.ready(api, made=POSTER)
        before = store.get(film.id)
        answer = patch(api, film, body)
        assert answer.status_code == 400
        assert answer.json_body == {"errors": {"poster_at": ["Give a number of seconds from 0 to 20.02, or null."]}}
        assert (store.get(film.id), orders()) == (before, [])

    def test_of_a_film_of_unknown_length_an_absurd_time_is_refused(self, api: Api) -> None:
        film = encodings.encoding(api)
        assert patch(api, film, {"poster_at": 1e9}).status_code == 400

    def test_a_form_names_it_as_text(self, api: Api) -> None:
        film = encodings.ready(api, made=POSTER)
        form = {"Content_Type": "application/x-www-form-urlencoded"}
        assert patch(api, film, b"poster_at=1.25", **form).json_body["poster_at"] == 1.25
        assert patch(api, film, b"poster_at=", **form).json_body["poster_at"] is None

    def test_nobody_else_chooses(self, api: Api) -> None:
        film = encodings.ready(api, made=POSTER)
        assert patch(api, film, {"poster_at": 1}, "other").status_code == 403
        assert orders() == []


class TestShowing:
    def test_the_list_names_the_small_one_and_the_film_both(self, api: Api) -> None:
        film = encodings.ready(api, made=POSTER)
        (listed,) = api.get("/api/video/", who="other").json_body
        shown = api.get(f"/api/video/{film.id}/", who="other").json_body
        for name in ("thumbnail", "poster"):
            key = layout.picture_key(film.id, film.version, f"{name}.jpg")
            assert shown[f"{name}_url"] == signing.media_url(key, lasts=0)
        assert shown.items() >= listed.items()

    def test_a_film_from_before_there_were_large_ones_has_none(self, api: Api) -> None:
        film = encodings.ready(api, made={"poster": None})
        shown = api.get(f"/api/video/{film.id}/", who="other").json_body
        assert (shown["poster_url"], bool(shown["thumbnail_url"])) == ("", True)

    def test_a_picture_that_was_drawn_is_shown_under_an_address_of_its_own(self, api: Api) -> None:
        """Browsers keep the old one for ever under its own."""
        film = encodings.ready(api, made=POSTER)
        editing.edit(film.id, editing.Edit(poster_at=12.5))
        before = api.get(f"/api/video/{film.id}/", who="other").json_body
        name = layout.thumbnail_name(12.5)
        drawn = {"thumbnail": name, "poster": layout.poster_name(name)}
        assert editing.show_poster(film.id, film.version, 12.5, **drawn)
        after = api.get(f"/api/video/{film.id}/", who="other").json_body
        for kind in ("thumbnail_url", "poster_url"):
            assert before[kind].partition("?")[0] != after[kind].partition("?")[0]
        assert "/thumbnail-12500.jpg?" in after["thumbnail_url"]
        assert "/poster-12500.jpg?" in after["poster_url"]

    def test_the_latest_wish_wins_whichever_is_drawn_last(self, api: Api) -> None:
        film = encodings.ready(api, made=POSTER)
        editing.edit(film.id, editing.Edit(poster_at=1.0))
        editing.edit(film.id, editing.Edit(poster_at=2.0))
        names = {at: layout.thumbnail_name(at) for at in (1.0, 2.0)}

        def show(at: float) -> bool:
            return editing.show_poster(
                film.id, film.version, at, thumbnail=names[at], poster=layout.poster_name(names[at])
            )

        assert [show(2.0), show(1.0), show(2.0)] == [True, False, True]
        now = store.get(film.id)
        assert now
        assert now.thumbnail == names[2.0]
        assert not editing.show_poster(film.id, "other", 2.0, thumbnail="x.jpg", poster="y.jpg")
