"""Tokens and sessions: RFC 8725 for the JWTs, RFC 9700 and OWASP ASVS 5.0 (7, 9) for what they open."""

import base64
import json
import time

import jwt
import pytest

from functions.accounts import keys, people, personal_data, sessions, tokens
from functions.accounts.rows import KnownRow, SessionRow, known_key, session_key
from functions.errors import UnauthenticatedError
from tests.unit import clients
from tests.unit.accounts.browser import EMAIL, errors
from tests.unit.accounts.forging import SECRET, claims_of, forged, knocks, put

DAY = 24 * 3600


def test_a_token_signed_like_ours_is_the_control_for_all_forgeries(viewer):
    assert knocks(viewer, forged(viewer.cookies["access_token"])) == 200


def test_a_refresh_token_is_issued_at_the_second_of_its_rotation(viewer, clock):
    """Whatever a second tab is handed for one serial, is the same token."""
    clock.shift(600)
    viewer.refresh()
    issued = claims_of(viewer.cookies["refresh_token"])["iat"]
    assert (issued, type(issued)) == (int(time.time()), int)


def test_the_clocks_of_two_machines_may_be_two_seconds_apart(viewer):
    token, now = viewer.cookies["access_token"], int(time.time())
    assert [knocks(viewer, forged(token, iat=now + late)) for late in (2, 3)] == [200, 401]


def test_the_claims_are_those_of_the_contract_and_name_nobody(viewer):
    token = viewer.cookies["access_token"]
    claims = claims_of(token)
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "kid": "initial", "typ": "JWT"}
    assert claims["exp"] - claims["iat"] == 30 * 60
    assert set(claims) == {"iss", "aud", "sub", "sid", "type", "jti", "iat", "exp"}
    assert claims["type"] == "access"
    refresh = claims_of(viewer.cookies["refresh_token"])
    assert refresh["exp"] - refresh["iat"] == 14 * DAY
    assert refresh["type"] == "refresh"
    assert EMAIL not in json.dumps([claims, refresh])


def test_every_access_token_has_a_name_of_its_own(viewer):
    first = claims_of(viewer.cookies["access_token"])["jti"]
    viewer.refresh()
    assert claims_of(viewer.cookies["access_token"])["jti"] != first


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", ""])
def test_rfc_8725_2_1_a_token_without_a_signature_is_nothing(viewer, alg):
    _, payload, signature = viewer.cookies["access_token"].split(".")
    header = base64.urlsafe_b64encode(json.dumps({"alg": alg, "kid": "initial"}).encode()).decode().rstrip("=")
    assert knocks(viewer, f"{header}.{payload}.") == 401
    assert knocks(viewer, f"{header}.{payload}.{signature}") == 401


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_rfc_8725_3_1_no_algorithm_but_ours_even_with_our_key(viewer, algorithm):
    put({"kid": "initial", "secret": SECRET * 2})  # long enough for each of them
    keys._rings.clear()
    assert knocks(viewer, forged(viewer.cookies["access_token"], key=SECRET * 2)) == 200
    token = forged(viewer.cookies["access_token"], key=SECRET * 2, algorithm=algorithm)
    assert knocks(viewer, token) == 401


def test_rfc_8725_2_1_an_asymmetric_algorithm_cannot_be_slipped_in(viewer):
    """Algorithm confusion: the header claims RS256 over a signature made with HMAC."""
    _, payload, signature = viewer.cookies["access_token"].split(".")
    header = base64.urlsafe_b64encode(json.dumps({"alg": "RS256", "kid": "initial"}).encode()).decode().rstrip("=")
    assert knocks(viewer, f"{header}.{payload}.{signature}") == 401


@pytest.mark.parametrize(
    "change",
    [
        {"exp": "past"},
        {"iat": "future"},
        {"nbf": "future"},
        {"aud": "somebody-else"},
        {"iss": "videoflix-prod"},
        {"type": "refresh"},
        {"type": None},
        {"type": ["access"]},
        {"sub": "2"},
        {"sub": "x"},
        {"sub": "²"},
        {"sid": "0" * 32},
        {"exp": "soon"},
        {"iat": "text"},
    ],
    ids=lambda change: next(iter(change)),  # of ASCII alone, for mutmut
)
def test_rfc_8725_3_8_every_claim_is_checked(viewer, change):
    times = {"past": int(time.time()) - 60, "future": int(time.time()) + 60, "soon": str(int(time.time()) + 60) + "x"}
    changes = {name: times.get(value, value) if isinstance(value, str) else value for name, value in change.items()}
    assert knocks(viewer, forged(viewer.cookies["access_token"], **changes)) == 401


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "sid", "type", "jti", "iat", "exp"])
def test_rfc_8725_3_8_no_claim_may_be_missing(viewer, claim):
    assert knocks(viewer, forged(viewer.cookies["access_token"], drop=[claim])) == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"kid": "unknown"},
        {"kid": "../../dev/null"},
        {"kid": ""},
        {"jwk": {"kty": "oct", "k": "AAAA"}, "kid": "attacker"},
        {"jku": "https://evil.example/keys.json", "kid": "attacker"},
    ],
    ids=str,
)
def test_rfc_8725_3_10_keys_come_from_us_and_never_from_the_token(viewer, headers):
    """ASVS 9.1.3."""
    assert knocks(viewer, forged(viewer.cookies["access_token"], key="attacker-" * 5, headers=headers)) == 401


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "é.b.c", "x" * 9000, "eyJhbGciOiJIUzI1NiJ9", "[].[].[]", "\0"]
)
def test_asvs_9_1_1_what_is_no_token_is_refused(viewer, token):
    with pytest.raises(UnauthenticatedError):
        tokens.authenticate(token)


def test_asvs_9_1_1_a_signature_changed_in_one_place_is_refused(viewer):
    head, payload, signature = viewer.cookies["access_token"].split(".")
    broken = ("A" if signature[0] != "A" else "B") + signature[1:]
    assert knocks(viewer, f"{head}.{payload}.{broken}") == 401


def test_rfc_8725_3_12_a_refresh_token_opens_nothing_and_an_access_token_refreshes_nothing(viewer):
    """RFC 8725 3.12, ASVS 9.2.2."""
    assert knocks(viewer, viewer.cookies["refresh_token"]) == 401
    viewer.cookies["refresh_token"] = viewer.cookies["access_token"]
    assert viewer.refresh().status_code == 401


def test_asvs_7_3_1_an_access_token_lives_thirty_minutes(viewer, clock):
    clock.shift(30 * 60 - 1)
    assert viewer.is_logged_in()
    clock.shift(4)
    assert not viewer.is_logged_in()
    assert viewer.refresh().status_code == 200
    assert viewer.is_logged_in()


def test_asvs_7_3_1_a_session_that_nobody_uses_ends_after_fourteen_days(viewer, clock):
    """ASVS 7.3.1."""
    clock.shift(14 * DAY - 60)
    assert viewer.refresh().status_code == 200
    clock.shift(14 * DAY + 60)
    assert viewer.refresh().status_code == 401


def test_asvs_7_3_2_a_session_ends_after_ninety_days_however_much_it_is_used(viewer, clock):
    """ASVS 7.3.2."""
    for _ in range(8):
        clock.shift(11 * DAY)
        assert viewer.refresh().status_code == 200
    clock.shift(2 * DAY)
    assert viewer.refresh().status_code == 401


def test_asvs_7_2_3_each_login_is_a_session_of_its_own(demo):
    """ASVS 7.2.4."""
    sids = set()
    for _ in range(3):
        demo.log_in()
        sids.add(claims_of(demo.cookies["access_token"])["sid"])
    assert len(sids) == 3
    assert all(len(sid) == 32 for sid in sids)  # 128 random bits (ASVS 7.2.3)


def test_asvs_7_2_1_a_request_reads_the_table_once(viewer, work):
    work.clear()
    assert viewer.is_logged_in()
    assert work == {"BatchGetItem": 1}


# Rotation and reuse (RFC 9700, 4.14.2)


def test_rfc_9700_4_14_2_four_tabs_that_refresh_at_once_all_stay_in(viewer):
    tabs = [viewer.copy() for _ in range(4)]
    answers = [tab.refresh() for tab in tabs]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({tab.cookies["refresh_token"] for tab in tabs}) == 1  # the same successor
    assert all(tab.is_logged_in() for tab in tabs)
    assert tabs[2].refresh().status_code == 200


def test_rfc_9700_4_14_2_tabs_whose_requests_cross_inside_the_table_all_stay_in(viewer, monkeypatch):
    """All four have read the session before any of them writes."""
    claims = claims_of(viewer.cookies["refresh_token"])
    stale = [sessions.find(1, claims["sid"]) for _ in range(4)]
    find = sessions.find
    made = []
    for row in stale:
        first = iter([row])
        monkeypatch.setattr(sessions, "find", lambda *key, first=first: next(first, None) or find(*key))
        made.append(sessions.rotate(1, claims["sid"], 0))
    assert [session.serial for session in made] == [1] * 4
    assert len({tokens.of(session).refresh for session in made}) == 1


def test_rfc_9700_4_14_2_a_lost_answer_logs_nobody_out(viewer, clock):
    old = dict(viewer.cookies)
    viewer.refresh()
    new = viewer.cookies["refresh_token"]
    clock.shift(10)
    viewer.cookies = old
    assert viewer.refresh().status_code == 200
    assert viewer.cookies["refresh_token"] == new


def test_rfc_9700_4_14_2_reuse_after_the_grace_ends_the_whole_family(viewer, clock, logged):
    thief = viewer.copy()
    viewer.refresh()
    clock.shift(10.1)
    answer = thief.refresh()
    assert (answer.status_code, errors(answer)) == (401, {"refresh_token": ["Invalid refresh token."]})
    assert viewer.refresh().status_code == 401
    assert not viewer.is_logged_in()
    assert ("refresh_token_reused", {"person_id": 1}) in logged(), "an operator would not learn of a thief"


def test_asvs_7_4_1_whether_a_session_lives_is_read_from_what_was_written_last(viewer, monkeypatch):
    """DynamoDB answers other reads with what was there some time ago: a logout would hold a little later."""
    asked = []

    def note(operation, arguments):
        if operation == "BatchGetItem":
            asked.extend(table["ConsistentRead"] for table in arguments["RequestItems"].values())
        if operation == "Query":
            asked.append(arguments["ConsistentRead"])

    clients.before_each_call(monkeypatch, note)
    assert viewer.is_logged_in()
    assert viewer.refresh().status_code == 200
    assert viewer.log_in().status_code == 200
    personal_data.export(1)
    assert len(asked) >= 4
    assert all(asked)


def test_a_second_tab_may_be_ten_seconds_late_and_no_more(viewer, clock):
    late, too_late = viewer.copy(), viewer.copy()
    viewer.refresh()
    clock.shift(10)
    assert late.refresh().status_code == 200
    clock.shift(0.005)
    assert too_late.refresh().status_code == 401


def test_rfc_9700_4_14_2_reuse_of_an_older_one_ends_the_family_even_within_the_grace(viewer):
    thief = viewer.copy()
    viewer.refresh()
    viewer.refresh()
    assert thief.refresh().status_code == 401
    assert not viewer.is_logged_in()


def test_reuse_ends_no_other_session(viewer, clock):
    phone = viewer.at("192.0.2.9")
    phone.log_in()
    thief = viewer.copy()
    viewer.refresh()
    clock.shift(60)
    thief.refresh()
    assert phone.is_logged_in()


def test_a_session_that_ended_between_two_tabs_stays_ended(viewer, monkeypatch):
    claims = claims_of(viewer.cookies["refresh_token"])
    stale = [sessions.find(1, claims["sid"])]
    viewer.post("/api/logout/")
    find = sessions.find
    monkeypatch.setattr(sessions, "find", lambda *key: stale.pop() if stale else find(*key))
    assert sessions.rotate(1, claims["sid"], 0) is None
    monkeypatch.undo()


def test_asvs_7_4_3_a_login_that_crosses_a_new_password_begins_no_session(demo, clock):
    """The row was read, then the password changed, then the session was written."""
    row = people.row_of(1)
    people.end_sessions(1)
    known = KnownRow(*known_key(EMAIL, "192.0.2.1"), expires_at=int(time.time()) + 60)
    begun = sessions.begin(row, known)
    assert begun
    made = tokens.of(begun)
    with pytest.raises(UnauthenticatedError):
        tokens.authenticate(made.access)
    with pytest.raises(UnauthenticatedError):
        tokens.exchange(made.refresh)


def test_asvs_7_4_1_a_row_that_dynamodb_has_not_deleted_yet_is_over_all_the_same(viewer, clock):
    sid = claims_of(viewer.cookies["access_token"])["sid"]
    SessionRow(*session_key(1, sid)).update([SessionRow.expires_at.set(int(time.time()))])
    assert not viewer.is_logged_in()
    assert viewer.refresh().status_code == 401
