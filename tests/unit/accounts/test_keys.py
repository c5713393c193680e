"""The keys that sign tokens (ASVS 13.3.4: secrets can be rotated)."""

import json
import re

import jwt
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from functions import aws
from functions.accounts import keys, lifetimes
from infra.targets import ROOT
from tests.unit import clients
from tests.unit.accounts.forging import SECRET, forged, knocks, put, secret

DAY = 24 * 3600


@pytest.fixture
def uptime(monkeypatch):
    """The monotonic clock, as `keys` reads it."""
    now = [1000.0]
    monkeypatch.setattr(keys.time, "monotonic", lambda: now[0])
    keys._rings.clear()
    return now


def test_asvs_13_3_1_a_rotation_logs_nobody_out_and_new_tokens_have_the_new_key(viewer):
    kid = keys.rotate(keep_for=lifetimes.REFRESH)
    assert viewer.is_logged_in()
    assert viewer.refresh().status_code == 200
    assert jwt.get_unverified_header(viewer.cookies["access_token"])["kid"] == kid
    assert viewer.is_logged_in()


def test_asvs_13_3_1_another_worker_believes_the_new_key_at_once(demo, uptime):
    """It has the old keys in memory when a token with an unknown kid arrives; it looks again, but not at every one."""
    demo.log_in()
    new = {"kid": "new", "secret": "new-secret" * 5, "previous": [{"kid": "initial", "secret": SECRET}]}
    put(new)
    uptime[0] += 6
    token = forged(demo.cookies["access_token"], key="new-secret" * 5, headers={"kid": "new"})
    assert knocks(demo, token) == 200
    put({**new, "kid": "newer", "secret": "newer-secret" * 5})
    token = forged(demo.cookies["access_token"], key="newer-secret" * 5, headers={"kid": "newer"})
    assert knocks(demo, token) == 401
    uptime[0] += 6
    assert knocks(demo, token) == 200


def test_asvs_9_1_3_unknown_kids_do_not_become_calls_of_the_secrets_manager(demo, uptime, work):
    demo.log_in()
    token = forged(demo.cookies["access_token"], headers={"kid": "unknown"})
    uptime[0] += 6
    work.clear()
    assert [knocks(demo, token) for _ in range(20)] == [401] * 20
    assert work["GetSecretValue"] == 1


def test_keys_that_are_known_are_read_once_a_minute(demo, uptime, work):
    demo.log_in()
    work.clear()
    for _ in range(5):
        uptime[0] += 11
        assert demo.is_logged_in()
    assert work["GetSecretValue"] == 0
    uptime[0] += 11
    assert demo.is_logged_in()
    assert work["GetSecretValue"] == 1


def test_a_dropped_key_is_believed_no_more_within_a_minute(demo, uptime):
    demo.log_in()
    put({"kid": "new", "secret": "new-secret" * 5})
    assert demo.is_logged_in()
    uptime[0] += keys.FRESH_FOR
    assert not demo.is_logged_in()


@pytest.fixture
def answer(monkeypatch):
    """What Secrets Manager answers whoever reads a secret; None: as it should."""
    answers = [None]

    def ask(operation, _arguments):
        if operation == "GetSecretValue" and answers[0]:
            raise answers[0]

    clients.before_each_call(monkeypatch, ask)

    def arrange(error):
        answers[0] = error

    return arrange


def refusal(code, status):
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "GetSecretValue")


OUTAGES = [
    EndpointConnectionError(endpoint_url="http://127.0.0.1:1"),
    refusal("InternalServiceError", 500),
    refusal("ThrottlingException", 400),
]


@pytest.mark.parametrize("outage", OUTAGES)
def test_people_stay_in_while_secrets_manager_does_not_answer(demo, uptime, answer, outage, logged):
    """A minute after its last look at the keys each worker answered every call with an error."""
    demo.log_in()
    answer(outage)
    for _ in range(4):
        uptime[0] += keys.FRESH_FOR
        assert demo.is_logged_in()
        assert demo.is_logged_in()
        assert demo.refresh().status_code == 200
    told = [facts for event, facts in logged() if event == "token_keys_not_read"]
    assert len(told) == 4, "once a minute, not at each call"
    assert knocks(demo, forged(demo.cookies["access_token"], headers={"kid": "unknown"})) == 401


def test_a_dropped_key_is_believed_no_more_once_secrets_manager_answers_again(demo, uptime, answer):
    demo.log_in()
    answer(OUTAGES[0])
    put({"kid": "new", "secret": "new-secret" * 5})
    uptime[0] += keys.FRESH_FOR
    assert demo.is_logged_in()
    answer(None)
    uptime[0] += keys.FRESH_FOR
    assert not demo.is_logged_in()


def test_keys_that_nobody_could_read_for_five_minutes_are_believed_no_more(demo, uptime, answer):
    """Else a key that leaked and was dropped would serve for as long as somebody keeps the keys from being read."""
    demo.log_in()
    answer(OUTAGES[0])
    uptime[0] += keys.STALE_FOR - keys.FRESH_FOR
    assert demo.is_logged_in()
    uptime[0] += keys.FRESH_FOR
    with pytest.raises(EndpointConnectionError):
        keys.signing()


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException"])
def test_keys_that_were_taken_away_are_believed_no_more(demo, uptime, answer, code):
    demo.log_in()
    answer(refusal(code, 400))
    uptime[0] += keys.FRESH_FOR
    with pytest.raises(ClientError, match=code):
        keys.signing()


def test_a_secrets_manager_that_hangs_leaves_time_to_answer_the_call(environment):
    config = aws.secrets().meta.config
    tries = config.retries["total_max_attempts"]
    pauses = sum(2**pause for pause in range(tries - 1))  # at most, of botocore's standard mode
    stage = json.loads((ROOT / ".chalice/config.json").read_text(encoding="utf-8"))["stages"]["prod"]
    allowed = stage["lambda_functions"]["api_handler"]["lambda_timeout"]
    asked = 2  # for the keys of tokens, and of media addresses
    assert asked * (tries * max(config.connect_timeout, config.read_timeout) + pauses) < allowed - 5


def test_a_worker_that_has_no_keys_yet_says_so(demo, uptime, answer):
    answer(OUTAGES[0])
    with pytest.raises(EndpointConnectionError):
        keys.signing()


def test_asvs_13_3_1_a_new_key_is_named_by_its_moment_and_is_384_bits_long(tables, clock):
    """An operator sees in a token's header, and in the secret, when its key was made."""
    assert re.fullmatch(r"20261122T120000-[0-9a-f]{8}", keys.rotate(keep_for=60))
    assert len(secret()["secret"]) == 64  # base64url of 48 bytes


def test_asvs_13_3_1_a_former_key_of_an_unknown_age_is_kept_as_if_it_retired_now(tables, clock):
    """The secret was written by hand."""
    put({"kid": "new", "secret": "new-secret" * 5, "previous": [{"kid": "initial", "secret": SECRET}]})
    keys.rotate(keep_for=60)
    assert [key["kid"] for key in secret()["previous"]] == ["new", "initial"]
    clock.shift(61)
    keys.rotate(keep_for=60)
    assert "initial" not in json.dumps(secret())


def test_asvs_13_3_1_rotation_keeps_former_keys_only_as_long_as_their_tokens_live(tables, clock):
    for _ in range(3):
        keys.rotate(keep_for=14 * DAY)
        clock.shift(5 * DAY)
    assert [key["kid"] for key in secret()["previous"]][-1] == "initial"
    keys.rotate(keep_for=14 * DAY)
    assert len(secret()["previous"]) == 3
    assert "initial" not in json.dumps(secret())
    assert all(len(key["secret"]) >= 32 for key in (secret(), *secret()["previous"]))


def test_asvs_13_3_1_a_leaked_key_can_be_dropped_at_once(viewer):
    keys.rotate(keep_for=0)
    assert not viewer.is_logged_in()
    assert viewer.refresh().status_code == 401
    assert viewer.log_in().status_code == 200


def test_rfc_8725_3_5_a_key_that_is_too_short_signs_nothing(tables):
    """RFC 8725 3.5."""
    keys._rings.clear()
    put({"kid": "weak", "secret": "short"})
    with pytest.raises(ValueError, match="32 bytes"):
        keys.signing()


def test_rfc_7518_3_2_a_key_of_just_256_bits_signs(tables):
    keys._rings.clear()
    put({"kid": "least", "secret": "x" * 32})
    assert keys.signing().kid == "least"


def test_a_key_shows_no_secret_in_a_traceback(tables):
    keys._rings.clear()
    assert SECRET not in repr(keys.signing())
