"""A film can be watched while it is encoded for the first time, from its beginning and without a seam at the end."""

import re
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError
from pynamodb.exceptions import PynamoDBException

from functions.catalogue import layout, making, store, work
from functions.catalogue.film import Failure
from functions.delivery import signing
from functions.operations import encoding as encodings_again
from tests.unit import clients
from tests.unit.http import encodings
from tests.unit.http.conftest import Api

MANIFEST_MISSING = {"errors": {"non_field_errors": ["Video manifest not found."]}}
SEGMENT_MISSING = {"errors": {"non_field_errors": ["Video segment not found."]}}
LOW = "/api/video/{id}/480p/index.m3u8"
MASTER = "/api/video/{id}/master.m3u8"


def lines(answer) -> list[str]:
    assert answer.status_code == 200, answer.body
    return answer.body.decode().splitlines()


def segments(answer) -> list[str]:
    return [line for line in lines(answer) if not line.startswith("#")]


def tags(answer) -> dict[str, str]:
    return {line.partition(":")[0]: line.partition(":")[2] for line in lines(answer) if line.startswith("#EXT-")}


class TestWhileItIsMade:
    def test_there_is_nothing_before_the_first_segment(self, api: Api) -> None:
        film = encodings.encoding(api)
        for path in (LOW, MASTER):
            answer = api.get(path.format(id=film.id), who="owner")
            assert (answer.status_code, answer.json_body) == (404, MANIFEST_MISSING)
        answer = api.get(f"/api/{film.id}/480p/000.ts", who="owner")
        assert (answer.status_code, answer.json_body) == (404, SEGMENT_MISSING)

    def test_the_playlist_is_an_event_that_lists_what_can_be_fetched(self, api: Api) -> None:
        film = encodings.encoding(api)
        encodings.stored(film, 0, _480=1, _720=1)
        answer = api.get(LOW.format(id=film.id), who="owner")
        assert answer.headers["Content-Type"] == "application/vnd.apple.mpegurl"
        assert answer.headers["Cache-Control"] == "private, no-cache", "a player's next look must reach us"
        found = tags(answer)
        assert found["#EXT-X-PLAYLIST-TYPE"] == "EVENT"
        assert found["#EXT-X-START"] == "TIME-OFFSET=0", "or players begin with the newest segment"
        assert "#EXT-X-ENDLIST" not in found
        address = signing.media_url(layout.segment_key(film.id, film.version, "480p", "000.ts"), lasts=20.02)
        assert segments(answer) == [address]
        assert "#EXTINF:2.002000," in lines(answer)

    def test_it_only_grows_and_never_changes_what_it_said(self, api: Api) -> None:
        film = encodings.encoding(api)
        encodings.stored(film, 1, _480=1, _720=1)  # finished out of order: nobody may see it yet
        assert api.get(LOW.format(id=film.id), who="owner").status_code == 404
        before: list[str] = []
        for count, chunk in ((1, 0), (3, 0)):
            encodings.stored(film, chunk, _480=min(count, 2), _720=1)
            now = lines(api.get(LOW.format(id=film.id), who="owner"))
            assert now[: len(before)] == before
            assert len([line for line in now if line.startswith("#EXTINF")]) == count
            before = now
        assert "#EXT-X-TARGETDURATION:7" in before

    def test_a_player_that_asks_again_gets_what_is_new_and_else_nothing(self, api: Api) -> None:
        film = encodings.encoding(api)
        encodings.stored(film, 0, _480=1, _720=1)
        for path in (LOW, "/api/{id}/1080p/index.m3u8"):
            tag = api.get(path.format(id=film.id), who="owner").headers["ETag"]
            assert api.get(path.format(id=film.id), who="owner", If_None_Match=tag).status_code == 304
        tag = api.get(LOW.format(id=film.id), who="owner").headers["ETag"]
        encodings.stored(film, 0, _480=2, _720=1)
        again = api.get(LOW.format(id=film.id), who="owner", If_None_Match=tag)
        assert len(segments(again)) == 2

    @pytest.mark.parametrize(("asked", "served"), [("480p", "480p"), ("720p", "720p"), ("1080p", "720p")])
    def test_the_three_usual_sizes_answer_as_they_will_later(self, api: Api, asked: str, served: str) -> None:
        film = encodings.encoding(api)
        encodings.stored(film, 0, _480=2, _720=1)
        path = f"/api/video/{film.id}/{asked}/index.m3u8"
        assert f"/{film.version}/{served}/000.ts?" in segments(api.get(path, who="owner"))[0]

    def test_a_size_is_not_replaced_by_a_lower_one_while_it_has_no_segment(self, api: Api) -> None:
        """The player would go on with other pictures under the same address."""
        film = encodings.encoding(api)
        encodings.stored(film, 0, _480=2)
        assert api.get(f"/api/video/{film.id}/720p/index.m3u8", who="owner").status_code == 404
        assert api.get(MASTER.format(id=film.id), who="owner").status_code == 404, "it would name what is missing"

    def test_the_status_says_when_it_plays(self, api: Api) -> None:
        film = encodings.encoding(api)
        status = f"/api/video/{film.id}/status/"
        assert not api.get(status, who="owner").json_body["playable"]
        encodings.stored(film, 0, _480=1)
        assert not api.get(status, who="owner").json_body["playable"], "the other size does not begin yet"
        encodings.stored(film, 0, _480=1, _720=1)
        assert api.get(status, who="owner").json_body["playable"]
        encodings.publish(film)
        assert api.get(status, who="owner").json_body["playable"]
        encodings_again.start(film.id)
        assert api.get(status, who="owner").json_body["playable"], "viewers keep what there is"

    def test_odd_names_are_refused_as_ever(self, api: Api) -> None:
        film = encodings.encoding(api)
        encodings.stored(film, 0, _480=1, _720=1)
        assert api.get(f"/api/video/{film.id}/huge/index.m3u8", who="owner").status_code == 400
        assert api.get(f"/api/video/{film.id}/360p/index.m3u8", who="owner").status_code == 404
        assert api.get(f"/api/video/{film.id}/480p/0.ts", who="owner").status_code == 400

    def test_the_multivariant_playlist_says_what_is_known(self, api: Api) -> None:
        film = encodings.encoding(api)
        encodings.stored(film, 0, _480=1, _720=1)
        found = lines(api.get(MASTER.format(id=film.id), who="owner"))
        assert (
            '#EXT-X-STREAM-INF:BANDWIDTH=3000000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=854x480,FRAME-RATE=23.976'
        ) in found, "no average: nobody knows it yet"
        for uri, name in zip([line for line in found if not line.startswith("#")], ["480p", "720p"], strict=True):
            assert f"/{name}/000.ts?" in segments(api.get(uri, who="owner"))[0]

    def test_segments_come_through_as_far_as_they_are_stored(self, api: Api) -> None:
        film = encodings.encoding(api)
        encodings.stored(film, 0, _480=1, _720=1)
        encodings.store_object(film, "480p/000.ts", b"first")
        encodings.store_object(film, "480p/001.ts", b"half of it")
        answer = api.get(f"/api/{film.id}/480p/000.ts", who="owner")
        assert (answer.status_code, answer.body) == (200, b"first")
        answer = api.get(f"/api/{film.id}/480p/001.ts", who="owner")
        assert (answer.status_code, answer.json_body) == (404, SEGMENT_MISSING)
        headers = {"Authorization": f"Bearer {api.token('owner')}"}
        redirect = api.client.http.get(f"/api/{film.id}/480p/000.ts", headers=headers)
        assert redirect.headers["Location"] == segments(api.get(LOW.format(id=film.id), who="owner"))[0]

    @pytest.mark.parametrize(
        ("who", "published", "hidden"),
        [(None, 401, 401), ("owner", 200, 200), ("other", 200, 404), ("staff", 200, 200)],
    )
    def test_only_those_who_may_see_the_film_get_anything_of_it(
        self, api: Api, who: str | None, *, published: int, hidden: int
    ) -> None:
        for key, is_published, status in (("a.mp4", True, published), ("b.mp4", False, hidden)):
            film = encodings.encoding(api, key, published=is_published)
            encodings.stored(film, 0, _480=1, _720=1)
            encodings.store_object(film, "480p/000.ts")
            for path in (LOW, MASTER, "/api/{id}/480p/000.ts"):
                answer = api.get(path.format(id=film.id), who=who)
                assert answer.status_code == status, path
                assert status == 200 or b"X-Amz" not in answer.body


class TestTroubles:
    def test_a_chunk_that_is_made_again_takes_nothing_back(self, api: Api) -> None:
        film = encodings.encoding(api)
        encodings.stored(film, 0, worker="first", _480=2, _720=2)
        assert making.begin_chunk(film.id, film.version, 0, "second")
        assert len(segments(api.get(LOW.format(id=film.id), who="owner"))) == 2

    def test_an_attempt_that_is_given_up_takes_nothing_back(self, api: Api) -> None:
        film = encodings.encoding(api)
        encodings.stored(film, 0, _480=2, _720=2)
        assert work.release(film.id, film.version, film.execution, retry_in=60, reason="a passing trouble")
        assert len(segments(api.get(LOW.format(id=film.id), who="owner"))) == 2

    def test_a_film_that_failed_has_no_playlist(self, api: Api) -> None:
        film = encodings.encoding(api)
        encodings.stored(film, 0, _480=2, _720=2)
        why = Failure(code="broken", message="It is broken.", step="encode")
        assert work.fail(film.id, film.version, why, execution=film.execution)
        assert api.get(LOW.format(id=film.id), who="owner").json_body == MANIFEST_MISSING

    def test_a_film_that_is_encoded_again_keeps_serving_its_published_version(self, api: Api) -> None:
        film = encodings.ready(api)
        again = encodings_again.start(film.id)
        again = encodings.prepared(store.get(film.id) or again)
        encodings.stored(again, 0, _480=2, _720=2)
        answer = api.get(LOW.format(id=film.id), who="owner")
        assert len(segments(answer)) == 4
        assert all(f"/{film.version}/" in address for address in segments(answer))
        assert api.get(MASTER.format(id=film.id), who="owner").status_code == 200

    def test_a_film_that_becomes_ready_at_this_moment_is_found(self, api: Api, monkeypatch) -> None:
        """Published and its making forgotten, between the two reads of one request."""
        film = encodings.encoding(api)
        encodings.stored(film, 0, _480=2, _720=2)
        look = making.look

        def hooked(film_id: int, version: str):
            monkeypatch.setattr(making, "look", look)
            encodings.publish(film)
            return look(film_id, version)

        monkeypatch.setattr(making, "look", hooked)
        assert len(segments(api.get(LOW.format(id=film.id), who="owner"))) == 4

    def test_a_film_whose_making_is_being_removed_at_this_moment_is_found(self, api: Api, monkeypatch) -> None:
        """A long film's making goes in several calls: half of it would be a playlist that has shrunk."""
        starts = tuple(range(0, 30 * 48, 48))
        long = replace(encodings.DRAFT, frames=30 * 48, starts=starts, chunks=tuple(range(30)))
        film = encodings.encoding(api, draft=long)
        for chunk in range(30):
            encodings.stored(film, chunk, _480=1, _720=1)
        look, calls = making.look, []

        def interrupted(operation: str, _arguments: dict) -> None:
            calls.append(operation)
            if calls.count("DeleteItem") + calls.count("BatchWriteItem") > 1:
                raise ClientError({"Error": {"Code": "InternalServerError"}}, operation)

        def hooked(film_id: int, version: str):
            monkeypatch.setattr(making, "look", look)
            assert film.execution
            assert work.publish(film_id, version, film.execution, encodings.outcome(long))
            with monkeypatch.context() as dying:
                clients.before_each_call(dying, interrupted)
                with pytest.raises(PynamoDBException):
                    making.forget(film_id, version)
            return look(film_id, version)

        monkeypatch.setattr(making, "look", hooked)
        assert len(segments(api.get(LOW.format(id=film.id), who="owner"))) == 30


class TestTheEnd:
    def test_to_the_playlist_that_players_know_only_the_end_is_added(self, api: Api) -> None:
        film = encodings.encoding(api)
        encodings.stored(film, 0, _480=2, _720=2)
        encodings.stored(film, 1, _480=1, _720=1)
        before = lines(api.get(LOW.format(id=film.id), who="owner"))
        encodings.publish(film)
        after = lines(api.get(LOW.format(id=film.id), who="owner"))
        assert after[: len(before)] == before
        assert after[-1] == "#EXT-X-ENDLIST"
        assert len([line for line in after if "/480p/" in line]) == 4

    def test_a_player_that_polls_notices_the_end(self, api: Api) -> None:
        film = encodings.encoding(api)
        for chunk in (0, 1):
            encodings.stored(film, chunk, _480=2, _720=2)
        tag = api.get(LOW.format(id=film.id), who="owner").headers["ETag"]
        encodings.publish(film)
        assert api.get(LOW.format(id=film.id), who="owner", If_None_Match=tag).status_code == 200

    def test_later_it_is_a_playlist_like_any_other(self, api: Api, monkeypatch) -> None:
        film = encodings.ready(api)
        api.token("owner")
        later = signing.window_start() + signing.WINDOW
        monkeypatch.setattr(signing, "window_start", lambda: later)
        found = tags(api.get(LOW.format(id=film.id), who="owner"))
        assert found["#EXT-X-PLAYLIST-TYPE"] == "VOD"
        assert "#EXT-X-START" not in found
        average = re.search(r"AVERAGE-BANDWIDTH=(\d+)", api.get(MASTER.format(id=film.id), who="owner").body.decode())
        assert average
        assert int(average[1]) == 750_000
