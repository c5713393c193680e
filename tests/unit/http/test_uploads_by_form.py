"""The original's form, and a film that is uploaded again."""

from dataclasses import replace

import pytest

from functions import aws
from functions.catalogue import store
from functions.catalogue.film import State
from functions.transcoding import ingest
from tests.unit.http.conftest import Api, Films
from tests.unit.http.uploading import BIG, BUCKET, MIB, announce, event, film_of, form, post, send_form, state

pytestmark = pytest.mark.usefixtures("many_uploads")


class TestForm:
    @pytest.mark.parametrize("path", ["video", "videos"])
    def test_the_originals_form_replaces_the_content_under_the_same_id(self, api: Api, films: Films, path: str) -> None:
        film = films.ready()
        content = b"\r\n--\x00\xff\rmovie\n--b" * 1000
        answer = send_form(api, film, form(content), path=path)
        assert (answer.status_code, answer.json_body) == (201, {"detail": "Upload ok", "video_id": film.id})
        now = store.get(film.id)
        assert (now.state, now.title, now.published_version) == (State.QUEUED, film.title, film.published_version)
        assert now.source.key.startswith(f"api/{film.id}/")
        stored = aws.s3().get_object(Bucket=BUCKET, Key=now.source.key)
        assert (stored["Body"].read(), stored["ContentType"]) == (content, "video/mp4")
        event(now)
        assert store.get(film.id).version == now.version

    def test_a_form_without_a_usable_file_says_so_and_changes_nothing(self, api: Api, films: Films) -> None:
        film = films.ready()
        for body, sentence in (
            (form(b"x", name="other"), "No file was submitted."),
            (b"--b--\r\n", "No file was submitted."),
            (form(b""), "The submitted file is empty."),
            (form(b"x", filename=None), "The submitted data was not a file. Check the encoding type on the form."),
        ):
            answer = send_form(api, film, body)
            assert (answer.status_code, answer.json_body) == (400, {"errors": {"file": [sentence]}})
        for body, boundary in (
            (b"", "; boundary=b"),
            (b"\x00rubbish", "; boundary=b"),
            (form(b"x")[:-9], "; boundary=b"),
            (form(b"x"), ""),
        ):
            assert send_form(api, film, body, boundary=boundary).status_code == 400
        assert store.get(film.id) == film

    def test_a_request_that_is_too_large_names_the_other_way(self, api: Api, films: Films) -> None:
        answer = send_form(api, films.ready(), form(b"x" * (10 * MIB)))
        assert answer.status_code == 413
        assert "POST /api/video/" in answer.json_body["errors"]["non_field_errors"][0]

    def test_strangers_are_refused_before_the_form_is_read(self, api: Api, films: Films) -> None:
        film = films.ready(published=True)
        assert send_form(api, film, b"rubbish", who="other").status_code == 403
        assert store.get(film.id) == film

    def test_another_type_of_body_is_refused(self, api: Api, films: Films) -> None:
        path = f"/api/video/{films.ready().id}/upload/"
        assert api.call("POST", path, who="owner", body=b"x", Content_Type="video/mp4").status_code == 415

    def test_the_form_may_be_a_films_first_content(self, api: Api) -> None:
        film = film_of(announce(api, BIG))
        assert send_form(api, film, form(b"movie")).status_code == 201
        assert state(film) is State.QUEUED
        assert aws.s3().get_object(Bucket=BUCKET, Key=store.get(film.id).source.key)["Body"].read() == b"movie"
        assert not aws.s3().list_multipart_uploads(Bucket=BUCKET).get("Uploads")


class TestReplacing:
    def test_a_dropped_film_gets_new_content_and_the_old_file_goes(self, api: Api, films: Films) -> None:
        film = films.ready()
        old = aws.s3().put_object(Bucket=BUCKET, Key=film.source.key, Body=b"old")["ETag"].strip('"')
        film = store.change(film.id, lambda film: replace(film, source=replace(film.source, etag=old)))
        answer = post(api, f"/api/videos/{film.id}/upload", {"size": 5})
        key = answer.json_body["upload"]["fields"]["key"]
        assert store.get(film.id) == film
        aws.s3().put_object(Bucket=BUCKET, Key=key, Body=b"movie", Metadata={"title": "Forged", "publish": "false"})
        ingest.on_object(BUCKET, key, "01")
        now = store.get(film.id)
        assert (now.state, now.source.key, now.title, now.published) == (State.QUEUED, key, film.title, True)
        left = [entry["Key"] for entry in aws.s3().list_objects_v2(Bucket=BUCKET)["Contents"]]
        assert left == [key]

    def test_a_newer_file_that_was_dropped_at_this_moment_stays(self, api: Api, films: Films) -> None:
        """Its event is still on its way: it was deleted as the file that had been replaced."""
        film = films.ready()
        key = post(api, f"/api/video/{film.id}/upload/", {"size": 5}).json_body["upload"]["fields"]["key"]
        for name, body in ((key, b"movie"), (film.source.key, b"newer")):
            aws.s3().put_object(Bucket=BUCKET, Key=name, Body=body)
        ingest.on_object(BUCKET, key, "01")
        assert aws.s3().get_object(Bucket=BUCKET, Key=film.source.key)["Body"].read() == b"newer"

    def test_a_file_whose_film_was_deleted_meanwhile_is_removed(self, api: Api) -> None:
        film = film_of(announce(api))
        assert api.call("DELETE", f"/api/video/{film.id}/", who="owner").status_code == 204
        aws.s3().put_object(Bucket=BUCKET, Key=film.source.key, Body=b"movie")
        event(film)
        assert not aws.s3().list_objects_v2(Bucket=BUCKET).get("Contents")
        assert not list(store.all_films())

    def test_deleting_a_film_leaves_neither_parts_nor_files(self, api: Api, films: Films) -> None:
        in_parts, in_one_piece = film_of(announce(api, BIG)), film_of(announce(api))
        aws.s3().put_object(Bucket=BUCKET, Key=in_one_piece.source.key, Body=b"movie")
        for film in (in_parts, in_one_piece):
            assert api.call("DELETE", f"/api/video/{film.id}/", who="owner").status_code == 204
        assert not aws.s3().list_multipart_uploads(Bucket=BUCKET).get("Uploads")
        assert not aws.s3().list_objects_v2(Bucket=BUCKET).get("Contents")
