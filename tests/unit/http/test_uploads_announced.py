"""An upload is announced: what may be said, what comes back, how much one may announce, and one file for each."""

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from chalice.test import HTTPResponse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from functions import aws, settings
from functions.catalogue import clock, intake, objects, reservation, store
from functions.catalogue.film import Film, Source, State
from functions.transcoding import dispatch, ingest, watchdog
from tests.unit import clients
from tests.unit.executions import orders
from tests.unit.http.conftest import Api, Films
from tests.unit.http.uploading import BIG, BUCKET, MIB, announce, film_of, form, post, send_form, state

pytestmark = pytest.mark.usefixtures("many_uploads")


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
        assert post(api, "/api/video", {"size": 5, "multipart": "true", "publish": "false"}).status_code == 201
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


def fail() -> NoReturn:
    raise RuntimeError("it died here")


class TestOneFileForEachUpload:
    """The address of a form or a PUT works for an hour, so limits would be worth nothing if it took file after file."""

    def arrives(self, film: Film, content: bytes, sequencer: str, key: str = "") -> Film:
        aws.s3().put_object(Bucket=BUCKET, Key=key or film.source.key, Body=content)
        ingest.on_object(BUCKET, key or film.source.key, sequencer)
        now = store.get(film.id)
        assert now
        return now

    def again(self, api: Api, film: Film) -> str:
        """Announce another upload for a film; returns where its file goes."""
        answer = post(api, f"/api/video/{film.id}/upload/", {"size": 5})
        assert answer.status_code == 201
        return answer.json_body["upload"]["fields"]["key"]

    def test_another_file_is_not_encoded_and_what_is_published_stays(self, api: Api) -> None:
        film = self.arrives(film_of(announce(api)), b"movie", "0A")
        for content, sequencer in ((b"other", "0B"), (b"third", "0C")):
            now = self.arrives(film, content, sequencer)
            assert (now.state, now.failure.code) == (State.FAILED, "not_announced")
        assert [order["version"] for order in orders()] == [film.version]
        assert (now.published, now.published_version) == (film.published, film.published_version)
        assert self.arrives(film, b"movie", "0D").state is State.QUEUED, "the one that was announced mends it"

    def test_what_was_not_announced_is_not_encoded_by_asking_for_it(self, api: Api) -> None:
        film = self.arrives(film_of(announce(api)), b"movie", "0A")
        self.arrives(film, b"other", "0B")
        answer = post(api, f"/api/video/{film.id}/transcode/", {})
        said = "The file is none that was announced. Begin a new upload."
        assert (answer.status_code, answer.json_body) == (409, {"errors": {"non_field_errors": [said]}})
        assert len(orders()) == 1

    def test_a_cancelled_upload_takes_no_file_though_its_address_works_for_a_while(self, api: Api) -> None:
        film = film_of(announce(api))
        assert post(api, f"/api/video/{film.id}/upload/abort/", {}).status_code == 200
        for content in (b"movie", b"other"):
            now = self.arrives(film, content, "0A")
            assert (now.state, now.failure.code) == (State.FAILED, "upload_cancelled")
        assert orders() == []
        assert not aws.s3().list_objects_v2(Bucket=BUCKET).get("Contents"), "nobody would ever look for it"
        assert self.arrives(film, b"third", "0B", self.again(api, film)).state is State.QUEUED

    def test_a_file_that_had_arrived_is_not_cancelled_any_more(self, api: Api) -> None:
        film = film_of(announce(api))
        aws.s3().put_object(Bucket=BUCKET, Key=film.source.key, Body=b"movie")
        assert post(api, f"/api/video/{film.id}/upload/abort/", {}).status_code == 200
        ingest.on_object(BUCKET, film.source.key, "0A")
        assert state(film) is State.QUEUED
        assert self.arrives(film, b"other", "0B").failure.code == "not_announced"

    def test_the_same_file_again_changes_nothing(self, api: Api) -> None:
        """As of a client whose connection broke before it had the answer."""
        film = self.arrives(film_of(announce(api)), b"movie", "0A")
        assert self.arrives(film, b"movie", "0B") == film
        assert post(api, f"/api/video/{film.id}/upload/complete/", {}).status_code == 200
        assert store.get(film.id) == film

    def test_the_next_upload_is_for_the_next_file_or_for_the_same(self, api: Api) -> None:
        film = self.arrives(film_of(announce(api)), b"movie", "0A")
        for content, sequencer in ((b"other", "0B"), (b"other", "0C")):
            key = self.again(api, film)
            now = self.arrives(film, content, sequencer, key)
            assert (now.state, now.version != film.version, now.source.key) == (State.QUEUED, True, key)
            film = now
        assert len(orders()) == 3
        assert [entry["Key"] for entry in aws.s3().list_objects_v2(Bucket=BUCKET)["Contents"]] == [key]

    def test_a_late_event_of_the_file_before_does_not_take_the_place_of_the_next(self, api: Api) -> None:
        """The next upload was announced before the first event was heard of, and its file was refused."""
        film = film_of(announce(api))
        first = film.source.key
        aws.s3().put_object(Bucket=BUCKET, Key=first, Body=b"movie")
        key = self.again(api, film)
        ingest.on_object(BUCKET, first, "0A")
        assert (state(film), store.get(film.id).source.key) == (State.QUEUED, first)
        now = self.arrives(film, b"other", "0B", key)
        assert (now.state, now.source.key) == (State.QUEUED, key)
        ingest.on_object(BUCKET, first, "0A")
        assert store.get(film.id) == now

    def test_a_new_content_has_not_arrived_because_the_old_one_lies_there(self, api: Api) -> None:
        film = self.arrives(film_of(announce(api)), b"movie", "0A")
        key = self.again(api, film)
        path = f"/api/video/{film.id}/upload/complete/"
        assert post(api, path, {}).status_code == 409
        aws.s3().put_object(Bucket=BUCKET, Key=key, Body=b"other")
        assert post(api, path, {}).status_code == 200
        assert store.get(film.id).source.key == key

    def test_a_begin_that_broke_off_hands_out_no_address_that_takes_nothing(self, api: Api, monkeypatch) -> None:
        """The upload before was cancelled, the new one not begun; the next one's file was deleted on arrival."""
        film = film_of(announce(api))
        with monkeypatch.context() as storage_is_down:
            storage_is_down.setattr(reservation, "expect", lambda _: fail())
            assert post(api, f"/api/video/{film.id}/upload/", {"size": 5}).status_code == 500
        assert self.arrives(film, b"movie", "0A", self.again(api, film)).state is State.QUEUED

    def test_an_upload_that_was_cancelled_at_this_moment_is_not_complete(self, api: Api, monkeypatch) -> None:
        film = film_of(announce(api))
        aws.s3().put_object(Bucket=BUCKET, Key=film.source.key, Body=b"movie")
        monkeypatch.setattr(reservation, "take", lambda *_: False)
        answer = post(api, f"/api/video/{film.id}/upload/complete/", {})
        said = "This upload is over. Begin a new one."
        assert (answer.status_code, answer.json_body) == (409, {"errors": {"non_field_errors": [said]}})

    def test_of_two_files_of_one_second_none_is_older(self, api: Api, monkeypatch) -> None:
        """S3 tells whole seconds: one in one piece was older than one in parts of a moment before, and deleted."""
        film = film_of(announce(api, multipart=True))
        moment = datetime.now(UTC).replace(microsecond=900_000)
        first = Source(key=film.source.key, sequencer="", size=5, etag="e-1", modified=moment.replace(microsecond=0))
        head = {"ContentLength": 5, "ETag": '"e-1"', "LastModified": moment.replace(microsecond=0), "Metadata": {}}
        with monkeypatch.context() as parts:
            parts.setattr(aws.s3(), "head_object", lambda **_: head)
            parts.setattr(clock, "now", lambda: moment)
            ingest.on_object(BUCKET, film.source.key, "")
        assert store.get(film.id).source == first

    def test_of_two_files_of_one_second_the_one_that_the_film_took_last_stays(
        self, api: Api, films: Films, meanwhile
    ) -> None:
        """A form that was sent twice: each took the place of the other, and both were deleted."""
        film = films.ready()
        with time_machine.travel(datetime.now(UTC), tick=False):
            first, second, third = (reservation.new_key(film.id) for _ in range(3))
            self.arrives(film, b"movie", "", first)
            # the event of the first, which has seen its file, is overtaken by the others
            meanwhile(reservation, "take", lambda: self.arrives(film, b"other", "", second))
            ingest.on_object(BUCKET, first, "0A")
            assert store.get(film.id).source.key == second
            meanwhile(store, "get", lambda: self.arrives(film, b"third", "", third))
            ingest.on_object(BUCKET, second, "0B")
        now = store.get(film.id)
        assert (now.state, now.source.key) == (State.QUEUED, third)
        assert [entry["Key"] for entry in aws.s3().list_objects_v2(Bucket=BUCKET)["Contents"]] == [third]

    def test_what_was_not_announced_is_not_encoded_whenever_films_are_started(self, api: Api, meanwhile) -> None:
        film = self.arrives(film_of(announce(api)), b"movie", "0A")
        meanwhile(intake, "register", dispatch.fill)
        now = self.arrives(film, b"other", "0B")
        assert (now.state, now.failure.code, len(orders())) == (State.FAILED, "not_announced", 1)

    def test_a_film_takes_a_file_along_that_was_replaced_and_not_deleted(self, api: Api, monkeypatch) -> None:
        film = self.arrives(film_of(announce(api)), b"movie", "0A")
        with monkeypatch.context() as died:
            died.setattr(dispatch, "begin", lambda *_: fail())
            with pytest.raises(RuntimeError):
                self.arrives(film, b"other", "0B", self.again(api, film))
        assert api.call("DELETE", f"/api/video/{film.id}/", who="owner").status_code == 204
        assert not aws.s3().list_objects_v2(Bucket=BUCKET).get("Contents")

    @pytest.mark.parametrize(("module", "name"), [(dispatch, "begin"), (objects, "delete_same")])
    def test_a_file_that_was_dropped_and_replaced_through_the_api_goes_wherever_that_breaks_off(
        self, api: Api, monkeypatch: pytest.MonkeyPatch, module: Any, name: str
    ) -> None:
        """It stayed for ever, also when the film was deleted, and no command named it."""
        owner = {"owner": api.person("owner").email}
        aws.s3().put_object(Bucket=BUCKET, Key="film.mp4", Body=b"dropped", Metadata=owner)
        ingest.on_object(BUCKET, "film.mp4", "0A")
        film = store.get(1)
        key = self.again(api, film)
        with monkeypatch.context() as died:
            died.setattr(module, name, lambda *_, **__: fail())
            with pytest.raises(RuntimeError):
                self.arrives(film, b"movie", "0A", key)
        ingest.on_object(BUCKET, key, "0A")
        assert api.call("DELETE", f"/api/video/{film.id}/", who="owner").status_code == 204
        with time_machine.travel(datetime.now(UTC) + timedelta(minutes=2)):
            watchdog.sweep()
        assert not aws.s3().list_objects_v2(Bucket=BUCKET).get("Contents")

    def test_a_file_that_is_dropped_again_is_not_deleted_as_the_one_that_was_replaced(self, api: Api) -> None:
        """The watchdog looks after that a minute later, when it may be the film's content again."""
        aws.s3().put_object(Bucket=BUCKET, Key="film.mp4", Body=b"dropped")
        ingest.on_object(BUCKET, "film.mp4", "0A")
        film = store.get(1)
        moment = datetime.now(UTC)
        with time_machine.travel(moment + timedelta(seconds=5)):
            self.arrives(film, b"movie", "0A", reservation.new_key(film.id))
        with time_machine.travel(moment + timedelta(seconds=10)):
            aws.s3().put_object(Bucket=BUCKET, Key="film.mp4", Body=b"dropped")
        with time_machine.travel(moment + timedelta(minutes=2)):
            watchdog.sweep()
            ingest.on_object(BUCKET, "film.mp4", "0B")
            assert store.get(film.id).source.key == "film.mp4"
            assert [entry["Key"] for entry in aws.s3().list_objects_v2(Bucket=BUCKET)["Contents"]] == ["film.mp4"]
        with time_machine.travel(moment + timedelta(minutes=4)):
            watchdog.sweep()
        assert [entry["Key"] for entry in aws.s3().list_objects_v2(Bucket=BUCKET)["Contents"]] == ["film.mp4"]

    def test_a_file_that_was_sent_twice_goes_when_it_is_replaced(self, api: Api) -> None:
        film = self.arrives(film_of(announce(api)), b"movie", "0A")
        for seconds in (5, 10):
            with time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds)):
                key = self.again(api, film) if seconds == 10 else film.source.key
                self.arrives(film, b"movie", "0B", key)
        assert [entry["Key"] for entry in aws.s3().list_objects_v2(Bucket=BUCKET)["Contents"]] == [key]
        with time_machine.travel(datetime.now(UTC) + timedelta(seconds=15)):
            now = self.arrives(film, b"movie", "0C", film.source.key)
        assert now.source.key == key, "the film has left the first key for good"
        assert [entry["Key"] for entry in aws.s3().list_objects_v2(Bucket=BUCKET)["Contents"]] == [key]

    def test_an_upload_in_one_piece_that_another_took_the_place_of_comes_to_nothing(self, api: Api) -> None:
        """It was sent slowly, and its sender has begun another meanwhile."""
        film = film_of(announce(api))
        slow, key = film.source.key, self.again(api, film)
        now = self.arrives(film, b"other", "0A", key)
        assert self.arrives(film, b"movie", "0B", slow) == now
        assert [entry["Key"] for entry in aws.s3().list_objects_v2(Bucket=BUCKET)["Contents"]] == [key]

    def test_a_films_life_is_told_right_though_each_first_answer_of_dynamodb_is_lost(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """botocore sends a call again by itself: a conditional write then meets its own result."""
        for operation in ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"):
            clients.lose_answers(monkeypatch, operation)
        film = self.arrives(film_of(announce(api)), b"movie", "0A")
        assert film.state is State.QUEUED
        assert self.arrives(film, b"movie", "0A") == film
        assert self.arrives(film, b"other", "0B", self.again(api, film)).state is State.QUEUED
        assert len(orders()) == 2
        assert api.call("DELETE", f"/api/video/{film.id}/", who="owner").status_code == 204
        assert api.get(f"/api/video/{film.id}/status/", who="owner").status_code == 404
