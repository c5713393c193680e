"""Password hashes: ours, those of the original, and how they become current."""

import time

import bcrypt
import pytest

from functions import settings
from functions.accounts import password_rules, passwords, people
from functions.accounts.rows import PersonRow
from tests.unit.accounts.browser import EMAIL, PASSWORD

# made by Django 5.2's make_password("Demo123!", salt="seasalt", hasher="pbkdf2_sha256"), with fewer iterations
DJANGO = "pbkdf2_sha256$1000$seasalt$UHxpwqlujbAv/lTHr1O0cyBHthpG2DGt6Wtukl8K1M4="


@pytest.fixture(autouse=True)
def _settings(environment):
    return environment


def keep(stored):
    people.row_of(1).update([PersonRow.password.set(stored)])


def kept():
    return people.row_of(1).password


@pytest.mark.parametrize(
    "password", ["", "x", "🎬" * 64, "nul\0nul", "x" * 72 + "a", "\ud800", "x" * 10_240, "é", "e\u0301"]
)
def test_asvs_6_2_8_a_password_fits_its_own_hash_and_no_other(password):
    stored = passwords.make(password)
    assert stored.startswith("bcrypt_sha256$$2b$04$")
    assert passwords.verify(password, stored)
    for other in (password + "x", password + "\0", password[:-1] + "!", password.upper() + " "):
        assert not passwords.verify(other, stored)


def test_asvs_6_2_8_unicode_is_taken_as_it_was_received():
    """ASVS 6.2.8: two spellings of one letter are two passwords."""
    assert not passwords.verify("e\u0301", passwords.make("é"))


def test_two_hashes_of_one_password_differ():
    assert passwords.make(PASSWORD) != passwords.make(PASSWORD)


@pytest.mark.parametrize(
    "stored",
    ["", "$", "md5$salt$00", "bcrypt_sha256$", "bcrypt_sha256$$2b$04$short", "pbkdf2_sha256$x$y$z", "pbkdf2_sha256$1",
     "pbkdf2_sha256$0$salt$x", "!unusable", "argon2$x"],
)  # fmt: skip
def test_a_hash_that_cannot_be_read_fits_nothing(stored):
    assert not passwords.verify(PASSWORD, stored)


def test_a_hash_of_the_original_fits_its_password():
    assert passwords.verify("Demo123!", DJANGO)
    assert not passwords.verify("Demo123", DJANGO)


def test_asvs_11_4_2_a_hash_of_the_original_logs_in_and_is_made_anew(demo):
    keep(DJANGO)
    assert demo.log_in(password="wrong").status_code == 400
    assert kept() == DJANGO
    assert demo.log_in().status_code == 200
    assert kept().startswith("bcrypt_sha256$$2b$04$")
    assert demo.is_logged_in()
    assert demo.at("192.0.2.3").log_in().status_code == 200


def test_asvs_11_4_2_a_hash_of_another_cost_is_made_anew_and_a_current_one_is_left_alone(demo, environment):
    before = kept()
    demo.log_in()
    assert kept() == before
    environment.setenv("BCRYPT_ROUNDS", "5")
    settings.current.cache_clear()
    demo.log_in()
    assert kept().startswith("bcrypt_sha256$$2b$05$")
    assert demo.is_logged_in()


def test_an_upgrade_never_undoes_a_password_that_was_changed_meanwhile(demo, monkeypatch):
    keep(DJANGO)
    make = passwords.make

    def slow(password):
        monkeypatch.setattr(passwords, "make", make)
        people.seed(EMAIL, "changed meanwhile")
        return make(password)

    monkeypatch.setattr(passwords, "make", slow)
    demo.log_in()
    assert not demo.is_logged_in()
    assert demo.log_in().status_code == 400
    assert demo.log_in(password="changed meanwhile").status_code == 200


def test_asvs_11_4_2_a_check_is_one_bcrypt_of_a_digest_that_holds_no_nul(monkeypatch):
    seen = []
    monkeypatch.setattr(bcrypt, "checkpw", lambda digest, _stored: seen.append(digest) or True)
    passwords.verify("x" * 5000, passwords.make("x"))
    assert len(seen) == 1
    assert len(seen[0]) == 44
    assert b"\0" not in seen[0]


@pytest.mark.parametrize("password", ["password", "12345678", "QWERTYUIOP", " iloveyou1 ", "password123"])
def test_asvs_6_2_4_a_common_password_is_refused_in_any_case(password):
    """ASVS 6.2.4."""
    assert password_rules.TOO_COMMON in password_rules.broken(password)


@pytest.mark.parametrize(
    "password",
    ["🎬" * 8, "aaaaaaa8", " " * 8, "x" * 64, "x" * 4096],
    ids=["emoji", "digit", "blank", "one letter", "long"],
)
def test_asvs_6_2_1_no_rule_asks_for_kinds_of_characters(password):
    """ASVS 6.2.5, 6.2.9."""
    assert password_rules.broken(password) == []


def test_asvs_6_2_4_the_list_holds_the_three_thousand_that_the_standard_asks_for():
    assert len(password_rules._common()) > 3000


def test_seeding_twice_changes_nothing_and_sets_right_what_was_changed(somebody):
    person = people.seed(EMAIL, PASSWORD)
    before = kept()
    assert people.seed(EMAIL.upper(), PASSWORD) == person
    assert kept() == before
    somebody.log_in()
    people.seed(EMAIL, "another password")
    assert not somebody.is_logged_in()
    people.set_active(1, is_active=False)
    assert people.seed(EMAIL, PASSWORD, staff=True) == people.get(1)
    assert people.get(1).is_staff
    assert people.seed(EMAIL, PASSWORD).is_staff  # seeding takes nothing away
    assert somebody.log_in().status_code == 200


def test_seeding_makes_a_registration_that_waits_a_full_account(somebody, clock):
    somebody.register(EMAIL)
    people.seed(EMAIL, PASSWORD)
    clock.shift(4 * 24 * 3600)
    assert somebody.log_in().status_code == 200
    assert people.get(1).created_at.timestamp() < time.time()
