"""Passwords forgotten and changed (contract, section 3)."""

import pytest
from botocore.exceptions import EndpointConnectionError

from functions import settings
from functions.accounts import links, people, personal_data, recovery
from functions.errors import InvalidInputError
from functions.mail import outbox
from tests.unit import clients
from tests.unit.accounts.browser import EMAIL, NEW_PASSWORD, PASSWORD, errors, mails, uid_and_token

SENT = {"detail": "If this email exists, a password reset link has been sent."}
DEAD = {"token": ["Invalid or expired password reset token."]}
UPDATED = {"detail": "Password updated."}
DAY = 24 * 3600


def test_asvs_6_3_7_a_forgotten_password_is_replaced_by_a_mailed_link(demo):
    answer = demo.post("/api/password_reset/", {"email": EMAIL.upper()})
    assert (answer.status_code, answer.json_body) == (200, SENT)
    [mail] = mails()
    assert (mail["kind"], mail["to"], mail["context"]["hours"]) == ("reset_password", EMAIL, "24")
    assert mail["context"]["link"].startswith("http://127.0.0.1:5500/pages/auth/confirm_password.html?uid=MQ&token=")
    answer = demo.confirm(*uid_and_token(mail))
    assert (answer.status_code, answer.json_body) == (200, UPDATED)
    assert demo.log_in().status_code == 400
    assert demo.log_in(password=NEW_PASSWORD).status_code == 200
    assert [(mail["kind"], mail["to"]) for mail in mails()][1:] == [("password_changed", EMAIL)]  # ASVS 6.3.7


@pytest.mark.parametrize("email", ["nobody@example.com", "no address", "a" * 300 + "@example.com", "\0"])
def test_an_unknown_address_gets_the_same_answer_and_no_mail(demo, email):
    answer = demo.post("/api/password_reset/", {"email": email})
    assert (answer.status_code, answer.json_body) == (200, SENT)
    assert [mail["kind"] for mail in mails()] == ["nothing"]


def test_the_link_that_nobody_gets_is_nobodys_and_is_forgotten_like_any_other(demo):
    """The same calls are made for an unknown address: what they write must open no account, nor stay for ever."""
    demo.post("/api/password_reset/", {"email": "nobody@example.com"})
    demo.post("/api/activate/resend/", {"email": "nobody@example.com"})
    assert personal_data.export(1)["links"] == []
    left = [row for row in clients.client("dynamodb").scan(TableName="videoflix-local-accounts")["Items"]
            if row["sk"]["S"].startswith("link#")]  # fmt: skip
    assert sorted(row["expires_at"]["N"] for row in left) == ["1795435200", "1795608000"], "a day, and three"


def test_an_inactive_account_gets_no_link(demo):
    people.set_active(1, is_active=False)
    demo.post("/api/password_reset/", {"email": EMAIL})
    assert [mail["kind"] for mail in mails()] == ["nothing"]


@pytest.mark.parametrize("body", [{}, {"email": ""}, {"email": None}])
def test_without_an_address_the_call_says_so(demo, body):
    answer = demo.post("/api/password_reset/", body)
    assert (answer.status_code, errors(answer)) == (400, {"email": ["Email is required."]})


def test_asvs_7_4_3_a_reset_ends_every_session_at_once(viewer):
    uid, token = viewer.reset_link()
    viewer.at("192.0.2.5").confirm(uid, token)
    assert not viewer.is_logged_in()
    assert viewer.refresh().status_code == 401


def test_asvs_6_5_1_a_link_works_once(demo):
    uid, token = demo.reset_link()
    assert demo.confirm(uid, token).status_code == 200
    answer = demo.confirm(uid, token, "yet another password")
    assert (answer.status_code, errors(answer)) == (400, DEAD)
    assert demo.log_in(password=NEW_PASSWORD).status_code == 200


def test_asvs_6_5_1_a_link_sent_twice_at_the_same_moment_works_once(demo, monkeypatch):
    """Both requests read the unused link before either writes."""
    uid, token = demo.reset_link()
    before = [links.find("reset", uid, token) for _ in range(2)]
    monkeypatch.setattr(links, "find", lambda *_: before.pop())
    recovery.confirm_reset(uid, token, "the first password")
    with pytest.raises(InvalidInputError):
        recovery.confirm_reset(uid, token, "the second password")
    assert demo.log_in(password="the first password").status_code == 200


def test_asvs_6_5_1_the_links_of_several_mails_work_until_one_was_used(demo):
    first, second = demo.reset_link(), demo.reset_link()
    assert demo.confirm(*first).status_code == 200
    assert errors(demo.confirm(*second, "yet another password")) == DEAD


def test_asvs_6_4_1_a_link_dies_after_a_day(demo, clock):
    uid, token = demo.reset_link()
    clock.shift(DAY)
    assert errors(demo.confirm(uid, token)) == DEAD
    uid, token = demo.reset_link()
    clock.shift(DAY - 1)
    assert demo.confirm(uid, token).status_code == 200


def test_deactivation_kills_the_links_that_were_mailed(demo):
    link = demo.reset_link()
    people.set_active(1, is_active=False)
    assert errors(demo.confirm(*link)) == DEAD
    people.set_active(1, is_active=True)
    assert errors(demo.confirm(*link)) == DEAD


def test_asvs_6_4_3_neither_kind_of_link_serves_as_the_other(demo):
    body = demo.register().json_body
    assert errors(demo.confirm(body["uidb64"], body["token"])) == DEAD
    uid, token = demo.reset_link()
    assert demo.get(f"/api/activate/{uid}/{token}/").status_code == 400
    assert demo.confirm(uid, token).status_code == 200


def test_asvs_6_4_3_a_link_serves_nobody_else(demo):
    people.seed("other@example.com", PASSWORD)
    _, token = demo.reset_link()
    assert errors(demo.confirm(links.encode_uid(2), token)) == DEAD


@pytest.mark.parametrize(
    ("new", "again", "wrong"),
    [
        (NEW_PASSWORD, "different", {"confirm_password": ["Passwords do not match."]}),
        ("short", "short", {"new_password": ["This password is too short. It must contain at least 8 characters."]}),
        ("password1", "password1", {"new_password": ["This password is too common."]}),
        (
            None,
            None,
            {"new_password": ["Password is required."], "confirm_password": ["confirm_password is required."]},
        ),
        (7, [7], {"new_password": ["Not a valid string."], "confirm_password": ["Not a valid string."]}),
    ],
)
def test_a_bad_new_password_is_refused_and_the_link_stays_good(demo, new, again, wrong):
    uid, token = demo.reset_link()
    answer = demo.post(f"/api/password_confirm/{uid}/{token}/", {"new_password": new, "confirm_password": again})
    assert (answer.status_code, errors(answer)) == (400, wrong)
    assert demo.confirm(uid, token).status_code == 200


def test_without_a_frontend_the_link_leads_to_a_form_that_works(demo, environment):
    environment.setenv("FRONTEND_BASE_URL", "")
    settings.current.cache_clear()
    demo.post("/api/password_reset/", {"email": EMAIL})
    path = mails()[0]["context"]["link"].removeprefix("http://127.0.0.1:8000")
    page = demo.get(path, Accept="text/html")
    assert page.status_code == 200
    assert 'name="new_password"' in page.body.decode()
    as_browser = {"Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded"}
    as_browser["Origin"] = "http://127.0.0.1:8000"
    answer = demo.call("POST", path, b"new_password=first&confirm_password=other", as_browser)
    assert answer.status_code == 400
    assert "Passwords do not match." in answer.body.decode()
    form = b"new_password=another+good+one&confirm_password=another+good+one"
    answer = demo.call("POST", path, form, as_browser)
    assert answer.status_code == 200
    assert "Password updated." in answer.body.decode()
    assert demo.log_in(password="another good one").status_code == 200


def change(browser, current=PASSWORD, new=NEW_PASSWORD):
    passwords = {"current_password": current, "new_password": new, "confirm_password": new}
    return browser.post("/api/password_change/", passwords)


def test_asvs_6_2_2_a_change_needs_the_current_password_and_ends_every_session(viewer):
    """ASVS 6.2.3, 7.4.3: also the one that asked, as contract section 2 says of its access token."""
    tab, link = viewer.copy(), viewer.reset_link()
    answer = change(viewer, current="wrong")
    assert (answer.status_code, errors(answer)) == (400, {"current_password": ["The password is wrong."]})
    answer = change(viewer)
    assert (answer.status_code, answer.json_body) == (200, UPDATED)
    assert "access_token" not in viewer.cookies
    assert not tab.is_logged_in()
    assert tab.refresh().status_code == 401
    assert errors(viewer.confirm(*link)) == DEAD
    assert viewer.log_in(password=NEW_PASSWORD).status_code == 200


def test_of_two_changes_at_the_same_moment_one_says_that_the_other_was_made(viewer, monkeypatch):
    """Both prove the old password before either writes."""
    before = [people.row_of(1) for _ in range(2)]
    monkeypatch.setattr(recovery, "prove", lambda *_, **__: before.pop())
    second = viewer.copy()
    assert change(viewer).status_code == 200
    with pytest.raises(InvalidInputError) as refused:
        recovery.change(1, PASSWORD, "yet another password")
    assert refused.value.errors == {"non_field_errors": ["The password was changed at the same moment."]}
    assert not second.is_logged_in()
    assert viewer.log_in(password=NEW_PASSWORD).status_code == 200


def test_who_guesses_passwords_keeps_nobody_else_from_changing_theirs(viewer):
    people.seed("other@example.com", PASSWORD)
    other = viewer.at("198.51.100.3")
    other.log_in("other@example.com")
    assert [change(viewer, current="wrong").status_code for _ in range(6)] == [400] * 5 + [429]
    assert change(other).status_code == 200


def test_a_change_needs_a_login_and_all_its_fields(demo):
    assert change(demo).status_code == 401
    demo.log_in()
    answer = demo.post("/api/password_change/", {})
    assert set(errors(answer)) == {"current_password", "new_password", "confirm_password"}


def test_asvs_7_5_1_whoever_finds_an_open_session_cannot_guess_the_password_by_changing_it(viewer):
    assert [change(viewer, current="wrong").status_code for _ in range(6)] == [400] * 5 + [429]
    answer = change(viewer)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "60"


def test_two_changes_at_the_same_moment_make_one_password(demo, monkeypatch):
    rows = [people.row_of(1) for _ in range(2)]
    monkeypatch.setattr(recovery, "prove", lambda *_, **__: rows.pop())
    recovery.change(1, PASSWORD, "the first password")
    with pytest.raises(InvalidInputError):
        recovery.change(1, PASSWORD, "the second password")


def test_a_password_that_was_set_is_never_said_to_be_refused(demo, monkeypatch):
    """The answer of DynamoDB is lost, the write is sent again, and finds its own result."""
    link = demo.reset_link()
    viewer = demo.at("192.0.2.7")
    assert viewer.log_in().status_code == 200
    with monkeypatch.context() as during:
        clients.lose_answers(during, "UpdateItem")
        assert demo.confirm(*link).json_body == UPDATED
        assert viewer.log_in(password=NEW_PASSWORD).status_code == 200
        third = {"new_password": "a third one 3", "confirm_password": "a third one 3"}
        change = viewer.post("/api/password_change/", {"current_password": NEW_PASSWORD, **third})
        assert change.status_code == 200
    assert [mail["kind"] for mail in mails()].count("password_changed") == 2, "each was told of (ASVS 6.3.7)"
    assert demo.log_in(password="a third one 3").status_code == 200


def test_the_password_is_changed_though_the_mail_about_it_cannot_be_queued(demo, monkeypatch, logged):
    link = demo.reset_link()

    def broken(*_args, **_named):
        raise EndpointConnectionError(endpoint_url="sqs")

    monkeypatch.setattr(outbox, "send", broken)
    assert demo.confirm(*link).status_code == 200
    assert ("password_mail_failed", {"person_id": 1}) in logged()
    assert demo.log_in(password=NEW_PASSWORD).status_code == 200


def test_asvs_2_4_1_a_mailbox_is_not_flooded_from_many_networks(demo):
    for number in range(25):
        assert demo.at(f"192.0.2.{number}").post("/api/password_reset/", {"email": EMAIL}).json_body == SENT
    kinds = [mail["kind"] for mail in mails()]
    assert kinds == ["reset_password"] * 20 + ["nothing"] * 5
