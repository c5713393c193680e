"""The keys that sign tokens (ASVS 13.3.4: secrets can be rotated)."""

import json
import re

import jwt
import pytest

from functions.accounts import keys, lifetimes
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
