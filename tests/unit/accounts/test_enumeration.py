"""Nobody learns who has an account (ASVS 6.3.8): neither by a text nor by the work that an answer costs.

Work is counted (calls of AWS by operation, hashes by scheme and cost), because counts are exact where times are noisy.
"""

import bcrypt
import pytest

from functions import settings
from functions.accounts import passwords, people
from tests.unit.accounts.browser import EMAIL, PASSWORD

UNKNOWN, INACTIVE, UNCONFIRMED = "nobody@example.com", "inactive@example.com", "waits@example.com"


@pytest.fixture
def crowd(demo):
    people.set_active(people.seed(INACTIVE, PASSWORD).id, is_active=False)
    demo.register(UNCONFIRMED, PASSWORD + "!")
    return demo


def footprint(work, call):
    """What a call answers and what it costs; asked from a fresh network each time, so that limits look alike."""
    work.clear()
    answer = call()
    kept = {name: text for name, text in answer.headers.items() if name != "X-Request-Id"}
    return answer.status_code, answer.body, kept, dict(work)


def test_asvs_6_3_8_a_login_that_fails_looks_and_costs_the_same_whoever_is_meant(crowd, work):
    crowd.log_in("warm.up@example.com", "warm up")
    seen = [
        footprint(work, lambda email=email, n=n: crowd.at(f"203.0.113.{n}").log_in(email, "wrong password"))
        for n, email in enumerate((EMAIL, UNKNOWN, INACTIVE, UNCONFIRMED, "second.nobody@example.com"))
    ]
    assert seen[1:] == seen[:-1]
    hashed = {name: count for name, count in seen[0][3].items() if name.startswith("verify")}
    assert hashed == {"verify bcrypt_sha256 04": 1}  # one hash, at the configured cost


@pytest.mark.parametrize("rounds", [5, 7])
def test_asvs_6_3_8_a_login_that_fails_costs_the_same_after_the_cost_was_raised(demo, environment, monkeypatch, rounds):
    """Whoever had not logged in since then was refused sooner than nobody."""
    environment.setenv("BCRYPT_ROUNDS", str(rounds))
    settings.current.cache_clear()
    demo.register(UNCONFIRMED, PASSWORD + "!")
    done, check = [], bcrypt.checkpw
    monkeypatch.setattr(bcrypt, "checkpw", lambda digest, of: done.append(2 ** int(of[4:6])) or check(digest, of))
    costs = []
    for email in (EMAIL, UNCONFIRMED, UNKNOWN):
        done.clear()
        assert demo.log_in(email, "wrong password").status_code == 400
        costs.append(sum(done))
    assert costs == [2**rounds] * 3
    done.clear()
    assert demo.log_in().status_code == 200
    assert done == [2**4]  # nothing is to be hidden of a right password


def test_asvs_6_3_8_a_neighbour_of_the_owner_learns_nothing_either(crowd, work):
    """The owner's own networks are known, and theirs is the attacker's too (a dormitory, a company)."""
    crowd.log_in()
    for email in (EMAIL, UNKNOWN):
        crowd.log_in(email, "opens the counters' windows")
    known = footprint(work, lambda: crowd.log_in(EMAIL, "wrong password"))
    assert known == footprint(work, lambda: crowd.log_in(UNKNOWN, "wrong password"))


def test_a_login_with_the_right_password_of_an_inactive_account_is_the_only_way_to_see_it(crowd):
    assert crowd.log_in(INACTIVE, PASSWORD).status_code == 403
    assert crowd.log_in(UNKNOWN, PASSWORD).status_code == 400


def test_a_malformed_address_costs_what_an_unknown_one_does(crowd, work):
    crowd.log_in("warm.up@example.com", "warm up")
    first = footprint(work, lambda: crowd.at("203.0.113.1").log_in(UNKNOWN, "wrong password"))
    second = footprint(work, lambda: crowd.at("203.0.113.2").log_in("no address", "wrong password"))
    assert first == second


@pytest.mark.parametrize("path", ["/api/password_reset/", "/api/activate/resend/"])
def test_asvs_6_3_8_asking_for_a_mail_looks_and_costs_the_same_whoever_is_meant(crowd, work, path):
    crowd.post(path, {"email": "warm.up@example.com"})
    seen = [
        footprint(work, lambda email=email, n=n: crowd.at(f"203.0.113.{n}").post(path, {"email": email}))
        for n, email in enumerate((EMAIL, UNKNOWN, INACTIVE, UNCONFIRMED, "no address"))
    ]
    assert seen[1:] == seen[:-1]
    assert seen[0][3]["SendMessage"] == 1


def test_asvs_6_3_8_a_reset_link_for_nobody_costs_what_a_wrong_one_does(crowd, work):
    body = {"new_password": "a good password", "confirm_password": "a good password"}
    seen = [
        footprint(work, lambda uid=uid: crowd.post(f"/api/password_confirm/{uid}/wrong-token/", body))
        for uid in ("MQ", "OTk5OQ", "Mg")
    ]
    assert seen[1:] == seen[:-1]
    assert "make" not in seen[0][3]  # and no hash is made for whoever has no link


def test_the_hash_that_stands_for_nobody_fits_nothing_and_has_todays_cost(environment):
    assert passwords.dummy().startswith("bcrypt_sha256$$2b$04$")
    assert not passwords.is_outdated(passwords.dummy())
    for password in ("", ".", PASSWORD):
        assert not passwords.verify(password, passwords.dummy())
