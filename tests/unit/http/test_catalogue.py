"""The list and the status, byte for byte as existing frontends read them."""

import json
import re
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.catalogue import clock, editing, layout, making, work
from functions.catalogue.film import Failure
from functions.delivery import signing
from tests.unit.catalogue.films import DRAFT
from tests.unit.http.conftest import FRONTEND, Api, Films


def ids(answer) -> list[int]:
    return [film["id"] for film in answer.json_body]


class TestList:
    def test_it_is_the_originals_array_byte_for_byte(
        self, api: Api, films: Films, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made_at = datetime.fromisoformat("2025-11-13T12:57:07.992501+00:00")
        monkeypatch.setattr(clock, "now", lambda: made_at)
        film = films.ready(title="Größe", description="a <b", category="drama")
        answer = api.get("/api/video/", who="other")
        url = signing.media_url(layout.picture_key(film.id, film.published_version, "thumbnail.jpg"), lasts=0)
        assert answer.body.decode() == (
            f'[{{"id":{film.id},"created_at":"2025-11-13T12:57:07.992501Z","title":"Größe","description":"a \u2039b",'
            f'"thumbnail_url":"{url}","category":"drama"}}]'
        )
        assert answer.headers["Content-Type"] == "application/json"

    def test_a_whole_second_keeps_its_microseconds(self, api: Api, films: Films, monkeypatch) -> None:
        monkeypatch.setattr(clock, "now", lambda: datetime.fromisoformat("2025-11-13T12:57:07+00:00"))
        films.ready()
        assert api.get("/api/video/", who="other").json_body[0]["created_at"] == "2025-11-13T12:57:07.000000Z"

    def test_no_film_is_an_empty_array(self, api: Api) -> None:
        assert api.get("/api/", who="other").body == b"[]"

    def test_each_caller_sees_what_they_may_newest_first(self, api: Api, films: Films) -> None:
        public = films.ready(published=True)
        hidden = films.ready(published=False)
        for path in ("/api/video", "/api/video/", "/api", "/api/"):
            assert api.get(path).status_code == 401
            assert ids(api.get(path, who="other")) == [public.id]
            assert ids(api.get(path, who="owner")) == [hidden.id, public.id]
            assert ids(api.get(path, who="staff")) == [hidden.id, public.id]
        assert b"/%d/" % hidden.id not in api.get("/api/video/", who="other").body

    def test_what_is_not_ready_is_shown_on_demand(self, api: Api, films: Films) -> None:
        ready, waiting = films.ready(), films.waiting()
        assert ids(api.get("/api/video/", who="other")) == [ready.id]
        assert ids(api.get("/api/video/?ready_only=1", who="other")) == [ready.id]
        for off in ("0", "false", "False"):
            answer = api.get(f"/api/video/?ready_only={off}", who="other")
            assert ids(answer) == [waiting.id, ready.id]
            assert answer.json_body[0]["thumbnail_url"] == ""

    def test_order_and_category(self, api: Api, films: Films) -> None:
        b = films.ready(title="B", category="drama")
        a = films.ready(title="a", category="comedy")
        assert ids(api.get("/api/video/?order=title", who="other")) == [a.id, b.id]
        assert ids(api.get("/api/video/?order=-title", who="other")) == [b.id, a.id]
        assert ids(api.get("/api/video/?order=created_at", who="other")) == [b.id, a.id]
        assert ids(api.get("/api/video/?order=%27;drop", who="other")) == [a.id, b.id]
        assert ids(api.get("/api/video/?category=drama", who="other")) == [b.id]
        assert ids(api.get("/api/video/?category=", who="other")) == [a.id, b.id]
        assert ids(api.get("/api/video/?category=%00%ff<script>", who="other")) == []

    def test_pages_follow_the_link_header_to_the_end(self, api: Api, films: Films) -> None:
        made = [films.ready(category="drama").id for _ in range(5)]
        seen, path, pages = [], "/api/video/?limit=2&category=drama", 0
        while path:
            answer = api.get(path, who="other", Origin=FRONTEND)
            seen += ids(answer)
            pages += 1
            link = answer.headers.get("Link", "")
            match = re.fullmatch(r'<(http://127\.0\.0\.1:8000(/api/video/\?.*))>; rel="next"', link)
            path = match[2] if match else ""
            if path:
                assert parse_qs(urlsplit(path).query)["category"] == ["drama"]
        assert seen == made[::-1]
        assert pages == 3

    def test_a_studio_gets_what_its_caller_may_change_ready_or_not(self, api: Api, films: Films) -> None:
        hidden, waiting = films.ready(published=False, title="Hidden one"), films.waiting()
        assert ids(api.get("/api/video/?manage=true", who="other")) == []
        assert ids(api.get("/api/video/?manage=true", who="staff")) == [waiting.id, hidden.id]
        answer = api.get("/api/video/?manage=true", who="owner")
        assert ids(answer) == [waiting.id, hidden.id]
        assert [(film["ready"], film["published"]) for film in answer.json_body] == [(False, True), (True, False)]
        assert {film["owner_id"] for film in answer.json_body} == {hidden.owner_id}
        assert ids(api.get("/api/video/?manage=true&ready_only=1", who="owner")) == [hidden.id]
        assert ids(api.get("/api/video/?manage=true&q=hid", who="owner")) == [hidden.id]

    def test_a_search_in_the_studio_finds_no_film_of_others(self, api: Api, films: Films) -> None:
        public = films.ready(published=True, title="Public one")
        assert ids(api.get("/api/video/?q=pub", who="other")) == [public.id]
        assert ids(api.get("/api/video/?q=pub&manage=true", who="other")) == []

    def test_odd_queries_are_refused_and_never_break(self, api: Api, films: Films) -> None:
        films.ready()
        for query in ("limit=0", "limit=-1", "limit=x", "limit=1.5", "limit=%D9%A1", "cursor=rubbish", "cursor=%00"):
            answer = api.get(f"/api/video/?{query}", who="other")
            assert answer.status_code == 400, query
            assert list(answer.json_body) == ["errors"]
        for query in ("limit=1000000", "limit=", "x=1&x=2", "ready_only=", "cursor=", "q=%ff"):
            assert api.get(f"/api/video/?{query}", who="other").status_code in (200, 400), query
        assert api.get("/api/video/?limit=1000000", who="other").status_code == 200

    def test_an_unchanged_list_is_not_sent_again(self, api: Api, films: Films) -> None:
        film = films.ready()
        first = api.get("/api/video/", who="other")
        again = api.get("/api/video/", who="other", If_None_Match=first.headers["ETag"])
        assert (again.status_code, again.body) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert first.headers["ETag"].startswith('W/"')
        for answer in (first, again):
            assert answer.headers["Cache-Control"] == "private, no-cache", "what one sees is no other's"
        films.ready()
        changed = api.get("/api/video/", who="other", If_None_Match=first.headers["ETag"])
        assert changed.status_code == 200
        assert film.id in ids(changed)

    def test_a_list_whose_next_page_is_new_has_changed(self, api: Api, films: Films) -> None:
        films.ready()
        first = api.get("/api/video/?limit=1&order=created_at", who="other")
        films.ready()
        tag = first.headers["ETag"]
        again = api.get("/api/video/?limit=1&order=created_at", who="other", If_None_Match=tag)
        assert (again.status_code, "Link" in again.headers) == (200, True)

    def test_an_unpublished_film_is_no_unchanged_list(self, api: Api, films: Films) -> None:
        film = films.ready()
        tag = api.get("/api/video/", who="other").headers["ETag"]
        editing.edit(film.id, editing.Edit(published=False))
        assert api.get("/api/video/", who="other", If_None_Match=tag).json_body == []

    def test_a_search_finds_words_by_their_beginnings_and_its_pages_follow(self, api: Api, films: Films) -> None:
        found = [films.ready(title=f"Über {n}", category="drama").id for n in range(3)]
        films.ready(title="Other", category="drama")
        assert ids(api.get("/api/video/?q=UBE", who="other")) == found[::-1]
        first = api.get("/api/video/?q=%C3%BCb&limit=2&order=created_at", who="other")
        assert ids(first) == found[:2]
        path = re.fullmatch(r'<http://127\.0\.0\.1:8000(.*)>; rel="next"', first.headers["Link"])[1]
        assert ids(api.get(path, who="other")) == found[2:]
        too_long = api.get(f"/api/video/?q={'x' * 256}", who="other")
        assert (too_long.status_code, list(too_long.json_body["errors"])) == (400, ["q"])

    def test_thumbnails_load_without_credentials_and_stay_the_same(self, api: Api, films: Films) -> None:
        films.ready()
        first = api.get("/api/video/", who="other").json_body[0]["thumbnail_url"]
        assert first.startswith("http://127.0.0.1:4566/videoflix-media/")
        assert "X-Amz-Signature=" in first
        assert api.get("/api/video/", who="staff").json_body[0]["thumbnail_url"] == first


class TestStatus:
    def test_a_film_being_encoded(self, api: Api, films: Films) -> None:
        film = films.encoding()
        making.begin(film.id, film.version, DRAFT)
        for number, worker in enumerate(("w", "x")):
            making.begin_chunk(film.id, film.version, number, worker)
            stored = {"480p": 1 + number, "720p": number}
            making.advance_chunk(film.id, film.version, number, worker, frames=60 + 60 * number, stored=stored)
        answer = api.get(f"/api/video/{film.id}/status/", who="owner")
        status = answer.json_body
        assert list(status) == ["id", "state", "percent", "renditions", "timeline", "failure", "cost", "playable"]
        assert (status["id"], status["state"], status["percent"]) == (film.id, "encoding", 36.75)
        assert status["renditions"] == {
            "480p": {"percent": 75.0, "state": "encoding"},
            "720p": {"percent": 25.0, "state": "encoding"},
        }
        assert status["failure"] is None
        assert status["cost"] == {"gb_seconds": 0.0, "usd": 0.0}
        assert status["timeline"]
        for entry in status["timeline"]:
            assert list(entry) == ["at", "event"]
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", entry["at"])
        assert answer.headers["Cache-Control"] == "no-store"

    def test_a_ready_film_shows_its_renditions_as_done(self, api: Api, films: Films) -> None:
        status = api.get(f"/api/video/{films.ready().id}/status", who="owner").json_body
        assert (status["state"], status["percent"]) == ("ready", 100.0)
        assert status["cost"] == {"gb_seconds": 12.5, "usd": 0.0003}
        done = {"percent": 100.0, "state": "ready"}
        assert status["renditions"] == {"480p": done, "720p": done}

    def test_a_failed_film_says_why(self, api: Api, films: Films) -> None:
        film = films.waiting()
        why = Failure(code="not_a_video", message="This file is not a video.", step="probe")
        assert work.fail(film.id, film.version, why, execution=film.execution)
        status = api.get(f"/api/video/{film.id}/status", who="owner").json_body
        assert status["state"] == "failed"
        assert status["failure"] == {"code": "not_a_video", "message": "This file is not a video.", "step": "probe"}

    def test_a_hidden_film_has_no_status_for_strangers(self, api: Api, films: Films) -> None:
        film = films.ready(published=False)
        answer = api.get(f"/api/video/{film.id}/status", who="other")
        assert answer.status_code == 404
        assert json.loads(answer.body) == {"errors": {"non_field_errors": ["Video not found."]}}
