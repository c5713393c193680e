"""Playlists and segments, as players and existing frontends ask for them."""

import itertools
import math
import re

import pytest

from functions.catalogue import layout, store
from functions.delivery import segments, signing
from tests.unit import clients
from tests.unit.http.conftest import FRONTEND, HIGH, LOW, MIDDLE, Api, Films, rendition

MANIFEST_MISSING = {"errors": {"non_field_errors": ["Video manifest not found."]}}
SEGMENT_MISSING = {"errors": {"non_field_errors": ["Video segment not found."]}}
UNAUTHENTICATED = {"errors": {"non_field_errors": ["Authentication credentials were not provided."]}}

MEDIA = ["/api/video/{id}/480p/index.m3u8", "/api/{id}/480p/index.m3u8", "/api/video/{id}/master.m3u8"]
SEGMENTS = ["/api/video/{id}/480p/000.ts", "/api/{id}/480p/000.ts", "/api/{id}/480p/000.ts/"]
EVERYTHING = [*MEDIA, *SEGMENTS, "/api/video/{id}/status"]


def store_segment(film, name: str = "000.ts", body: bytes = b"0123456789", rung: str = "480p") -> None:
    key = layout.segment_key(film.id, film.published_version, rung, name)
    clients.client("s3").put_object(Bucket="videoflix-media", Key=key, Body=body, ContentType="video/MP2T")


def lines(answer) -> list[str]:
    return answer.body.decode().splitlines()


class TestWhoGetsWhat:
    """Every route, every kind of caller: an unpublished film is as good as none to a stranger."""

    @pytest.mark.parametrize(
        ("who", "published", "hidden"),
        [(None, 401, 401), ("owner", 200, 200), ("other", 200, 404), ("staff", 200, 200)],
    )
    def test_only_those_who_may_see_a_film_get_anything_of_it(
        self, api: Api, films: Films, who: str | None, *, published: int, hidden: int
    ) -> None:
        for film, status in ((films.ready(published=True), published), (films.ready(published=False), hidden)):
            store_segment(film)
            for path in EVERYTHING:
                answer = api.get(path.format(id=film.id), who=who)
                assert answer.status_code == status, path
                if status == 401:
                    assert answer.json_body == UNAUTHENTICATED
                    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
                if status != 200:
                    assert b"X-Amz" not in answer.body
                    assert "ETag" not in answer.headers

    @pytest.mark.parametrize("who", [None, "owner", "other", "staff"])
    def test_a_film_that_does_not_exist_looks_like_one_that_is_hidden(
        self, api: Api, films: Films, who: str | None
    ) -> None:
        hidden = films.ready(published=False)
        for path in EVERYTHING:
            missing = api.get(path.format(id=999), who=who)
            assert missing.status_code == (401 if who is None else 404)
            if who == "other":
                assert missing.body == api.get(path.format(id=hidden.id), who=who).body

    def test_an_id_that_is_no_number_is_not_found(self, api: Api) -> None:
        """Not a 500, whatever is written there."""
        odd_ids = ["0", "-1", "01", "1.0", "9" * 17, "9" * 400, "%00", "%C3%28", "x", "\u0661", "1%20", "None", "1;2"]
        for path, odd in itertools.product(EVERYTHING, odd_ids):
            assert api.get(path.format(id=odd), who="other").status_code == 404

    def test_a_waiting_film_has_no_playlist_yet(self, api: Api, films: Films) -> None:
        film = films.waiting()
        for path in MEDIA:
            answer = api.get(path.format(id=film.id), who="owner")
            assert (answer.status_code, answer.json_body) == (404, MANIFEST_MISSING)
        answer = api.get(f"/api/{film.id}/480p/000.ts", who="owner")
        assert (answer.status_code, answer.json_body) == (404, SEGMENT_MISSING)

    def test_checks_come_in_the_contracts_order(self, api: Api, films: Films) -> None:
        """401, 404, 400: a stranger must not learn from a 400 that a hidden film exists."""
        film = films.ready(published=False)
        assert api.get(f"/api/video/{film.id}/huge/index.m3u8").status_code == 401
        assert api.get(f"/api/video/{film.id}/huge/index.m3u8", who="other").json_body == MANIFEST_MISSING
        assert api.get(f"/api/video/{film.id}/huge/index.m3u8", who="owner").status_code == 400
        assert api.get(f"/api/video/{film.id}/480p/x.mp4", who="other").json_body == SEGMENT_MISSING


class TestMediaPlaylist:
    """RFC 8216, and what the contract adds."""

    def test_it_is_a_valid_vod_playlist_of_absolute_signed_urls(
        self, api: Api, films: Films, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        film = films.ready(rendition("480p", 854, 480, segments=(6.0, 6.006006, 2.502522)))
        api.token("other")
        # just finished, it would still be the EVENT that players may know (test_first_play.py)
        later = signing.window_start() + signing.WINDOW
        monkeypatch.setattr(signing, "window_start", lambda: later)
        answer = api.get(f"/api/video/{film.id}/480p/index.m3u8", who="other")
        assert answer.headers["Content-Type"] == "application/vnd.apple.mpegurl"
        found = lines(answer)
        assert found[0] == "#EXTM3U"
        assert found[-1] == "#EXT-X-ENDLIST"
        tags = {line.partition(":")[0]: line.partition(":")[2] for line in found if line.startswith("#EXT-")}
        assert tags["#EXT-X-PLAYLIST-TYPE"] == "VOD"
        assert int(tags["#EXT-X-VERSION"]) >= 3
        durations = [float(line[8:].rstrip(",")) for line in found if line.startswith("#EXTINF:")]
        assert durations == [6.0, 6.006006, 2.502522]
        assert int(tags["#EXT-X-TARGETDURATION"]) == math.ceil(max(durations))
        prefix = f"http://127.0.0.1:4566/videoflix-media/{film.id}/{film.published_version}/480p/"
        urls = [line for line in found if not line.startswith("#")]
        assert [url.partition("?")[0] for url in urls] == [f"{prefix}{number:03d}.ts" for number in range(3)]
        assert all("X-Amz-Signature=" in url for url in urls)

    @pytest.mark.parametrize(
        ("made", "asked", "served"),
        [
            ((LOW, MIDDLE, HIGH), "720p", "720p"),
            ((LOW, MIDDLE), "1080p", "720p"),
            ((LOW,), "1080p", "480p"),
            ((LOW,), "720p", "480p"),
            ((rendition("240p", 426, 240),), "480p", "240p"),
            ((HIGH,), "480p", "1080p"),
        ],
    )
    def test_the_three_usual_sizes_always_answer(self, api: Api, films: Films, made, asked: str, served: str) -> None:
        """Frontends offer 480p, 720p and 1080p for every film, however small its source is."""
        film = films.ready(*made)
        first = next(line for line in lines(api.get(f"/api/{film.id}/{asked}/index.m3u8", who="other")) if "?" in line)
        assert f"/{film.published_version}/{served}/000.ts?" in first
        store_segment(film, rung=served)
        assert api.get(f"/api/{film.id}/{asked}/000.ts", who="other").status_code == 200

    def test_a_malformed_resolution_is_refused_without_echo(self, api: Api, films: Films) -> None:
        film = films.ready()
        for odd in ("4k", "480", "480P", "p", "48000p", "480p%20", "\u0664\u0668\u0660p", "480p%0A", "<b>"):
            answer = api.get(f"/api/video/{film.id}/{odd}/index.m3u8", who="other")
            assert answer.status_code == 400
            assert answer.json_body == {
                "errors": {"resolution": ["Invalid resolution format. Use e.g. 480p, 720p, 1080p."]}
            }

    def test_a_size_that_nobody_offers_is_not_found(self, api: Api, films: Films) -> None:
        answer = api.get(f"/api/video/{films.ready().id}/360p/index.m3u8", who="other")
        assert (answer.status_code, answer.json_body) == (404, MANIFEST_MISSING)


class TestMultivariantPlaylist:
    def test_it_lists_every_rendition_with_true_attributes_lowest_first(self, api: Api, films: Films) -> None:
        film = films.ready(HIGH, LOW, MIDDLE)
        found = lines(api.get(f"/api/video/{film.id}/master.m3u8", who="other"))
        assert found[0] == "#EXTM3U"
        attributes = [line for line in found if line.startswith("#EXT-X-STREAM-INF:")]
        assert attributes[0] == (
            "#EXT-X-STREAM-INF:BANDWIDTH=1440000,AVERAGE-BANDWIDTH=960000,"
            'CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=854x480,FRAME-RATE=23.976'
        )
        assert [re.search(r"RESOLUTION=\d+x(\d+)", line)[1] for line in attributes] == ["480", "720", "1080"]

    def test_each_uri_leads_to_that_renditions_playlist(self, api: Api, films: Films) -> None:
        film = films.ready(LOW, MIDDLE)
        found = lines(api.get(f"/api/video/{film.id}/master.m3u8/", who="other"))
        for uri, name in zip([line for line in found if not line.startswith("#")], ["480p", "720p"], strict=True):
            assert uri.startswith("/"), "relative to the spelling with a slash at the end it would lead elsewhere"
            assert f"/{name}/000.ts?" in api.get(uri, who="other").body.decode()


class TestConditionalRequests:
    def test_what_has_not_changed_is_not_sent_again(self, api: Api, films: Films) -> None:
        film = films.ready()
        store_segment(film)
        for path in [*MEDIA, *SEGMENTS]:
            first = api.get(path.format(id=film.id), who="other")
            etag = first.headers["ETag"]
            assert first.headers["Cache-Control"] == "private, no-cache"
            for sent in (etag, f"W/{etag}", f'"x", {etag}', "*"):
                again = api.get(path.format(id=film.id), who="other", If_None_Match=sent)
                assert (again.status_code, again.body, again.headers["ETag"]) == (304, b"", etag)
            assert api.get(path.format(id=film.id), who="other", If_None_Match='"x"').status_code == 200

    def test_a_playlist_changes_with_the_window_of_its_urls(self, api: Api, films: Films, monkeypatch) -> None:
        """A 304 after the URLs died would leave a player with dead ones."""
        film = films.ready()
        api.token("other")
        path = MEDIA[0].format(id=film.id)
        now = signing.window_start()
        monkeypatch.setattr(signing, "window_start", lambda: now)
        first = api.get(path, who="other")
        assert api.get(path, who="other").body == first.body
        monkeypatch.setattr(signing, "window_start", lambda: now + signing.WINDOW)
        second = api.get(path, who="other", If_None_Match=first.headers["ETag"])
        assert second.status_code == 200
        assert second.body != first.body

    def test_nobody_gets_a_304_for_what_they_may_not_see(self, api: Api, films: Films) -> None:
        film = films.ready(published=True)
        etag = api.get(MEDIA[0].format(id=film.id), who="other").headers["ETag"]
        hidden = films.ready(published=False)
        assert api.get(MEDIA[0].format(id=hidden.id), who="other", If_None_Match="*").status_code == 404
        assert api.get(MEDIA[0].format(id=film.id), If_None_Match=etag).status_code == 401


class TestSegment:
    def test_bytes_come_through(self, api: Api, films: Films) -> None:
        film = films.ready()
        store_segment(film, body=bytes(range(256)))
        answer = api.get(f"/api/video/{film.id}/480p/000.ts", who="other", Origin=FRONTEND)
        assert answer.status_code == 200
        assert answer.body == bytes(range(256))
        assert answer.headers["Content-Type"] == "video/MP2T"
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert answer.headers["Access-Control-Allow-Origin"] == FRONTEND

    def test_a_range_is_honoured(self, api: Api, films: Films) -> None:
        film = films.ready()
        store_segment(film)
        for sent, body, content_range in (
            ("bytes=2-4", b"234", "bytes 2-4/10"),
            ("bytes=7-", b"789", "bytes 7-9/10"),
            ("bytes=-2", b"89", "bytes 8-9/10"),
            ("bytes=8-99", b"89", "bytes 8-9/10"),
        ):
            answer = api.get(f"/api/{film.id}/480p/000.ts", who="other", Range=sent)
            assert (answer.status_code, answer.body) == (206, body)
            assert answer.headers["Content-Range"] == content_range

    def test_a_range_that_cannot_be_read_is_ignored(self, api: Api, films: Films) -> None:
        film = films.ready()
        store_segment(film)
        for sent in ("bytes=4-2", "bytes=0-1,4-5", "bytes=-", "chunks=0-1", "bytes=a-b", "x" * 500):
            answer = api.get(f"/api/{film.id}/480p/000.ts", who="other", Range=sent)
            assert (answer.status_code, answer.body) == (200, b"0123456789")

    def test_a_range_beyond_the_end_says_how_long_the_segment_is(self, api: Api, films: Films) -> None:
        film = films.ready()
        store_segment(film)
        answer = api.get(f"/api/{film.id}/480p/000.ts", who="other", Range="bytes=10-")
        assert answer.status_code == 416
        assert answer.headers["Content-Range"] == "bytes */10"
        assert list(answer.json_body) == ["errors"]

    def test_a_range_of_something_that_has_changed_gives_the_whole(self, api: Api, films: Films) -> None:
        film = films.ready()
        store_segment(film)
        path = f"/api/{film.id}/480p/000.ts"
        etag = api.get(path, who="other").headers["ETag"]
        assert api.get(path, who="other", Range="bytes=0-1", If_Range=etag).body == b"01"
        assert api.get(path, who="other", Range="bytes=0-1", If_Range='"old"').body == b"0123456789"

    def test_a_segment_too_large_for_a_lambda_is_a_redirect_to_storage(
        self, api: Api, films: Films, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(segments, "LARGEST", 9)
        film = films.ready()
        store_segment(film)
        path = f"/api/{film.id}/480p/000.ts"
        answer = api.get(path, who="other")
        assert (answer.status_code, answer.body) == (307, b"")
        key = layout.segment_key(film.id, film.published_version, "480p", "000.ts")
        assert answer.headers["Location"] == signing.media_url(key, lasts=film.duration)
        assert answer.headers["Cache-Control"] == "no-store"
        assert api.get(path, who="other", Range="bytes=0-8").status_code == 206

    def test_a_client_that_the_gateway_would_send_base64_is_redirected(self, api: Api, films: Films) -> None:
        film = films.ready()
        store_segment(film)
        headers = {"Authorization": f"Bearer {api.token('other')}"}
        answer = api.client.http.get(f"/api/{film.id}/480p/000.ts", headers=headers)
        assert answer.status_code == 307

    def test_the_largest_answer_fits_lambdas_limit(self) -> None:
        assert segments.LARGEST * 4 / 3 + 64 * 1024 < 6 * 1024 * 1024

    def test_a_malformed_name_is_refused(self, api: Api, films: Films) -> None:
        film = films.ready()
        for odd in ("x.ts", "000.mp4", "000", "0.ts", "00.ts", "0000000.ts", "000.ts%20", "..%2F000.ts", "000.tsx"):
            answer = api.get(f"/api/video/{film.id}/480p/{odd}", who="other")
            assert answer.status_code == 400
            assert answer.json_body == {"errors": {"segment": ["Invalid segment name. Use e.g. 000.ts."]}}

    def test_a_segment_that_the_film_does_not_have_is_not_found(self, api: Api, films: Films) -> None:
        film = films.ready()
        for path in ("480p/003.ts", "480p/999.ts", "480p/0000.ts", "360p/000.ts"):
            answer = api.get(f"/api/video/{film.id}/{path}", who="other")
            assert (answer.status_code, answer.json_body) == (404, SEGMENT_MISSING)

    def test_a_segment_that_storage_has_lost_is_not_found(self, api: Api, films: Films) -> None:
        answer = api.get(f"/api/video/{films.ready().id}/480p/000.ts", who="other")
        assert (answer.status_code, answer.json_body) == (404, SEGMENT_MISSING)


def test_a_film_that_is_encoded_again_stays_playable(api: Api, films: Films) -> None:
    """While a replacement is being made, viewers get the version that was published."""
    film = films.ready()
    assert store.get(film.id).published_version == film.published_version
    assert api.get(MEDIA[0].format(id=film.id), who="other").status_code == 200
