"""An upload in parts: what arrived, fresh addresses, put together or given up; and who may do any of it."""

import pytest
from chalice.test import HTTPResponse

from functions import aws
from functions.catalogue import store
from functions.catalogue.film import Film, State
from tests.unit.http.conftest import Api, Films
from tests.unit.http.uploading import BIG, BUCKET, MIB, announce, event, film_of, post, send, state

pytestmark = pytest.mark.usefixtures("many_uploads")


class TestParts:
    def big(self, api: Api) -> tuple[Film, HTTPResponse, list[dict]]:
        """A film in 13 parts; sent are all but the last two."""
        answer = announce(api, BIG)
        film = film_of(answer)
        return film, answer, send(film, answer, dict.fromkeys(range(1, 12), b"x" * (8 * MIB)))

    def test_an_interrupted_upload_goes_on_and_becomes_the_film(self, api: Api) -> None:
        film, answer, sent = self.big(api)
        path = f"/api/video/{film.id}/upload"
        arrived = api.get(f"{path}/parts/", who="owner").json_body
        assert (arrived["size"], arrived["part_size"], arrived["part_count"]) == (BIG, 8 * MIB, 13)
        assert [part["number"] for part in arrived["parts"]] == list(range(1, 12))
        early = post(
            api, f"{path}/complete/", {"parts": [*sent, {"number": 12, "etag": "a"}, {"number": 13, "etag": "b"}]}
        )
        assert early.json_body == {
            "errors": {"parts": ["Some parts have not arrived. Ask which have, and send the others."]}
        }
        fresh = post(api, f"{path}/parts/", {"numbers": [12, 13]}).json_body
        assert [part["number"] for part in fresh["parts"]] == [12, 13]
        assert "partNumber=12" in fresh["parts"][0]["url"]
        sent += send(film, answer, {12: b"x" * (8 * MIB), 13: b"x" * (5 * MIB)})
        done = post(api, f"{path}/complete/", {"parts": sent[::-1]})
        assert (done.status_code, done.json_body) == (200, {"detail": "Upload complete", "video_id": film.id})
        assert state(film) is State.QUEUED
        version = store.get(film.id).version
        again = post(api, f"{path}/complete/", {"parts": sent})
        assert (again.status_code, again.json_body) == (done.status_code, done.json_body)
        event(film)
        assert store.get(film.id).version == version
        assert post(api, f"{path}/abort/", {}).status_code == 200
        assert state(film) is State.QUEUED
        assert api.get(f"{path}/parts/", who="owner").status_code == 409

    def test_wrong_parts_lose_nothing(self, api: Api) -> None:
        film, answer, sent = self.big(api)
        sent += send(film, answer, {12: b"x" * (8 * MIB), 13: b"x" * (5 * MIB)})
        path = f"/api/video/{film.id}/upload/complete/"
        wrong = [{**sent[0], "etag": '"' + "0" * 32 + '"'}, *sent[1:]]
        for parts in (
            [], sent[1:], [*sent, sent[0]], wrong, "x", {"a": 1}, [1], [{"number": 1}], [{"number": "1", "etag": "a"}],
            [{"number": True, "etag": "a"}], [{"number": 1, "etag": "<b>"}], None,
        ):  # fmt: skip
            refused = post(api, path, {"parts": parts})
            assert refused.status_code == 400, parts
            assert list(refused.json_body["errors"]) == ["parts"]
        assert state(film) is State.UPLOADING
        assert post(api, path, {"parts": sent}).status_code == 200

    def test_more_bytes_than_announced_are_not_put_together(self, api: Api) -> None:
        film, answer, sent = self.big(api)
        sent += send(film, answer, {12: b"x" * (8 * MIB), 13: b"x" * (6 * MIB)})
        refused = post(api, f"/api/video/{film.id}/upload/complete/", {"parts": sent})
        assert refused.json_body == {"errors": {"parts": ["The parts are not as large as announced. Send them again."]}}

    def test_addresses_are_given_for_parts_that_exist(self, api: Api) -> None:
        film, _, _ = self.big(api)
        for numbers in ([0], [14], [-1], [1, 1], [], ["1"], [True], "1", None, {"1": 1}, list(range(20000))):
            refused = post(api, f"/api/video/{film.id}/upload/parts/", {"numbers": numbers})
            assert (refused.status_code, list(refused.json_body["errors"])) == (400, ["numbers"]), numbers

    def test_a_cancelled_upload_leaves_no_parts_and_a_film_that_says_so(self, api: Api) -> None:
        film, _, sent = self.big(api)
        for _ in range(2):
            answer = post(api, f"/api/video/{film.id}/upload/abort/", {})
            assert answer.json_body == {"detail": "Upload aborted", "video_id": film.id}
        assert not aws.s3().list_multipart_uploads(Bucket=BUCKET).get("Uploads")
        assert store.get(film.id).failure.code == "upload_cancelled"
        assert post(api, f"/api/video/{film.id}/upload/complete/", {"parts": sent}).status_code == 409

    def test_an_upload_that_storage_has_forgotten_is_over(self, api: Api) -> None:
        film, _, sent = self.big(api)
        left = aws.s3().list_multipart_uploads(Bucket=BUCKET)["Uploads"][0]
        aws.s3().abort_multipart_upload(Bucket=BUCKET, Key=left["Key"], UploadId=left["UploadId"])
        sent += [{"number": 12, "etag": "0" * 32}, {"number": 13, "etag": "0" * 32}]
        path = f"/api/video/{film.id}/upload"
        assert post(api, f"{path}/complete/", {"parts": sent}).status_code == 409
        assert post(api, f"{path}/parts/", {"numbers": [12]}).status_code == 409
        assert post(api, f"{path}/", {"size": BIG}).status_code == 201

    def test_beginning_again_forgets_the_parts_sent_so_far(self, api: Api) -> None:
        film, _, _ = self.big(api)
        assert post(api, f"/api/video/{film.id}/upload/", {"size": BIG}).status_code == 201
        assert len(aws.s3().list_multipart_uploads(Bucket=BUCKET)["Uploads"]) == 1
        assert api.get(f"/api/video/{film.id}/upload/parts/", who="owner").json_body["parts"] == []

    def test_a_film_in_one_piece_is_registered_when_its_sender_says_so(self, api: Api) -> None:
        """The storage's event may be late; who asks twice, or too early, breaks nothing."""
        film = film_of(announce(api))
        path = f"/api/video/{film.id}/upload/complete/"
        assert post(api, path, {}).status_code == 409
        aws.s3().put_object(Bucket=BUCKET, Key=film.source.key, Body=b"movie")
        assert post(api, path, {}).status_code == 200
        assert state(film) is State.QUEUED
        version = store.get(film.id).version
        event(film)
        assert post(api, path, {}).status_code == 200
        assert store.get(film.id).version == version
        assert api.get(f"/api/video/{film.id}/upload/parts/", who="owner").status_code == 409


STEPS = ["upload", "upload/complete", "upload/parts", "upload/abort"]


class TestAccess:
    @pytest.mark.parametrize("step", STEPS)
    def test_only_the_owner_and_staff_touch_an_upload(self, api: Api, films: Films, step: str) -> None:
        public, hidden = films.ready(published=True), films.ready(published=False)
        for film, expected in ((public, 403), (hidden, 404)):
            path = f"/api/video/{film.id}/{step}/"
            assert post(api, path, "not an object", who=None).status_code == 401
            assert post(api, path, "not an object", who="other").status_code == expected
            assert post(api, path, {"numbers": [1], "size": 5}, who="staff").status_code in (200, 201, 409, 400)
        assert post(api, f"/api/video/999/{step}/", {}, who="staff").status_code == 404
        assert store.get(public.id).source == public.source

    def test_which_parts_arrived_is_told_to_the_owner_only(self, api: Api, films: Films) -> None:
        film = films.ready(published=True)
        assert api.get(f"/api/video/{film.id}/upload/parts/", who="other").status_code == 403
        assert api.get(f"/api/video/{film.id}/upload/parts/", who="owner").status_code == 409

    @pytest.mark.parametrize("step", STEPS[1:])
    def test_a_film_that_expects_no_upload_says_so(self, api: Api, films: Films, step: str) -> None:
        film = films.ready()
        body = {"numbers": [1], "parts": [{"number": 1, "etag": "a"}]}
        assert post(api, f"/api/video/{film.id}/{step}/", body).status_code == (200 if "abort" in step else 409)
