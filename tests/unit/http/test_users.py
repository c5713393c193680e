"""Staff finds people and lets them out and in again; nobody else learns who has an account."""

import json

import pytest
from chalice.test import HTTPResponse

from functions.accounts import people, personal_data
from tests.unit import clients
from tests.unit.http.conftest import PASSWORD, Api


def found(api: Api, query: str = "") -> list[str]:
    answer = api.get(f"/api/users/{query}", who="staff")
    assert answer.status_code == 200
    return [person["email"] for person in answer.json_body]


def patch(api: Api, user_id: object, body: object, who: str | None = "staff") -> HTTPResponse:
    return api.call(
        "PATCH", f"/api/users/{user_id}/", who=who, body=json.dumps(body).encode(), Content_Type="application/json"
    )


def test_people_are_found_by_the_beginning_of_their_address(api: Api) -> None:
    for who in ("anna", "andy", "ben"):
        api.person(who)
    assert found(api, "?q=an") == ["andy@example.com", "anna@example.com"]
    assert found(api, "?q=%20ANNA@") == ["anna@example.com"]
    assert found(api, "?q=nobody") == []
    assert found(api) == ["andy@example.com", "anna@example.com", "ben@example.com", "staff@example.com"]
    assert found(api, "?limit=1") == ["andy@example.com"]


def test_a_beginning_longer_than_any_address_finds_nobody_and_asks_nobody(api: Api, monkeypatch) -> None:
    """DynamoDB takes no key of more than 1,024 bytes; the fake takes any."""
    api.person("anna")
    with monkeypatch.context() as during:
        asked: list[str] = []
        clients.before_each_call(during, lambda operation, _: asked.append(operation))
        assert found(api, f"?q={'a' * 1025}") == []
    assert "Query" not in asked


def test_a_person_is_shown_with_no_secret(api: Api) -> None:
    (shown,) = [each for each in api.get("/api/users/", who="staff").json_body if each["email"].startswith("staff")]
    assert set(shown) == {"id", "email", "username", "is_staff", "is_active", "created_at"}
    assert (shown["is_staff"], shown["is_active"]) == (True, True)


def test_whoever_deleted_their_account_is_found_no_more(api: Api) -> None:
    personal_data.delete(api.person("anna").id)
    assert found(api, "?q=anna") == []


def test_whoever_is_let_out_is_out_at_once_and_may_come_back(api: Api) -> None:
    anna = api.person("anna")
    answer = patch(api, anna.id, {"is_active": False})
    assert (answer.status_code, answer.json_body["is_active"]) == (200, False)
    assert api.get("/api/video/", who="anna").status_code == 401
    assert patch(api, anna.id, {"is_active": True}).json_body["is_active"] is True
    login = {"email": "anna@example.com", "password": PASSWORD}
    again = api.call("POST", "/api/login/", body=json.dumps(login).encode(), Content_Type="application/json")
    assert again.status_code == 200


def test_the_log_says_who_let_whom_out_and_nothing_else_that_stands_in_a_path(api: Api, logged) -> None:
    anna, staff = api.person("anna"), api.person("staff")
    patch(api, anna.id, {"is_active": False})
    patch(api, "anna@example.com", {"is_active": False})
    patch(api, "7" * 5000, {"is_active": False})
    lines = [json.loads(line) for line in logged().splitlines()]
    told = [line for line in lines if line["event"] == "call_answered" and line["method"] == "PATCH"]
    assert [(line["route"], line["status"], line.get("user_id"), line["person_id"]) for line in told] == [
        ("/api/users/{user_id}", 200, anna.id, staff.id),
        ("/api/users/{user_id}", 404, None, staff.id),
        ("/api/users/{user_id}", 404, None, staff.id),
    ]
    assert "anna@" not in logged()


def test_the_words_are_taken_too(api: Api) -> None:
    """As numbers may be spelled by texts: the client compares what is accepted with the document."""
    anna = api.person("anna")
    assert patch(api, anna.id, {"is_active": "false"}).json_body["is_active"] is False
    assert patch(api, anna.id, {"is_active": "True "}).json_body["is_active"] is True


def test_staff_cannot_lock_itself_out(api: Api) -> None:
    staff = api.person("staff")
    assert patch(api, staff.id, {"is_active": False}).status_code == 403
    assert patch(api, staff.id, {"is_active": True}).status_code == 200
    assert api.get("/api/users/", who="staff").status_code == 200


@pytest.mark.parametrize("body", [{}, {"is_active": 1}, {"is_active": None}, {"is_active": "perhaps"}, []])
def test_what_is_neither_true_nor_false_changes_nothing(api: Api, body: object) -> None:
    anna = api.person("anna")
    assert patch(api, anna.id, body).status_code == 400
    person = people.get(anna.id)
    assert person
    assert person.is_active


@pytest.mark.parametrize("user_id", ["99", "x", "0"])
def test_nobody_is_nobody(api: Api, user_id: str) -> None:
    assert patch(api, user_id, {"is_active": False}).status_code == 404


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("anna", 403)])
def test_nobody_but_staff_is_let_in(api: Api, who: str | None, status: int) -> None:
    assert api.get("/api/users/?q=a", who=who).status_code == status
    assert patch(api, 1, {"is_active": False}, who=who).status_code == status
    assert patch(api, 99, {}, who=who).status_code == status
