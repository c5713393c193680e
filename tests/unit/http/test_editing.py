"""One film shown, changed and deleted by its owner, and by nobody else."""

import json
from dataclasses import replace

import pytest

from functions import aws
from functions.catalogue import store, work
from functions.catalogue.store import get
from tests.unit.http.conftest import Api, Films

MISSING = {"errors": {"non_field_errors": ["Video not found."]}}


def send(api: Api, method: str, path: str, who: str | None, fields: object = None):
    body = b"" if fields is None else json.dumps(fields).encode()
    return api.call(method, path, who=who, body=body, Content_Type="application/json")


def patch(api: Api, film_id: int, who: str | None = "owner", **fields: object):
    return send(api, "PATCH", f"/api/video/{film_id}/", who, fields)


def put_objects(film) -> None:
    stored = aws.s3().put_object(Bucket="videoflix-uploads", Key=film.source.key, Body=b"x")
    source = replace(film.source, etag=stored["ETag"].strip('"'))
    store.change(film.id, lambda now: replace(now, source=source))
    for name in ("thumbnail.jpg", "480p/000.ts"):
        aws.s3().put_object(Bucket="videoflix-media", Key=f"{film.id}/{film.version}/{name}", Body=b"x")


def objects(bucket: str) -> list[str]:
    return [entry["Key"] for entry in aws.s3().list_objects_v2(Bucket=bucket).get("Contents", [])]


class TestShow:
    def test_a_film_is_shown_as_in_the_list_with_what_its_owner_can_change(self, api: Api, films: Films) -> None:
        film = films.ready(title="T", published=False)
        answer = api.get(f"/api/video/{film.id}/", who="owner")
        (listed,) = api.get("/api/video/", who="owner").json_body
        assert answer.json_body.items() > listed.items()
        assert (answer.json_body["published"], answer.json_body["state"]) == (False, "ready")
        assert answer.headers["Cache-Control"] == "no-store"

    def test_a_hidden_film_is_no_film_for_others(self, api: Api, films: Films) -> None:
        film = films.ready(published=False)
        for who, status in ((None, 401), ("other", 404), ("owner", 200), ("staff", 200)):
            assert api.get(f"/api/video/{film.id}", who=who).status_code == status


class TestEdit:
    @pytest.mark.parametrize("who", ["owner", "staff"])
    def test_owner_and_staff_change_what_they_name_and_the_rest_stays(self, api: Api, films: Films, who: str) -> None:
        film = films.ready(title="Old", description="D", category="drama")
        answer = patch(api, film.id, who, title="  New <b> ", published=False, unknown=1)
        assert answer.status_code == 200
        shown = answer.json_body
        assert (shown["title"], shown["description"], shown["category"]) == ("New \u2039b\u203a", "D", "drama")
        assert shown["published"] is False
        assert api.get(f"/api/video/{film.id}", who="owner").json_body == shown

    def test_the_words_for_true_and_false_are_taken_too(self, api: Api, films: Films) -> None:
        film = films.ready()
        assert patch(api, film.id, published="false").json_body["published"] is False

    def test_an_unpublished_film_vanishes_at_once_for_others_on_every_way(self, api: Api, films: Films) -> None:
        film = films.ready()
        put_objects(film)
        paths = [
            f"/api/video/{film.id}/480p/index.m3u8",
            f"/api/video/{film.id}/480p/000.ts",
            f"/api/video/{film.id}/master.m3u8",
            f"/api/video/{film.id}/status/",
            f"/api/video/{film.id}/",
        ]
        assert {api.get(path, who="other").status_code for path in paths} == {200}
        patch(api, film.id, published=False)
        assert {api.get(path, who="other").status_code for path in paths} == {404}
        assert api.get("/api/video/", who="other").json_body == []
        assert {api.get(path, who="owner").status_code for path in paths} == {200}
        patch(api, film.id, published=True)
        assert {api.get(path, who="other").status_code for path in paths} == {200}

    def test_checks_come_in_the_contracts_order(self, api: Api, films: Films) -> None:
        public, hidden = films.ready(), films.ready(published=False)
        bad = {"title": 7}
        for film_id, who, status in (
            (public.id, None, 401),
            (hidden.id, "other", 404),
            (10**9, "owner", 404),
            ("0x1", "owner", 404),
            (public.id, "other", 403),
            (public.id, "owner", 400),
        ):
            assert patch(api, film_id, who, **bad).status_code == status, (film_id, who)
        assert patch(api, hidden.id, "other").json_body == MISSING

    @pytest.mark.parametrize(
        ("field", "value", "text"),
        [
            ("title", "", "The title may not be empty."),
            ("title", " \t", "The title may not be empty."),
            ("title", "x" * 256, "Use at most 255 characters."),
            ("title", None, "Not a valid string."),
            ("title", ["<script>"], "Not a valid string."),
            ("description", "x" * 5001, "Use at most 5000 characters."),
            ("description", 1, "Not a valid string."),
            ("category", "<script>", None),
            ("category", "x" * 41, None),
            ("category", "", None),
            ("category", "Newest", "This category is reserved. Choose another."),
            ("published", "perhaps", "Give true or false."),
            ("published", 1, "Give true or false."),
            ("published", None, "Give true or false."),
            ("poster_at", True, "Give a number of seconds from 0 to 14.5, or null."),
        ],
    )
    def test_bad_values_are_named_by_field_and_change_nothing(
        self, api: Api, films: Films, field: str, value: object, text: str | None
    ) -> None:
        film = films.ready(title="Old")
        answer = patch(api, film.id, **{"title": "New", field: value})
        assert answer.status_code == 400
        assert list(answer.json_body["errors"]) == [field]
        if text:
            assert answer.json_body["errors"][field] == [text]
        assert b"<script" not in answer.body
        assert get(film.id) == film

    def test_the_longest_texts_fit(self, api: Api, films: Films) -> None:
        film = films.ready()
        said = {"title": "ü" * 255, "description": "\U0001f3ac" * 5000, "category": "x" * 40}
        shown = patch(api, film.id, **said).json_body
        assert {name: shown[name] for name in said} == said

    def test_all_that_is_wrong_is_said_at_once(self, api: Api, films: Films) -> None:
        answer = patch(api, films.ready().id, title=1, description=2, category=3, published=4)
        assert set(answer.json_body["errors"]) == {"title", "description", "category", "published"}

    @pytest.mark.parametrize("body", [b"[]", b'"x"', b"{", b"\xff", b'{"title":"\\ud800"}'])
    def test_a_body_that_is_no_object_is_a_400(self, api: Api, films: Films, body: bytes) -> None:
        film = films.ready()
        answer = api.call("PATCH", f"/api/video/{film.id}/", who="owner", body=body, Content_Type="application/json")
        assert answer.status_code == 400

    def test_a_form_may_publish_too(self, api: Api, films: Films) -> None:
        film = films.ready(published=False)
        form = {"Content_Type": "application/x-www-form-urlencoded"}
        answer = api.call("PATCH", f"/api/video/{film.id}/", who="owner", body=b"published=true&title=T", **form)
        assert (answer.json_body["published"], answer.json_body["title"]) == (True, "T")

    def test_a_change_of_nothing_writes_nothing(self, api: Api, films: Films) -> None:
        film = films.ready(title="T")
        assert patch(api, film.id).status_code == 200
        assert patch(api, film.id, title="T", published=True).status_code == 200
        assert get(film.id) == film

    def test_publishing_is_told_in_the_timeline(self, api: Api, films: Films) -> None:
        film = films.ready()
        patch(api, film.id, published=False)
        patch(api, film.id, published=True)
        assert [entry.event for entry in get(film.id).timeline][-2:] == ["unpublished", "published"]

    def test_a_film_deleted_at_this_moment_is_a_404(self, api: Api, films: Films, monkeypatch) -> None:
        film = films.ready()
        monkeypatch.setattr(store, "change", lambda *_: None)
        assert patch(api, film.id, title="T").json_body == MISSING

    def test_editing_does_not_stop_a_worker(self, api: Api, films: Films) -> None:
        film = films.waiting()
        assert patch(api, film.id, title="Meanwhile").status_code == 200
        assert work.encoding(film.id, film.version, film.execution, height=720, event="encoding")
        assert get(film.id).title == "Meanwhile"


class TestDelete:
    @pytest.mark.parametrize("who", ["owner", "staff"])
    def test_a_film_goes_with_every_object(self, api: Api, films: Films, who: str) -> None:
        film, other = films.ready(), films.ready()
        put_objects(film)
        put_objects(other)
        answer = send(api, "DELETE", f"/api/video/{film.id}/", who)
        assert (answer.status_code, answer.body) == (204, b"")
        assert [entry["id"] for entry in api.get("/api/video/", who="owner").json_body] == [other.id]
        assert api.get(f"/api/video/{film.id}/480p/index.m3u8", who="owner").status_code == 404
        assert objects("videoflix-uploads") == [other.source.key]
        assert {key.split("/")[0] for key in objects("videoflix-media")} == {str(other.id)}

    def test_nobody_else_deletes_and_a_second_time_finds_nothing(self, api: Api, films: Films) -> None:
        public, hidden = films.ready(), films.ready(published=False)
        for film, who, status in (
            (public, None, 401),
            (hidden, "other", 404),
            (public, "other", 403),
            (public, "owner", 204),
            (public, "owner", 404),
        ):
            assert send(api, "DELETE", f"/api/video/{film.id}/", who).status_code == status

    def test_a_film_deleted_while_it_is_encoded_stops_its_worker(self, api: Api, films: Films) -> None:
        film = films.waiting()
        assert send(api, "DELETE", f"/api/video/{film.id}", "owner").status_code == 204
        assert not work.wanted(film.id, film.version, film.execution)
        assert not work.encoding(film.id, film.version, film.execution, height=720, event="encoding")
        assert api.get("/api/video/?ready_only=0", who="owner").json_body == []
