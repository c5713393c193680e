"""The way in of films through the API, against S3 as moto plays it (sizes and signatures: tests/integration)."""

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from chalice.test import HTTPResponse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from functions import aws, settings
from functions.catalogue import store
from functions.catalogue.film import Film, State
from functions.transcoding import ingest
from tests.unit.executions import orders
from tests.unit.http.conftest import Api, Films

BUCKET = "videoflix-uploads"
MIB = 1024 * 1024
BIG = 101 * MIB
SAID = {"title": "My <film>", "description": "d", "category": "drama", "publish": False, "filename": "f.mp4"}


@pytest.fixture(autouse=True)
def many_uploads(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("UPLOADS_PER_MINUTE", "1000")
    environment.setenv("UPLOADS_PER_DAY", "1000")
    settings.current.cache_clear()


def post(api: Api, path: str, body: object, who: str | None = "owner") -> HTTPResponse:
    return api.call("POST", path, who=who, body=json.dumps(body).encode(), Content_Type="application/json")


def announce(api: Api, size: object = 5, **said) -> HTTPResponse:
    return post(api, "/api/video/", {**SAID, "size": size, **said})


def film_of(answer: HTTPResponse) -> Film:
    assert answer.status_code == 201, answer.body
    film = store.get(answer.json_body["id"])
    assert film
    return film


def send(film: Film, answer: HTTPResponse, content: dict[int, bytes]) -> list[dict]:
    """PUT parts as a client does, without the signature, which moto does not check."""
    upload_id = parse_qs(urlsplit(answer.json_body["upload"]["parts"][0]["url"]).query)["uploadId"][0]
    where = {"Bucket": BUCKET, "Key": film.source.key, "UploadId": upload_id}
    return [
        {"number": number, "etag": aws.s3().upload_part(**where, PartNumber=number, Body=body)["ETag"]}
        for number, body in content.items()
    ]


def state(film: Film) -> State:
    now = store.get(film.id)
    assert now
    return now.state


def event(film: Film) -> None:
    ingest.on_object(BUCKET, film.source.key, "0A")


class TestAnnouncing:
    def test_a_small_film_gets_a_form_that_storage_itself_limits_to_its_size(self, api: Api) -> None:
        answer = announce(api, 1234, content_type="video/mp4")
        film, upload = film_of(answer), answer.json_body["upload"]
        assert (film.state, film.title, film.category, film.published) == (
            State.UPLOADING, "My ‹film›", "drama", False,  # noqa: RUF001
        )  # fmt: skip
        assert film.owner_id == api.person("owner").id
        assert upload["method"] == "POST"
        assert upload["url"] == "http://127.0.0.1:4566/videoflix-uploads"
        assert upload["fields"]["key"] == film.source.key
        assert re.fullmatch(rf"api/{film.id}/[\w-]{{20,}}", film.source.key)
        policy = json.loads(base64.b64decode(upload["fields"]["policy"]))
        assert ["content-length-range", 1, 1234] in policy["conditions"]
        assert {"key": film.source.key} in policy["conditions"]
        assert {"Content-Type": "video/mp4"} in policy["conditions"]

    def test_a_large_film_gets_an_address_for_every_part(self, api: Api) -> None:
        answer = announce(api, 5 * 1024 * MIB)
        upload = answer.json_body["upload"]
        assert (upload["method"], upload["part_size"], len(upload["parts"])) == ("multipart", 8 * MIB, 640)
        assert [part["number"] for part in upload["parts"]] == list(range(1, 641))
        assert all(part["url"].startswith("http://127.0.0.1:4566/videoflix-uploads/api/") for part in upload["parts"])
        steps = f"http://127.0.0.1:8000/api/video/{answer.json_body['id']}/upload"
        assert upload["complete_url"] == f"{steps}/complete/"
        assert upload["abort_url"] == f"{steps}/abort/"
        left = datetime.fromisoformat(upload["expires_at"]) - datetime.now().astimezone()
        assert timedelta(minutes=55) < left < timedelta(hours=24)

    def test_a_client_that_wants_to_pause_gets_parts_whatever_the_size(self, api: Api) -> None:
        upload = post(api, "/api/video", {"size": 9 * MIB, "multipart": True}).json_body["upload"]
        assert (upload["method"], upload["part_size"], len(upload["parts"])) == ("multipart", 8 * MIB, 2)
        assert post(api, "/api/video", {"size": 5, "multipart": "perhaps"}).status_code == 400

    def test_the_signature_dies_when_the_answer_says(self, api: Api) -> None:
        upload = announce(api, BIG).json_body["upload"]
        query = parse_qs(urlsplit(upload["parts"][0]["url"]).query)
        signed_at = datetime.strptime(query["X-Amz-Date"][0] + "+0000", "%Y%m%dT%H%M%SZ%z")
        dies_at = signed_at + timedelta(seconds=int(query["X-Amz-Expires"][0]))
        assert abs(dies_at - datetime.fromisoformat(upload["expires_at"])) < timedelta(seconds=5)

    def test_what_is_not_said_gets_a_default(self, api: Api) -> None:
        film = film_of(post(api, "/api/video", {"size": 5, "filename": "Am_Meer.mp4", "title": "", "category": None}))
        assert (film.title, film.category, film.published) == ("Am Meer", "documentary", True)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("size", None), ("size", 0), ("size", -1), ("size", "x"), ("size", 1.5), ("size", True), ("size", 10**15),
            ("size", "9" * 5000), ("title", 7), ("title", "x" * 256), ("title", "\x00"), ("description", "x" * 5001),
            ("description", []), ("category", "newest"), ("category", "<b>"), ("category", {}), ("publish", "perhaps"),
            ("publish", 1), ("content_type", "image/png"), ("content_type", "text/html"), ("content_type", 5),
            ("content_type", "video/mp4\r\nx: y"), ("filename", "x" * 2000), ("filename", 5),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_said_by_field_and_makes_no_film(self, api: Api, field: str, value: object) -> None:
        answer = announce(api, **{field: value})
        assert answer.status_code == 400
        assert list(answer.json_body["errors"]) == [field]
        assert not list(store.all_films())

    def test_everything_wrong_is_said_at_once_and_nothing_is_repeated(self, api: Api) -> None:
        answer = announce(api, "evil", title=["evil"], category="evil<>", publish="evil", content_type="evil")
        assert set(answer.json_body["errors"]) == {"size", "title", "category", "publish", "content_type"}
        assert b"evil" not in answer.body

    def test_a_recorders_media_type_is_taken_without_its_parameters(self, api: Api) -> None:
        upload = announce(api, content_type="video/WebM; codecs=vp9").json_body["upload"]
        assert upload["fields"]["Content-Type"] == "video/webm"

    def test_the_largest_size_is_a_setting(self, api: Api, environment: pytest.MonkeyPatch) -> None:
        environment.setenv("MAX_UPLOAD_SIZE", "100")
        settings.current.cache_clear()
        assert announce(api, 100).status_code == 201
        assert announce(api, 101).json_body == {"errors": {"size": ["The file is too large: at most 100 bytes."]}}

    def test_nobody_announces_a_film_without_signing_in(self, api: Api) -> None:
        assert post(api, "/api/video/", {"size": 5}, who=None).status_code == 401
        assert not list(store.all_films())

    @hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        body=st.one_of(
            st.binary(max_size=40),
            st.dictionaries(
                st.sampled_from(["size", "title", "filename", "category", "publish", "content_type"]),
                st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists, max_leaves=3),
            ).map(lambda value: json.dumps(value).encode()),
        )
    )
    def test_no_body_whatever_breaks_it(self, api: Api, body: bytes) -> None:
        for path in ("/api/video/", "/api/video/1/upload/", "/api/video/1/upload/complete/"):
            answer = api.call("POST", path, who="owner", body=body, Content_Type="application/json")
            assert answer.status_code < 500

    def test_uploads_are_limited_and_mistakes_are_not_counted(self, api: Api, environment: pytest.MonkeyPatch) -> None:
        environment.setenv("UPLOADS_PER_MINUTE", "3")
        settings.current.cache_clear()
        for _ in range(4):
            assert announce(api, 0).status_code == 400
        film = film_of(announce(api))
        assert announce(api).status_code == 201
        assert post(api, f"/api/video/{film.id}/upload/", {"size": 5}).status_code == 201
        refused = announce(api)
        assert (refused.status_code, "Retry-After" in refused.headers) == (429, True)
        assert post(api, "/api/video/", {"size": 5}, who="other").status_code == 201

    def test_a_day_has_its_own_limit(self, api: Api, environment: pytest.MonkeyPatch) -> None:
        environment.setenv("UPLOADS_PER_DAY", "1")
        settings.current.cache_clear()
        assert announce(api).status_code == 201
        assert int(announce(api).headers["Retry-After"]) > 3600


class TestBytesPerDay:
    """A user's quota of bytes; the other limits are out of the way."""

    @pytest.fixture(autouse=True)
    def quota(self, environment: pytest.MonkeyPatch) -> None:
        environment.setenv("UPLOAD_BYTES_PER_DAY", str(1000 * MIB))
        settings.current.cache_clear()

    def refusal(self, answer: HTTPResponse) -> str:
        assert (answer.status_code, int(answer.headers["Retry-After"]) > 3600) == (429, True)
        (sentence,) = answer.json_body["errors"]["non_field_errors"]
        return sentence

    def test_who_has_announced_as_many_has_to_wait_and_is_told_what_is_left(self, api: Api) -> None:
        assert announce(api, 900 * MIB).status_code == 201
        assert f"today: {100 * MIB} of {1000 * MIB} bytes are left. Expected available in" in self.refusal(
            announce(api, BIG)
        )
        assert announce(api, 100 * MIB).status_code == 201
        assert announce(api, 1).status_code == 429
        assert post(api, "/api/video/", {"size": BIG}, who="other").status_code == 201

    def test_every_way_counts(self, api: Api, films: Films) -> None:
        film = films.ready()
        path = f"/api/video/{film.id}/upload/"
        assert announce(api, 5 * MIB).status_code == 201  # a form, or one PUT
        assert announce(api, 9 * MIB, multipart=True).status_code == 201
        assert post(api, path, {"size": 886 * MIB}).status_code == 201  # new content
        assert send_form(api, film, form(bytes(8 * MIB))).status_code == 201  # the original's form
        assert f"{92 * MIB} of" in self.refusal(post(api, path, {"size": 93 * MIB}))
        assert post(api, path, {"size": 84 * MIB + 1}).status_code == 201
        version = store.get(film.id).version
        assert f"{8 * MIB - 1} of" in self.refusal(send_form(api, film, form(bytes(8 * MIB))))
        assert store.get(film.id).version == version

    def test_a_cancelled_upload_stays_counted(self, api: Api) -> None:
        film = film_of(announce(api, 999 * MIB))
        assert post(api, f"/api/video/{film.id}/upload/abort/", {}).status_code == 200
        assert announce(api, 2 * MIB).status_code == 429

    def test_what_is_refused_makes_no_film_and_is_not_counted(self, api: Api) -> None:
        assert announce(api, 999 * MIB).status_code == 201
        for _ in range(3):
            assert announce(api, 2 * MIB).status_code == 429
        assert len(list(store.all_films())) == 1
        assert announce(api, MIB).status_code == 201

    def test_what_no_day_has_room_for_is_too_large(
        self, api: Api, films: Films, environment: pytest.MonkeyPatch
    ) -> None:
        answer = announce(api, 1000 * MIB + 1)
        assert answer.status_code == 400
        assert answer.json_body == {"errors": {"size": [f"The file is too large: at most {1000 * MIB} bytes."]}}
        environment.setenv("UPLOAD_BYTES_PER_DAY", "4")
        settings.current.cache_clear()
        answer = send_form(api, films.ready(), form(b"movie"))
        assert answer.status_code == 413
        assert answer.json_body == {"errors": {"non_field_errors": ["The file is too large: at most 4 bytes."]}}

    def test_a_day_after_the_first_upload_all_of_it_is_there_again(self, api: Api) -> None:
        assert announce(api, 1000 * MIB).status_code == 201
        wait = int(announce(api, MIB).headers["Retry-After"])
        with time_machine.travel(datetime.now(UTC) + timedelta(seconds=wait)):
            api.tokens.clear()  # they are over as well
            assert announce(api, 1000 * MIB).status_code == 201


class TestOneFileForEachUpload:
    """The address of a form or a PUT works for an hour, so limits would be worth nothing if it took file after file."""

    def arrives(self, film: Film, content: bytes, sequencer: str) -> Film:
        aws.s3().put_object(Bucket=BUCKET, Key=film.source.key, Body=content)
        ingest.on_object(BUCKET, film.source.key, sequencer)
        now = store.get(film.id)
        assert now
        return now

    def test_another_file_is_not_encoded_and_what_is_published_stays(self, api: Api) -> None:
        film = self.arrives(film_of(announce(api)), b"movie", "0A")
        for content, sequencer in ((b"other", "0B"), (b"third", "0C"), (b"movie", "0D")):
            now = self.arrives(film, content, sequencer)
            assert (now.state, now.failure.code) == (State.FAILED, "not_announced")
        assert [order["version"] for order in orders()] == [film.version]
        assert (now.published, now.published_version) == (film.published, film.published_version)

    def test_the_same_file_again_changes_nothing(self, api: Api) -> None:
        """As of a client whose connection broke before it had the answer."""
        film = self.arrives(film_of(announce(api)), b"movie", "0A")
        assert self.arrives(film, b"movie", "0B") == film
        assert post(api, f"/api/video/{film.id}/upload/complete/", {}).status_code == 200
        assert store.get(film.id) == film

    def test_the_next_upload_is_for_the_next_file_or_for_the_same(self, api: Api) -> None:
        film = self.arrives(film_of(announce(api)), b"movie", "0A")
        for content, sequencer in ((b"other", "0B"), (b"other", "0C")):
            assert post(api, f"/api/video/{film.id}/upload/", {"size": 5}).status_code == 201
            now = self.arrives(film, content, sequencer)
            assert (now.state, now.version != film.version) == (State.QUEUED, True)
            film = now
        assert len(orders()) == 3

    def test_a_late_event_of_the_file_before_does_not_take_the_place_of_the_next(self, api: Api) -> None:
        film = self.arrives(film_of(announce(api)), b"movie", "0A")
        assert post(api, f"/api/video/{film.id}/upload/", {"size": 5}).status_code == 201
        ingest.on_object(BUCKET, film.source.key, "0A")
        assert store.get(film.id) == film
        assert self.arrives(film, b"other", "0B").state is State.QUEUED


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


def form(content: bytes, *, name: str = "file", filename: str | None = "film.mp4") -> bytes:
    named = f'; filename="{filename}"' if filename is not None else ""
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"{named}\r\nContent-Type: video/mp4\r\n\r\n'
    return head.encode() + content + b"\r\n--b--\r\n"


def send_form(api: Api, film: Film, body: bytes, *, path: str = "video", who: str = "owner", boundary="; boundary=b"):
    return api.call(
        "POST", f"/api/{path}/{film.id}/upload/", who=who, body=body, Content_Type=f"multipart/form-data{boundary}"
    )


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
        assert (state(film), store.get(film.id).source.key) == (State.QUEUED, film.source.key)
        assert not aws.s3().list_multipart_uploads(Bucket=BUCKET).get("Uploads")


class TestReplacing:
    def test_a_dropped_film_gets_new_content_and_the_old_file_goes(self, api: Api, films: Films) -> None:
        film = films.ready()
        aws.s3().put_object(Bucket=BUCKET, Key=film.source.key, Body=b"old")
        answer = post(api, f"/api/videos/{film.id}/upload", {"size": 5})
        key = answer.json_body["upload"]["fields"]["key"]
        assert store.get(film.id) == film
        aws.s3().put_object(Bucket=BUCKET, Key=key, Body=b"movie", Metadata={"title": "Forged", "publish": "false"})
        ingest.on_object(BUCKET, key, "01")
        now = store.get(film.id)
        assert (now.state, now.source.key, now.title, now.published) == (State.QUEUED, key, film.title, True)
        left = [entry["Key"] for entry in aws.s3().list_objects_v2(Bucket=BUCKET)["Contents"]]
        assert left == [key]

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
