"""Whoever reads the logs learns no password, no token and no link of a mail, whatever a person does and what fails."""

import io
import json
import logging
from collections.abc import Callable

import pytest

from functions import log
from functions.accounts import sessions
from tests.unit.accounts.browser import EMAIL, NEW_PASSWORD, PASSWORD, mails, uid_and_token

WRONG = "a wrong guess, which may be the password of another site"


@pytest.fixture
def said(monkeypatch):
    """All that this process logs from now on, at its most talkative; libraries as far as production lets them."""
    log.set_level("DEBUG")
    stream = io.StringIO()
    ours, everybody = logging.getLogger("videoflix"), logging.getLogger()
    mine, theirs = logging.StreamHandler(stream), logging.StreamHandler(stream)
    theirs.setLevel(logging.WARNING)
    for logger, handler in ((ours, mine), (everybody, theirs)):
        monkeypatch.setattr(logger, "handlers", [*logger.handlers, handler])
    mine.setFormatter(next(one.formatter for one in ours.handlers if one.formatter))
    return stream.getvalue


def test_asvs_16_2_5_a_whole_life_leaves_no_secret_in_the_log(somebody, said):
    registered = somebody.register().json_body
    secrets = {NEW_PASSWORD, WRONG, registered["token"]}
    uid, token = uid_and_token(mails()[-1])
    secrets |= {token, mails()[-1]["context"]["link"]}
    somebody.get(f"/api/activate/{uid}/{token}/")
    somebody.get(f"/api/activate/{uid}/{token}x/")
    somebody.log_in("new@example.com", WRONG)
    somebody.log_in("new@example.com", NEW_PASSWORD)
    secrets |= set(somebody.cookies.values())
    thief = somebody.copy()
    somebody.refresh()
    secrets |= set(somebody.cookies.values())
    uid, token = somebody.reset_link("new@example.com")
    secrets |= {token, mails()[-1]["context"]["link"]}
    somebody.confirm(uid, token, "short")
    somebody.confirm(uid, token, f"{NEW_PASSWORD} again")
    somebody.log_in("new@example.com", f"{NEW_PASSWORD} again")
    secrets |= set(somebody.cookies.values())
    thief.refresh()
    somebody.call("POST", "/api/login/", f'{{"password": "{WRONG}"'.encode(), {"Content-Type": "application/json"})
    somebody.get("/api/account/", Authorization=f"Bearer {next(iter(thief.cookies.values()))}x")
    somebody.post("/api/logout/")
    assert [secret for secret in secrets if secret in said()] == []


def test_the_rest_of_a_life_leaves_no_secret_in_the_log(somebody, said):
    """Another activation mail, the pages that links lead to, a changed password, one's data, and the end."""
    secrets = {NEW_PASSWORD, WRONG, f"{NEW_PASSWORD} again"}
    secrets.add(somebody.register().json_body["token"])
    somebody.post("/api/activate/resend/", {"email": "new@example.com"})
    uid, token = uid_and_token(mails()[-1])
    somebody.get(f"/api/activate/{uid}/{token}/", Accept="text/html")
    somebody.log_in("new@example.com", NEW_PASSWORD)
    secrets |= set(somebody.cookies.values())
    change = {"current_password": WRONG, "new_password": f"{NEW_PASSWORD} again"}
    for current in (WRONG, NEW_PASSWORD):
        passwords = change | {"current_password": current, "confirm_password": change["new_password"]}
        somebody.post("/api/password_change/", passwords)
        secrets |= set(somebody.cookies.values())
    uid, token = somebody.reset_link("new@example.com")
    somebody.get(f"/api/password_confirm/{uid}/{token}/", Accept="text/html")
    somebody.post_form(f"/api/password_confirm/{uid}/{token}/", new_password=NEW_PASSWORD, confirm_password=WRONG)
    somebody.post_form(
        f"/api/password_confirm/{uid}/{token}/", new_password=NEW_PASSWORD, confirm_password=NEW_PASSWORD
    )
    assert somebody.log_in("new@example.com", NEW_PASSWORD).status_code == 200
    secrets |= set(somebody.cookies.values())
    assert somebody.get("/api/account/export/").status_code == 200
    for password in (WRONG, NEW_PASSWORD):
        last = somebody.send("DELETE", "/api/account/", {"password": password})
    assert last.status_code == 200
    for mail in mails():
        secrets |= {text for name, text in mail["context"].items() if name == "link"}
        secrets |= {uid_and_token(mail)[1]} if "link" in mail["context"] else set()
    assert len(secrets) > 10
    assert [secret for secret in secrets if secret in said()] == []


def _told(said: Callable[[], str]) -> list[tuple]:
    lines = [json.loads(line) for line in said().splitlines()]
    answered = [line for line in lines if line["event"] == "call_answered"]
    assert all(line["request_id"] for line in answered)
    return [(line["method"], line["route"], line["status"], line.get("person_id")) for line in answered]


def test_asvs_16_3_1_the_log_says_who_logged_in_and_what_was_refused(demo, said):
    demo.log_in(password=WRONG)
    demo.log_in()
    demo.post("/api/password_change/", {"current_password": WRONG, "new_password": "x", "confirm_password": "x"})
    demo.get("/api/account/")
    demo.confirm("MQ", "t0k3n-of-a-link")
    demo.send("DELETE", "/api/account/", {"password": PASSWORD})
    assert _told(said) == [
        ("POST", "/api/login", 400, None),
        ("POST", "/api/login", 200, 1),
        ("POST", "/api/password_change", 400, 1),
        ("POST", "/api/password_confirm/{uidb64}/{token}", 400, None),
        ("DELETE", "/api/account", 200, 1),
    ]
    assert [secret for secret in (EMAIL, PASSWORD, WRONG, "t0k3n-of-a-link") if secret in said()] == []


def test_who_set_a_forgotten_password_is_named_beside_the_call_by_the_mail_that_tells_of_it(demo, said):
    demo.confirm(*demo.reset_link())
    lines = [json.loads(line) for line in said().splitlines()]
    (answered,) = [line for line in lines if line.get("route", "").startswith("/api/password_confirm")]
    (queued,) = [line for line in lines if line.get("kind") == "password_changed"]
    assert answered["request_id"] == queued["request_id"]
    assert queued["key"].startswith("password-1-")


def test_asvs_16_2_5_a_fault_logs_its_traceback_and_nothing_that_was_sent(demo, said, monkeypatch):
    def broken(*_arguments, **_named):
        raise RuntimeError("the table is gone")

    monkeypatch.setattr(sessions, "begin", broken)
    body = json.dumps({"email": EMAIL, "password": PASSWORD}).encode()
    answer = demo.client.http.post("/api/login/", headers={"Content-Type": "application/json"}, body=body)
    assert answer.status_code == 500
    assert "the table is gone" in said()
    assert PASSWORD not in said()
