"""One's own account: seen, taken away, deleted (contract, section 3)."""

import gzip
import json

import pytest

from functions import aws, wiring
from functions.accounts import limits, people, personal_data, rows, signing_in
from functions.catalogue import intake, store
from functions.transcoding import watchdog
from tests.unit import clients
from tests.unit.accounts.browser import EMAIL, NEW_PASSWORD, PASSWORD, errors, set_cookies
from tests.unit.catalogue.films import make_ready, upload

TABLE = "videoflix-local-accounts"


def rows_of(*needles):
    rows = clients.client("dynamodb").scan(TableName=TABLE)["Items"]
    return [row["sk"]["S"] for row in rows if any(row["pk"]["S"].endswith(f"#{needle}") for needle in needles)]


def test_the_account_shows_who_is_calling(viewer):
    assert viewer.get("/api/account/").json_body == {
        "id": 1,
        "email": EMAIL,
        "username": EMAIL,
        "is_staff": False,
        "is_active": True,
        "created_at": "2026-11-22T12:00:00.000000Z",
    }


@pytest.mark.parametrize(("method", "path"), [("GET", "account"), ("GET", "account/export"), ("DELETE", "account")])
def test_nobody_else_sees_or_deletes_it(demo, method, path):
    assert demo.send(method, f"/api/{path}/", {"password": PASSWORD}).status_code == 401


def test_the_export_has_everything_that_is_kept_and_no_secret(viewer):
    viewer.at("2001:db8::7").log_in()
    viewer.reset_link()
    answer = viewer.get("/api/account/export/")
    assert "attachment" in answer.headers["Content-Disposition"]
    kept = answer.json_body
    assert set(kept) == {"account", "sessions", "links", "known_networks", "films", "positions"}
    assert kept["account"]["activated_at"] == "2026-11-22T12:00:00.000000Z"
    assert kept["account"]["password"] == "bcrypt_sha256"
    assert len(kept["sessions"]) == 2
    assert kept["sessions"][0]["expires_at"] == "2026-12-06T12:00:00.000000Z"
    assert kept["links"] == [{"kind": "reset", "expires_at": "2026-11-23T12:00:00.000000Z"}]
    assert [known["network"] for known in kept["known_networks"]] == ["192.0.2.1", "2001:db8::/64"]
    assert "$2b$" not in answer.body.decode()
    assert set(rows_of("1", EMAIL)) == {  # so the export forgets no kind of row
        "person", "address", "known#192.0.2.1", "known#2001:db8::/64",
        *(sk for sk in rows_of("1") if sk.startswith(("session#", "link#reset#"))),
    }  # fmt: skip


def test_the_export_says_when_each_session_began_was_refreshed_and_ends(viewer, clock):
    clock.shift(65 * 60)
    viewer.refresh()
    viewer.at("198.51.100.7").log_in()
    kept = viewer.get("/api/account/export/").json_body
    first, second = sorted(kept["sessions"], key=lambda session: session["started_at"])
    assert first["started_at"] == "2026-11-22T12:00:00.000000Z"
    assert first["refreshed_at"] == "2026-11-22T13:05:00.000000Z"
    assert second["started_at"] == second["refreshed_at"] == "2026-11-22T13:05:00.000000Z"
    assert [known["expires_at"][:4] for known in kept["known_networks"]] == ["2027", "2027"], "kept for ninety days"


def test_the_export_of_who_never_activated_says_so(somebody):
    somebody.register("new@example.com")
    assert personal_data.export(1)["account"]["activated_at"] is None


def test_what_is_kept_is_shown_and_deleted_though_the_address_is_free_by_now(somebody):
    """Of somebody who never activated, DynamoDB removes the address and the person in any order."""
    somebody.register("new@example.com")
    rows.AddressRow(*rows.address_key("new@example.com")).delete()
    assert personal_data.export(1)["account"]["email"] == "new@example.com"
    personal_data.delete(1)
    assert rows_of("1") == []


def test_an_address_that_found_an_owner_while_its_last_one_was_deleted_stays_theirs(viewer, monkeypatch):
    other = people.seed("other@example.com", PASSWORD)
    key = rows.address_key(EMAIL)
    owner = personal_data._owner_of_address

    asked = []

    def then_lost(person):
        asked.append(owner(person))
        if len(asked) == 2:  # after the other rows are gone, before those that make a person
            rows.AddressRow(*key, person_id=other.id).save()
        return asked[-1]

    monkeypatch.setattr(personal_data, "_owner_of_address", then_lost)
    personal_data.delete(1)
    monkeypatch.undo()
    assert asked == [1, 1, other.id]
    assert rows.read(key)[key].person_id == other.id


def test_asvs_7_4_2_deleting_takes_the_password_and_leaves_nothing(viewer, monkeypatch):
    deleted = []
    monkeypatch.setattr(wiring.deletion, "forget_person", deleted.append)
    phone = viewer.at("198.51.100.1")
    phone.log_in()
    viewer.reset_link()
    answer = viewer.send("DELETE", "/api/account/", {"password": PASSWORD})
    assert (answer.status_code, answer.json_body) == (200, {"detail": "Account deleted."})
    assert any(line.startswith("access_token=;") for line in set_cookies(answer))
    assert deleted == [1]
    assert rows_of("1", EMAIL) == []
    assert not phone.is_logged_in()
    assert phone.refresh().status_code == 401
    assert viewer.log_in().status_code == 400
    assert viewer.register(EMAIL, NEW_PASSWORD).json_body["user"]["id"] == 2  # the address is free, the id is not


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "Password is required."),
        ({"password": 7}, "Not a valid string."),
        ({"password": "wrong"}, "The password is wrong."),
    ],
)
def test_asvs_7_5_1_without_the_right_password_nothing_is_deleted(viewer, body, text):
    answer = viewer.send("DELETE", "/api/account/", body)
    assert (answer.status_code, errors(answer)) == (400, {"password": [text]})
    assert viewer.is_logged_in()


def test_asvs_7_5_1_the_password_cannot_be_guessed_by_deleting(viewer):
    wrong = [viewer.send("DELETE", "/api/account/", {"password": "wrong"}).status_code for _ in range(6)]
    assert wrong == [400] * 5 + [429]


def test_films_are_exported_and_deleted_with_their_owner_and_others_stay(viewer):
    other = people.seed("other@example.com", PASSWORD)
    mine, theirs = (
        intake.register(upload(key, owner=owner, title="A film")).film_id
        for key, owner in (("mine.mp4", people.get(1)), ("theirs.mp4", other))
    )
    [film] = viewer.get("/api/account/export/").json_body["films"]
    assert (film["id"], film["title"], film["source_key"]) == (mine, "A film", "mine.mp4")
    assert film["created_at"].endswith("Z")
    assert viewer.send("DELETE", "/api/account/", {"password": PASSWORD}).status_code == 200
    assert store.get(mine) is None
    assert store.get(theirs)


def test_who_has_many_films_leaves_in_one_call(viewer, work):
    """All that was stored of one film after the other was removed first: the call ended half done, nobody logged in."""
    people.seed("other@example.com", PASSWORD)
    other = viewer.at("198.51.100.7")
    other.log_in("other@example.com")
    films = [make_ready(f"{number}.mp4", owner=people.get(1), published=True).id for number in range(12)]
    media = [{"Bucket": "videoflix-media", "Key": f"{film_id}/1-x/480p/000.ts"} for film_id in films]
    for place in media:
        aws.s3().put_object(**place)
    assert len(other.get("/api/video/").json_body) == 12
    work.clear()
    assert viewer.send("DELETE", "/api/account/", {"password": PASSWORD}).status_code == 200
    assert people.get(1) is None
    assert {"ListObjectsV2", "HeadObject", "DeleteObjects", "DeleteObject"} & work.keys() == set()
    assert other.get("/api/video/?ready_only=0").json_body == []
    for film_id in films:
        assert other.get(f"/api/video/{film_id}/480p/index.m3u8").status_code == 404
        assert other.get(f"/api/video/{film_id}/status/").status_code == 404
    watchdog.sweep()
    assert not aws.s3().list_objects_v2(Bucket="videoflix-media")["KeyCount"]


def test_what_is_taken_away_travels_compressed_where_that_is_understood(viewer):
    """A Lambda's answer has 6 MB: of people with many films it was an error each time."""
    for number in range(3):
        key, said = f"{number}.mp4", {"title": "A film", "description": "é" * 5_000}
        intake.register(upload(key, owner=people.get(1), **said))
    plain = viewer.get("/api/account/export/")
    packed = viewer.get("/api/account/export/", Accept_Encoding="gzip, br")
    assert "Content-Encoding" not in plain.headers
    assert (packed.headers["Content-Encoding"], packed.headers["Cache-Control"]) == ("gzip", "no-store")
    assert json.loads(gzip.decompress(packed.body)) == plain.json_body
    assert len(packed.body) < len(plain.body) / 20


def test_what_is_taken_away_is_read_many_films_at_a_time(viewer, work):
    """Each was asked for alone: of people with thousands of films that took longer than a call may."""
    calls = []
    for number in range(4):
        intake.register(upload(f"{number}.mp4", owner=people.get(1)))
        work.clear()
        assert len(viewer.get("/api/account/export/").json_body["films"]) == number + 1
        calls.append(sum(work.values()))
    assert calls == calls[:1] * 4


def test_who_leaves_is_looked_after_once_more(viewer, clock):
    """What a call of theirs that was under way stored would be nobody's for ever."""
    leaving, other = people.get(1), people.seed("other@example.com", PASSWORD)
    assert viewer.send("DELETE", "/api/account/", {"password": PASSWORD}).status_code == 200
    late = intake.register(upload("late.mp4", owner=leaving)).film_id
    kept = intake.register(upload("kept.mp4", owner=other)).film_id
    clock.shift(16 * 60)
    watchdog.sweep()
    assert (store.get(late), bool(store.get(kept))) == (None, True)


def test_a_login_that_crosses_the_deletion_leaves_nothing_behind(viewer, monkeypatch):
    """Its session stayed, and for ninety days the address and the network of who had left."""
    phone = viewer.at("198.51.100.7")
    monkeypatch.setattr(signing_in, "_upgrade", lambda *_: personal_data.delete(1))
    assert errors(phone.log_in()) == {"non_field_errors": ["Invalid credentials."]}
    assert rows_of("1", EMAIL) == []


def test_a_login_just_before_the_person_is_gone_leaves_nothing_behind(viewer, monkeypatch):
    """The other rows were gone by then."""
    write = personal_data.write_together

    def late(fill):
        assert viewer.at("198.51.100.7").log_in().status_code == 200
        return write(fill)

    monkeypatch.setattr(personal_data, "write_together", late)
    personal_data.delete(1)
    assert rows_of("1", EMAIL) == []


def test_a_deletion_that_broke_off_can_be_done_again(viewer, monkeypatch):
    """The films could not be deleted; the owner logs in again and tries once more."""

    def broken(_owner_id):
        raise ConnectionError

    monkeypatch.setattr(wiring.deletion, "forget_person", broken)
    with pytest.raises(AssertionError):  # the browser refuses a 500
        viewer.send("DELETE", "/api/account/", {"password": PASSWORD})
    monkeypatch.undo()
    assert people.get(1)
    assert viewer.log_in().status_code == 200
    assert viewer.send("DELETE", "/api/account/", {"password": PASSWORD}).status_code == 200


def test_deleting_and_exporting_twice_is_fine(viewer):
    personal_data.delete(1)
    personal_data.delete(1)
    assert personal_data.export(1) == {}
    people.end_sessions(1)
    assert people.get(1) is None
    assert rows_of("1", EMAIL) == [], "ending what nobody has leaves a trace of them"


def test_deleting_who_never_activated_spares_the_new_owner_of_the_address(somebody, clock):
    somebody.register("new@example.com")
    clock.shift(3 * 24 * 3600)
    body = somebody.register("new@example.com").json_body
    somebody.get(f"/api/activate/{body['uidb64']}/{body['token']}/")
    somebody.log_in("new@example.com", NEW_PASSWORD)
    personal_data.delete(1)
    assert somebody.is_logged_in()
    assert somebody.log_in("new@example.com", NEW_PASSWORD).json_body["user"]["id"] == 2


def test_no_call_scans_the_table(viewer, work):
    body = viewer.register("new@example.com").json_body
    viewer.get(f"/api/activate/{body['uidb64']}/{body['token']}/")
    viewer.post("/api/activate/resend/", {"email": "new@example.com"})
    viewer.confirm(*viewer.reset_link())
    viewer.log_in(password=NEW_PASSWORD)
    viewer.refresh()
    viewer.get("/api/account/export/")
    limits.hit("upload", "1", 3)
    people.find_by_email(EMAIL)
    people.set_active(1, is_active=True)
    viewer.log_in(password=NEW_PASSWORD)
    viewer.post("/api/logout/")
    personal_data.delete(1)
    assert work["BatchGetItem"] > 10
    assert work["Scan"] == 0
