"""Captions through the API: put, listed, read, in the playlists, removed; and who may do that."""

import re
from datetime import timedelta

import pytest

from functions.captions import keeping, reading
from functions.catalogue import clock, deletion, layout, retirement, store
from functions.catalogue.film import Film
from functions.delivery import signing
from tests.unit import clients
from tests.unit.http.conftest import Api, Films

VTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\n<b>Hallo</b>\n"
SRT = b"1\r\n00:00:01,000 --> 00:00:02,000\r\nHello\r\n"
MISSING = {"errors": {"non_field_errors": ["Captions not found."]}}


@pytest.fixture
def film(films: Films) -> Film:
    return films.ready(published=True)


def put(api: Api, film: Film, language: str, body: bytes = VTT, *, who: str | None = "owner", kind: str = "text/vtt"):
    return api.call("PUT", f"/api/video/{film.id}/captions/{language}/", who=who, body=body, Content_Type=kind)


def master(api: Api, film: Film, **how: str):
    return api.get(f"/api/video/{film.id}/master.m3u8", who="other", **how)


def stored(film: Film) -> list[str]:
    found = clients.client("s3").list_objects_v2(Bucket="videoflix-media", Prefix=f"{film.id}/captions-")
    return [entry["Key"] for entry in found.get("Contents", [])]


def test_captions_are_put_listed_and_read(api: Api, film: Film) -> None:
    answer = put(api, film, "DE")
    assert answer.status_code == 201
    shown = answer.json_body
    assert (shown["language"], shown["name"], shown["cues"]) == ("de", "Deutsch", 1)
    assert put(api, film, "pt-br", SRT, kind="application/x-subrip").json_body["language"] == "pt-BR"
    listed = api.get(f"/api/video/{film.id}/captions/", who="other").json_body
    assert [entry["language"] for entry in listed] == ["de", "pt-BR"]
    assert listed[0] == shown
    path = shown["url"].removeprefix("http://127.0.0.1:8000")
    read = api.get(path, who="other")
    assert read.headers["Content-Type"].startswith("text/vtt")
    assert "00:00:01.000 --> 00:00:02.000\n<b>Hallo</b>" in read.body.decode()
    assert api.get(path, who="other", If_None_Match=read.headers["ETag"]).status_code == 304


def test_captions_that_are_put_again_take_the_place_of_the_former(api: Api, film: Film) -> None:
    put(api, film, "de")
    again = put(api, film, "ger", VTT.replace(b"Hallo", b"Guten Tag"))
    assert again.status_code == 200
    assert b"Guten Tag" in api.get(f"/api/video/{film.id}/captions/de/", who="other").body
    assert len(api.get(f"/api/video/{film.id}/captions/", who="other").json_body) == 1


class TestPlaylists:
    def test_the_multivariant_playlist_offers_every_language(self, api: Api, film: Film) -> None:
        put(api, film, "de")
        put(api, film, "de-AT", SRT)
        put(api, film, "qaa", SRT)
        lines = master(api, film).body.decode().splitlines()
        media = [line for line in lines if line.startswith("#EXT-X-MEDIA:")]
        assert media[0] == (
            '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="Deutsch",LANGUAGE="de",'
            f'DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI="/api/video/{film.id}/captions/de/index.m3u8"'
        )
        assert [re.search('NAME="(.*?)"', line)[1] for line in media] == ["Deutsch", "Deutsch (AT)", "qaa"]
        streams = [line for line in lines if line.startswith("#EXT-X-STREAM-INF:")]
        assert streams
        assert all(line.endswith(',SUBTITLES="captions"') for line in streams)

    def test_two_languages_of_one_name_are_told_apart(self, api: Api, film: Film) -> None:
        """RFC 8216, section 4.3.4.1.1; a player would show one of them only."""
        put(api, film, "nd")
        put(api, film, "nr", SRT)
        names = re.findall('NAME="(.*?)"', master(api, film).body.decode())
        assert len(set(names)) == 2

    def test_without_captions_there_is_no_group(self, api: Api, film: Film) -> None:
        assert b"SUBTITLES" not in master(api, film).body

    def test_a_language_has_a_playlist_of_one_signed_segment_as_long_as_the_film(self, api: Api, film: Film) -> None:
        put(api, film, "de")
        uri = re.search('URI="(.*?)"', master(api, film).body.decode())[1]
        answer = api.get(uri, who="other")
        assert answer.headers["Content-Type"] == "application/vnd.apple.mpegurl"
        lines = answer.body.decode().splitlines()
        assert lines[0] == "#EXTM3U"
        assert lines[-1] == "#EXT-X-ENDLIST"
        assert "#EXT-X-TARGETDURATION:15" in lines
        assert f"#EXTINF:{film.duration:.6f}," in lines
        (url,) = [line for line in lines if not line.startswith("#")]
        (key,) = stored(film)
        assert url == signing.media_url(key, lasts=film.duration)
        assert api.get(uri, who="other", If_None_Match=answer.headers["ETag"]).status_code == 304

    def test_the_playlist_changes_when_captions_do(self, api: Api, film: Film) -> None:
        """A player that asks whether anything changed would never show them."""
        tags = [master(api, film).headers["ETag"]]
        for change in (lambda: put(api, film, "de"), lambda: put(api, film, "de", SRT), lambda: put(api, film, "en")):
            change()
            assert master(api, film, If_None_Match=tags[-1]).status_code == 200
            tags.append(master(api, film).headers["ETag"])
        api.call("DELETE", f"/api/video/{film.id}/captions/en/", who="owner")
        assert len(set(tags)) == len(tags)
        assert master(api, film).headers["ETag"] == tags[2], "what is offered is what was offered before"

    def test_a_film_that_is_not_ready_has_captions_but_no_playlist(self, api: Api, films: Films) -> None:
        film = films.waiting()
        assert put(api, film, "de").status_code == 201
        assert api.get(f"/api/video/{film.id}/captions/de/index.m3u8", who="owner").status_code == 404


class TestWhoMay:
    @pytest.mark.parametrize(
        ("who", "published", "hidden"),
        [(None, 401, 401), ("owner", 201, 201), ("other", 403, 404), ("staff", 201, 201)],
    )
    def test_only_owner_and_staff_put_and_delete(
        self, api: Api, films: Films, who, published: int, hidden: int
    ) -> None:
        for film, status in ((films.ready(published=True), published), (films.ready(published=False), hidden)):
            assert put(api, film, "de", who=who).status_code == status
            put(api, film, "de", who="owner")
            path = f"/api/video/{film.id}/captions/de/"
            assert api.call("DELETE", path, who=who).status_code == (204 if status == 201 else status)

    def test_captions_of_a_hidden_film_are_as_good_as_none_to_a_stranger(self, api: Api, films: Films) -> None:
        film = films.ready(published=False)
        put(api, film, "de")
        for path in ("", "de/", "de/index.m3u8", "en/", "nonsense-/"):
            answer = api.get(f"/api/video/{film.id}/captions/{path}", who="other")
            assert (answer.status_code, answer.json_body) == (
                404,
                {"errors": {"non_field_errors": ["Video not found."]}},
            )
            assert api.get(f"/api/video/{film.id}/captions/{path}").status_code == 401
            assert b"X-Amz" not in answer.body
        assert api.get(f"/api/video/{film.id}/captions/de/index.m3u8", who="staff").status_code == 200


class TestBadInput:
    def test_each_fault_is_said_and_nothing_is_lost(self, api: Api, film: Film) -> None:
        put(api, film, "de")
        for body, status, word in (
            (b"", 400, "neither"),
            (b"WEBVTT", 400, "no cues"),
            (VTT.replace(b"Hallo", b"\xe4"), 400, "UTF-8"),
            (b"WEBVTT\n\n00:01 --> 00:02\nx", 400, "Line 3"),
            (b"x" * (reading.LARGEST + 1), 413, "larger than"),
        ):
            answer = put(api, film, "de", body)
            assert answer.status_code == status
            assert word in answer.json_body["errors"]["captions"][0]
        assert b"Hallo" in api.get(f"/api/video/{film.id}/captions/de/", who="other").body

    def test_a_malformed_language_is_refused_without_echo(self, api: Api, film: Film) -> None:
        for tag in ("german", "de_DE", "%3Cb%3E", "x", "i-klingon", "d%C3%A9"):
            answer = put(api, film, tag)
            assert answer.status_code == 400
            assert answer.json_body == {"errors": {"language": ["Give a language tag such as de, en or pt-BR."]}}

    def test_a_form_or_json_is_told_to_send_the_file_itself(self, api: Api, film: Film) -> None:
        for kind in ("multipart/form-data; boundary=x", "application/json"):
            assert put(api, film, "de", kind=kind).status_code == 415

    def test_a_language_without_captions_is_not_found(self, api: Api, film: Film) -> None:
        for method, path in (("GET", "de/"), ("GET", "de/index.m3u8"), ("DELETE", "de/")):
            answer = api.call(method, f"/api/video/{film.id}/captions/{path}", who="owner")
            assert (answer.status_code, answer.json_body) == (404, MISSING)

    def test_a_film_has_captions_in_at_most_so_many_languages(self, api: Api, film: Film, monkeypatch) -> None:
        monkeypatch.setattr(keeping, "MOST", 2)
        assert [put(api, film, tag).status_code for tag in ("de", "en", "fr")] == [201, 201, 400]
        assert put(api, film, "de", SRT).status_code == 200

    def test_whoever_puts_without_end_is_slowed_down(self, api: Api, film: Film) -> None:
        for _ in range(60):
            put(api, film, "de")
        assert put(api, film, "de").status_code == 429


class TestTime:
    def test_a_new_encoding_keeps_them(self, api: Api, films: Films, film: Film) -> None:
        put(api, film, "de")
        before = store.get(film.id).captions
        clients.client("s3").put_object(Bucket="videoflix-uploads", Key=film.source.key, Body=b"x")
        answer = api.call("POST", f"/api/video/{film.id}/transcode/", who="owner")
        assert answer.status_code == 202, answer.json_body
        assert store.get(film.id).captions == before
        assert b'LANGUAGE="de"' in master(api, film).body

    def test_a_deleted_film_takes_them_along(self, api: Api, film: Film) -> None:
        put(api, film, "de")
        assert stored(film)
        deletion.delete(film.id)
        assert stored(film) == []
        assert put(api, film, "de").status_code == 404

    def test_replaced_text_goes_when_no_url_of_it_is_alive(self, api: Api, film: Film, monkeypatch) -> None:
        put(api, film, "de")
        put(api, film, "de", SRT)
        assert len(stored(film)) == 2, "players may be about to fetch the former one"
        now = clock.now()
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=3600 + film.duration + 1))
        retirement.sweep()
        kept = store.get(film.id).captions[0]
        assert stored(film) == [layout.captions_key(film.id, kept.version, "de")]

    def test_text_that_was_stored_and_never_named_goes_too(self, api: Api, film: Film, monkeypatch) -> None:
        """A function that dies between the two leaves nothing that is paid for for ever."""

        def die(*_: object) -> None:
            raise RuntimeError

        monkeypatch.setattr(store, "change", die)
        assert put(api, film, "de").status_code == 500
        monkeypatch.undo()
        assert len(stored(film)) == 1
        now = clock.now()
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=2))
        retirement.sweep()
        assert stored(film) == []

    def test_the_same_again_changes_nothing(self, api: Api, film: Film) -> None:
        put(api, film, "de")
        before = store.get(film.id)
        put(api, film, "de")
        assert store.get(film.id) == before
        assert len(stored(film)) == 1
