"""Registering and activating (contract, section 3; faults of the original, section 8)."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from functions import settings
from functions.accounts import links, people, registration, rows
from functions.errors import InvalidInputError, NotFoundError
from functions.mail import outbox
from tests.unit.accounts.browser import EMAIL, NEW_PASSWORD, errors, mails, uid_and_token

TAKEN = {"email": ["A user with this email already exists."]}
DEAD = ["Invalid or expired activation link."]
DAY = 24 * 3600


def test_whoever_registers_gets_a_mail_whose_link_lets_them_in(somebody):
    answer = somebody.register(" New@Example.com ")
    assert answer.status_code == 201
    uid, token = answer.json_body["uidb64"], answer.json_body["token"]
    assert answer.json_body == {"user": {"id": 1, "email": "new@example.com"}, "uidb64": uid, "token": token}
    assert uid == "MQ"
    [mail] = mails()
    assert (mail["kind"], mail["to"]) == ("activate", "new@example.com")
    assert mail["context"]["link"] == f"http://127.0.0.1:5500/pages/auth/activate.html?uid={uid}&token={token}"
    assert token not in mail["key"]
    assert somebody.log_in("new@example.com", NEW_PASSWORD).status_code == 403
    answer = somebody.get(f"/api/activate/{uid}/{token}/")
    assert (answer.status_code, answer.json_body) == (200, {"message": "Account successfully activated."})
    assert somebody.log_in("new@example.com", NEW_PASSWORD).status_code == 200


def test_the_token_is_answered_only_where_the_stage_says_so(somebody, environment):
    environment.setenv("EXPOSE_ACTIVATION_TOKEN", "false")
    settings.current.cache_clear()
    assert somebody.register().json_body == {"user": {"id": 1, "email": "new@example.com"}}


def test_without_a_frontend_the_links_point_at_the_api_and_work_there(somebody, environment):
    environment.setenv("FRONTEND_BASE_URL", "")
    settings.current.cache_clear()
    somebody.register()
    link = mails()[0]["context"]["link"]
    assert link.startswith("http://127.0.0.1:8000/api/activate/MQ/")
    assert somebody.get(link.removeprefix("http://127.0.0.1:8000")).status_code == 200


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (
            {},
            {
                "email": ["Email is required."],
                "password": ["Password is required."],
                "confirmed_password": ["confirmed_password is required."],
            },
        ),
        (
            {"email": " ", "password": "short", "confirmed_password": "shirt"},
            {
                "email": ["Enter a valid email address."],
                "password": ["This password is too short. It must contain at least 8 characters."],
                "confirmed_password": ["Passwords do not match."],
            },
        ),
        (
            {"email": EMAIL, "password": 12345678, "confirmed_password": ["x"]},
            {**TAKEN, "password": ["Not a valid string."], "confirmed_password": ["Not a valid string."]},
        ),
        (
            {"email": "a@example.com", "password": " PassWord1", "confirmed_password": " PassWord1"},
            {"password": ["This password is too common."]},
        ),
        (
            {"email": "a@example.com", "password": "x" * 10_240, "confirmed_password": "x" * 10_240},
            {"password": ["This password is too long. It must contain at most 4096 characters."]},
        ),
    ],
)
def test_everything_wrong_is_said_at_once(demo, body, wrong):
    answer = demo.post("/api/register/", body)
    assert (answer.status_code, errors(answer)) == (400, wrong)
    assert mails() == []


@pytest.mark.parametrize("body", [[], [{"email": EMAIL}], "text", 7, None, True])
def test_a_body_that_is_no_object_is_refused(somebody, body):
    answer = somebody.call("POST", "/api/register/", json.dumps(body).encode(), {"Content-Type": "application/json"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "email",
    [
        "plain", "a@b", "a@@example.com", "a b@example.com", "a@-example.com", "a@example.com\nbcc: x@example.com",
        "a" * 151 + "@example.com", "a@" + "b" * 250 + ".com", "ä@example.com", "a@exa\u0000mple.com",
        "demo@videofli\u212a.local", "a..b@example.com", ".a@example.com", "a.@example.com",
        "=?utf-8?q?x?=@example.com",
    ],
)  # fmt: skip
def test_asvs_2_2_1_what_is_no_address_is_refused(somebody, email):
    """Also the Kelvin sign, whose lower case is a plain k: it must not stand for another's address."""
    answer = somebody.register(email)
    assert (answer.status_code, errors(answer)) == (400, {"email": ["Enter a valid email address."]})


@pytest.mark.parametrize(
    "password",
    ["🎬" * 64, "nul\0in the middle", "  spaces at both ends  ", "ünïcödé pässwörd", "a" * 4096],
    ids=["emoji", "nul", "spaces", "accents", "long"],
)
def test_asvs_6_2_1_any_characters_and_any_length_make_a_password(somebody, password):
    """ASVS 6.2.5, 6.2.8, 6.2.9: nothing is cut off, so a password that differs at its very end is another."""
    body = somebody.register(password=password).json_body
    somebody.get(f"/api/activate/{body['uidb64']}/{body['token']}")
    assert somebody.log_in("new@example.com", password[:-1] + "?").status_code == 400
    assert somebody.log_in("new@example.com", password).status_code == 200


def test_a_taken_address_stays_with_its_owner_and_uses_up_no_id(demo):
    for spelling in (EMAIL, EMAIL.upper()):
        answer = demo.register(spelling)
        assert (answer.status_code, errors(answer)) == (400, TAKEN)
    assert demo.register("next@example.com").json_body["user"]["id"] == 2


def test_asvs_15_4_2_of_eight_registrations_at_the_same_moment_exactly_one_wins(somebody, monkeypatch):
    """All eight find the address free; then each writes."""
    monkeypatch.setattr(people, "is_taken", lambda _email: False)

    def register(number):
        try:
            return registration.register("same@example.com", f"password number {number}").person.id
        except InvalidInputError:
            return None

    with ThreadPoolExecutor(8) as pool:
        winners = [winner for winner in pool.map(register, range(8)) if winner]
    assert len(winners) == 1
    assert people.find_by_email("same@example.com").id == winners[0]
    assert [mail["to"] for mail in mails()] == ["same@example.com"]


def test_a_second_click_is_fine_because_mail_scanners_click_first(somebody):
    body = somebody.register().json_body
    for _ in range(3):
        assert somebody.get(f"/api/activate/{body['uidb64']}/{body['token']}/").status_code == 200


def test_a_browser_gets_a_page_and_a_program_gets_json(somebody):
    body = somebody.register().json_body
    for path, status, text in (
        (f"/api/activate/{body['uidb64']}/{body['token']}/", 200, "Account successfully activated."),
        ("/api/activate/MQ/nonsense/", 400, "Invalid or expired activation link."),
    ):
        answer = somebody.get(path, Accept="text/html,application/xhtml+xml,*/*;q=0.8")
        assert answer.status_code == status
        assert answer.headers["Content-Type"].startswith("text/html")
        assert text in answer.body.decode()
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", ["MQ/nonsense", "MQ/" + "x" * 5000, "Mg/{token}", "%F0%9F%8E%AC/{token}", "MQ==/{token}", "LTE/x", "x/x"]
)
def test_a_link_that_was_never_mailed_activates_nobody(somebody, path):
    token = somebody.register().json_body["token"]
    answer = somebody.get(f"/api/activate/{path.format(token=token)}/")
    assert (answer.status_code, errors(answer)) == (400, DEAD)


def test_asvs_6_4_1_a_link_dies_after_three_days_and_the_address_is_free_again(somebody, clock):
    """Though DynamoDB has deleted nothing yet."""
    old = somebody.register().json_body
    clock.shift(3 * DAY - 1)
    assert errors(somebody.register()) == TAKEN
    clock.shift(1)
    answer = somebody.get(f"/api/activate/{old['uidb64']}/{old['token']}/")
    assert (answer.status_code, errors(answer)) == (400, DEAD)
    assert somebody.log_in("new@example.com", NEW_PASSWORD).status_code == 400
    new = somebody.register(password="of the new owner")
    assert new.status_code == 201
    assert new.json_body["user"]["id"] == 2
    assert somebody.get(f"/api/activate/{new.json_body['uidb64']}/{new.json_body['token']}/").status_code == 200
    assert somebody.log_in("new@example.com", "of the new owner").json_body["user"]["id"] == 2


def test_an_activated_account_stays(somebody, clock):
    body = somebody.register().json_body
    somebody.get(f"/api/activate/{body['uidb64']}/{body['token']}/")
    clock.shift(4 * DAY)
    assert somebody.log_in("new@example.com", NEW_PASSWORD).status_code == 200
    assert errors(somebody.register()) == TAKEN


def test_an_old_link_does_not_let_in_whoever_was_deactivated(somebody):
    body = somebody.register().json_body
    somebody.get(f"/api/activate/{body['uidb64']}/{body['token']}/")
    people.set_active(1, is_active=False)
    assert somebody.get(f"/api/activate/{body['uidb64']}/{body['token']}/").status_code == 400
    assert not people.get(1).is_active


def test_who_is_let_out_before_they_came_in_stays_out(somebody):
    """The mailed link, or another one that they ask for, let them in all the same."""
    body = somebody.register().json_body
    people.set_active(1, is_active=False)
    assert somebody.get(f"/api/activate/{body['uidb64']}/{body['token']}/").status_code == 400
    mailed = len(mails())
    somebody.post("/api/activate/resend/", {"email": "new@example.com"})
    assert [mail["kind"] for mail in mails()[mailed:]] == ["nothing"]
    assert somebody.log_in("new@example.com", NEW_PASSWORD).status_code == 403
    people.set_active(1, is_active=True)
    assert somebody.log_in("new@example.com", NEW_PASSWORD).status_code == 200


def test_who_is_let_out_while_they_click_on_the_link_is_out(somebody, monkeypatch):
    body = somebody.register().json_body
    before = people.row_of(1)
    assert somebody.get(f"/api/activate/{body['uidb64']}/{body['token']}/").status_code == 200
    rows = [people.row_of(1), before]  # read before the click, and again
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(people, "row_of", lambda _: rows.pop())
        assert people.set_active(1, is_active=False).is_active is False
    assert somebody.log_in("new@example.com", NEW_PASSWORD).status_code == 403


def test_two_clicks_at_the_same_moment_both_succeed(somebody, monkeypatch):
    body = somebody.register().json_body
    before = [links.find("activate", body["uidb64"], body["token"]) for _ in range(2)]
    monkeypatch.setattr(links, "find", lambda *_: before.pop())  # both read before either writes
    assert [registration.activate("MQ", body["token"], "192.0.2.1") for _ in range(2)] == [True, True]


def test_the_link_can_be_mailed_again(somebody):
    somebody.register()
    answer = somebody.post("/api/activate/resend/", {"email": "New@example.com"})
    assert answer.status_code == 200
    first, second = mails()
    assert second["kind"] == "activate"
    assert second["key"] != first["key"]
    uid, token = uid_and_token(second)
    assert somebody.get(f"/api/activate/{uid}/{token}/").status_code == 200


def test_asking_again_keeps_no_address_longer(somebody, clock):
    somebody.register()
    clock.shift(3 * DAY - 7200)
    somebody.post("/api/activate/resend/", {"email": "new@example.com"})
    assert mails()[-1]["context"]["hours"] == "2"
    clock.shift(7200)
    assert somebody.register().status_code == 201


def test_a_mail_says_for_how_many_hours_its_link_is_good_and_at_least_one(somebody, clock):
    somebody.register("new@example.com")
    clock.shift(3 * DAY - 1800)
    somebody.post("/api/activate/resend/", {"email": "new@example.com"})
    assert [mail["context"]["hours"] for mail in mails()] == ["72", "1"]


def test_a_mail_of_an_account_that_took_a_moment_to_make_says_three_days_as_well(somebody, clock, meanwhile):
    meanwhile(people, "create", lambda: clock.shift(1))
    somebody.register("new@example.com")
    assert [mail["context"]["hours"] for mail in mails()] == ["72"]


def test_a_link_opens_no_account_whose_address_is_anothers_by_now(somebody):
    body = somebody.register("new@example.com").json_body
    rows.AddressRow(*rows.address_key("new@example.com"), person_id=2).save()
    assert somebody.get(f"/api/activate/{body['uidb64']}/{body['token']}/").status_code == 400
    assert not people.get(1).is_active


def test_links_have_one_slash_where_settings_end_with_one(somebody, environment):
    for frontend, address in (("http://frontend/", "http://frontend/pages/auth/"), ("", "http://api/api/activate/MQ/")):
        environment.setenv("FRONTEND_BASE_URL", frontend)
        environment.setenv("API_BASE_URL", "http://api/")
        settings.current.cache_clear()
        assert links.url("activate", 1, "token").startswith(address)


def test_the_token_of_a_link_has_256_bits(somebody):
    assert len(somebody.register().json_body["token"]) == 43  # base64url of 32 bytes


def test_the_longest_address_that_mail_knows_can_register(somebody):
    """RFC 5321, 4.5.3.1."""
    longest = f"{'a' * 60}@{'.'.join(['b' * 60] * 3)}.{'c' * 6}.com"
    assert [len(longest), somebody.register(longest).status_code] == [254, 201]
    assert somebody.register(f"a{longest}").status_code == 400


def test_who_is_not_there_cannot_be_let_in(somebody):
    with pytest.raises(NotFoundError) as refused:
        people.set_active(7, is_active=True)
    assert refused.value.errors == {"non_field_errors": ["There is no such account."]}


def test_whoever_registers_is_no_staff(somebody):
    assert somebody.register().status_code == 201
    assert people.get(1).is_staff is False


def test_an_address_is_taken_once_and_a_second_try_uses_up_no_number(demo, monkeypatch):
    wanted = {"is_active": True, "lasts": None}
    for _ in range(2):
        with pytest.raises(InvalidInputError) as refused:
            people.create(EMAIL, "a hash", **wanted)
        assert refused.value.errors == TAKEN
    assert people.create("next@example.com", "a hash", **wanted).person_id == 2
    monkeypatch.setattr(people, "is_taken", lambda _email: False)  # both looked before either wrote
    with pytest.raises(InvalidInputError) as refused:
        people.create(EMAIL, "a hash", **wanted)
    assert refused.value.errors == TAKEN


def test_what_is_no_address_is_not_seeded(somebody):
    with pytest.raises(InvalidInputError) as refused:
        people.seed("no address", NEW_PASSWORD)
    assert refused.value.errors == {"email": ["Enter a valid email address."]}


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com", "no address"])
def test_resending_says_the_same_to_everybody_and_mails_only_who_waits(demo, email):
    answer = demo.post("/api/activate/resend/", {"email": email})
    assert answer.status_code == 200
    assert answer.json_body == {"detail": "If this email waits for activation, an activation link has been sent."}
    assert [mail["kind"] for mail in mails()] == ["nothing"]


def test_a_registration_whose_mail_cannot_be_queued_leaves_the_address_free(somebody, monkeypatch):
    def broken(*_args, **_named):
        raise ConnectionError

    monkeypatch.setattr(outbox, "send", broken)
    with pytest.raises(ConnectionError):
        registration.register("new@example.com", NEW_PASSWORD)
    monkeypatch.undo()
    assert people.find_by_email("new@example.com") is None
