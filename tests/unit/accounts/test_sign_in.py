"""Logging in and out, and staying in, as the contract's sections 1 to 3 say."""

import re

import pytest

from functions import settings
from functions.accounts import people
from tests.unit.accounts.browser import EMAIL, NEW_PASSWORD, PASSWORD, errors, set_cookies

INVALID = {"non_field_errors": ["Invalid credentials."]}
MISSING = {"refresh_token": ["Refresh token cookie missing."]}
NOBODY = {"non_field_errors": ["Authentication credentials were not provided."]}


def test_the_seeded_account_can_log_in_however_the_address_is_spelled(demo):
    answer = demo.log_in("  Demo@Videoflix.LOCAL ")
    assert answer.status_code == 200
    assert answer.json_body == {"detail": "Login successful", "user": {"id": 1, "username": EMAIL}}
    assert demo.is_logged_in()


def test_a_form_logs_in_as_json_does(demo):
    assert demo.post_form("/api/login", email=EMAIL, password=PASSWORD).status_code == 200


def test_asvs_3_3_1_the_cookies_are_those_that_the_frontend_and_browsers_need(demo):
    cookies = {line.partition("=")[0]: line for line in set_cookies(demo.log_in())}
    assert set(cookies) == {"access_token", "refresh_token", "csrftoken"}
    for name, age in (("access_token", 1800), ("refresh_token", 14 * 24 * 3600)):
        assert f"; Path=/; Max-Age={age}; SameSite=Lax; HttpOnly" in cookies[name]
        assert "Secure" not in cookies[name]  # a local stage has no HTTPS
    assert "HttpOnly" not in cookies["csrftoken"]
    assert "; Path=/;" in cookies["csrftoken"]


@pytest.mark.parametrize(("samesite", "secure"), [("Lax", "true"), ("None", "false")])
def test_asvs_3_3_1_cookies_are_secure_where_the_stage_says_so_and_wherever_browsers_insist(
    demo, environment, samesite, secure
):
    environment.setenv("COOKIE_SECURE", secure)
    environment.setenv("COOKIE_SAMESITE", samesite)
    settings.current.cache_clear()
    for line in set_cookies(demo.log_in()):
        assert "; Secure" in line
        assert f"; SameSite={samesite}" in line


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": EMAIL},
        {"password": PASSWORD},
        {"email": EMAIL, "password": "wrong"},
        {"email": EMAIL, "password": ""},
        {"email": EMAIL, "password": 12345678},
        {"email": None, "password": None},
        {"email": "nobody@example.com", "password": PASSWORD},
        {"email": "no address", "password": PASSWORD},
        {"email": "a" * 151 + "@example.com", "password": PASSWORD},
        {"email": EMAIL, "password": "x" * 10_000},
    ],
)
def test_anything_wrong_gets_one_answer(demo, body):
    answer = demo.post("/api/login/", body)
    assert (answer.status_code, errors(answer)) == (400, INVALID)
    assert not set_cookies(answer)


def test_asvs_6_3_8_an_inactive_account_is_named_only_to_whoever_knows_its_password(demo):
    people.set_active(1, is_active=False)
    assert errors(demo.log_in(password="wrong")) == INVALID
    answer = demo.log_in()
    assert (answer.status_code, errors(answer)) == (403, {"non_field_errors": ["Account is inactive."]})
    assert not set_cookies(answer)


def test_bearer_is_accepted_as_well_in_any_case(viewer):
    token = viewer.cookies["access_token"]
    stranger = viewer.at("192.0.2.7")
    assert stranger.get("/api/account/", Authorization=f"bearer {token}").status_code == 200


def test_who_sends_nothing_is_told_so_and_who_sends_nonsense_too(demo):
    answer = demo.get("/api/account/")
    assert (answer.status_code, errors(answer)) == (401, NOBODY)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    answer = demo.get("/api/account/", Authorization="Bearer nonsense")
    assert (answer.status_code, errors(answer)) == (401, {"non_field_errors": ["Invalid token."]})


def test_asvs_7_4_1_logout_ends_the_session_and_takes_the_cookies_back(viewer):
    thief = viewer.copy()
    answer = viewer.post("/api/logout/")
    assert answer.status_code == 200
    assert answer.json_body == {
        "detail": "Logout successful! All tokens will be deleted. Refresh token is now invalid."
    }
    assert "access_token" not in viewer.cookies
    assert "refresh_token" not in viewer.cookies
    # ASVS 7.4.1: replay after logout. The access token had 30 minutes left.
    assert not thief.is_logged_in()
    assert thief.refresh().status_code == 401


def test_logout_after_the_access_token_died_ends_the_session_too(viewer, clock):
    """A tab was left open for an hour."""
    thief = viewer.copy()
    clock.shift(3600)
    assert viewer.post("/api/logout/").status_code == 200
    assert thief.refresh().status_code == 401


def test_logout_ends_this_session_only(viewer):
    phone = viewer.at("192.0.2.9")
    phone.log_in()
    viewer.post("/api/logout/")
    assert phone.is_logged_in()


def test_logout_without_the_refresh_cookie_says_so_and_still_ends_what_it_can(viewer):
    thief = viewer.copy()
    del viewer.cookies["refresh_token"]
    answer = viewer.post("/api/logout/", {})
    assert (answer.status_code, errors(answer)) == (400, MISSING)
    assert re.search(r"^access_token=;.*Max-Age=0", "\n".join(set_cookies(answer)), re.MULTILINE)
    assert not thief.is_logged_in()


def test_logout_with_a_cookie_that_is_no_token_still_logs_out_of_this_browser(viewer):
    viewer.cookies["refresh_token"] = "nonsense"
    assert viewer.post("/api/logout/").status_code == 200
    assert "refresh_token" not in viewer.cookies


def test_a_refresh_gives_new_cookies_and_the_access_token(viewer):
    before = dict(viewer.cookies)
    answer = viewer.refresh()
    assert answer.status_code == 200
    assert answer.json_body["detail"] == "Token refreshed"
    assert answer.json_body["access"] == viewer.cookies["access_token"]
    assert viewer.cookies["refresh_token"] != before["refresh_token"]
    assert "csrftoken" in viewer.cookies
    assert viewer.is_logged_in()


@pytest.mark.parametrize("cookie", [None, "", "  "], ids=["none", "empty", "blank"])
def test_a_refresh_without_a_cookie_says_so(demo, cookie):
    if cookie is not None:
        demo.cookies["refresh_token"] = cookie
    answer = demo.refresh()
    assert (answer.status_code, errors(answer)) == (400, MISSING)


def test_a_refresh_with_a_token_that_is_none_is_refused(viewer):
    for token in ("nonsense", viewer.cookies["access_token"]):
        viewer.cookies["refresh_token"] = token
        answer = viewer.refresh()
        assert (answer.status_code, errors(answer)) == (401, {"refresh_token": ["Invalid refresh token."]})
        assert "WWW-Authenticate" in answer.headers


def test_asvs_7_4_2_deactivation_holds_at_once_and_for_every_session(viewer):
    people.set_active(1, is_active=False)
    assert not viewer.is_logged_in()
    assert viewer.refresh().status_code == 401
    people.set_active(1, is_active=True)
    assert not viewer.is_logged_in()  # sessions that ended stay ended
    assert viewer.log_in().status_code == 200


def test_cookies_of_other_programs_on_the_same_host_do_not_log_anybody_out(viewer):
    viewer.cookies = {'{"odd": [1]}': "x y,z", "a b": '"', **viewer.cookies}
    assert viewer.is_logged_in()


def test_every_account_call_answers_with_a_json_body_that_no_cache_keeps(viewer):
    for answer in (viewer.get("/api/account/"), viewer.refresh(), viewer.post("/api/logout/")):
        assert answer.json_body
        assert answer.headers["Cache-Control"] == "no-store"


def test_asvs_3_5_1_a_foreign_origin_cannot_log_anybody_in_or_out(viewer):
    """CSRF (ASVS 3.5.1): the cookies travel with a foreign page's form, the call is refused all the same."""
    for origin in ("https://evil.example", "null", "http://127.0.0.1:5500.evil.example"):
        for path, body in (("/api/login/", {"email": EMAIL, "password": PASSWORD}), ("/api/logout/", None)):
            assert viewer.post(path, body, Origin=origin).status_code == 403
    change = {"current_password": PASSWORD, "new_password": NEW_PASSWORD, "confirm_password": NEW_PASSWORD}
    assert viewer.post("/api/password_change/", change, Origin="null").status_code == 403
    assert viewer.is_logged_in()
    assert viewer.post("/api/logout/", Origin="http://127.0.0.1:5500").status_code == 200
