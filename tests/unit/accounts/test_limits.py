"""Limits (contract, section 3; ASVS 6.3.1, 2.4.1): guessing is slow, and nobody else is locked out."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.accounts import limits, signing_in
from functions.errors import ThrottledError
from tests.unit import clients
from tests.unit.accounts.browser import EMAIL, NEW_PASSWORD, PASSWORD, errors, mails


def guess(browser, times, email=EMAIL):
    return [browser.log_in(email, f"wrong {number}").status_code for number in range(times)]


def test_asvs_6_3_1_five_wrong_passwords_a_minute_then_one_has_to_wait_exactly_as_long_as_is_said(demo, clock):
    assert guess(demo, 5) == [400] * 5
    clock.shift(20)
    answer = demo.log_in()
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "40"
    assert errors(answer) == {"non_field_errors": ["Request was throttled. Expected available in 40 seconds."]}
    clock.shift(39)
    assert demo.log_in().status_code == 429
    clock.shift(1)
    assert demo.log_in().status_code == 200


def test_right_passwords_are_not_counted(demo):
    assert [demo.log_in().status_code for _ in range(30)] == [200] * 30
    assert guess(demo, 5) == [400] * 5


def test_another_address_and_another_network_are_not_held_up(demo):
    guess(demo, 6)
    assert demo.log_in("other@example.com").status_code == 400
    assert demo.at("198.51.100.7").log_in().status_code == 200


def test_asvs_6_3_1_twenty_failures_from_one_network_whatever_the_accounts(demo):
    statuses = [demo.log_in(f"user{number}@example.com", "wrong").status_code for number in range(21)]
    assert statuses == [400] * 20 + [429]
    assert demo.log_in().status_code == 429
    assert demo.at("198.51.100.7").log_in().status_code == 200


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-Ip", "Forwarded", "True-Client-Ip", "Cf-Connecting-Ip"])
def test_asvs_15_3_4_a_forged_header_gives_no_new_network(demo, header):
    """A fault of the original: the address comes from the gateway's own field only."""
    for number in range(5):
        demo.post("/api/login/", {"email": EMAIL, "password": "x"}, **{header.replace("-", "_"): f"203.0.113.{number}"})
    answer = demo.post("/api/login/", {"email": EMAIL, "password": "x"}, **{header.replace("-", "_"): "203.0.113.99"})
    assert answer.status_code == 429


def test_asvs_15_3_4_a_household_has_one_ipv6_network_and_a_mapped_address_is_the_ipv4_one(demo):
    for number in range(5):
        guess(demo.at(f"2001:db8:1:2::{number + 1}"), 1)
    assert demo.at("2001:db8:1:2:ffff::1").log_in().status_code == 429
    assert demo.at("2001:db8:1:3::1").log_in().status_code == 200
    assert limits.network("::ffff:192.0.2.1") == limits.network("192.0.2.1") == "192.0.2.1"
    assert limits.network("") == limits.network("forged, text") == "unknown"


def test_asvs_6_3_1_strangers_hit_a_ceiling_and_the_owner_at_a_known_place_does_not(demo, clock):
    """Fifty failures an hour from wherever; the owner's own network stays free, so nobody can lock them out."""
    owner = demo.at("198.51.100.1")
    owner.log_in()
    for number in range(50):
        assert guess(demo.at(f"203.0.113.{number}"), 1) == [400]
    stranger = demo.at("203.0.113.250").log_in()
    assert stranger.status_code == 429  # though the password was right
    assert stranger.headers["Retry-After"] == "3600"
    assert guess(owner, 2) == [400, 400]
    assert owner.log_in().status_code == 200
    assert demo.at("203.0.113.250").log_in("other@example.com").status_code == 400
    clock.shift(3600)
    assert demo.at("203.0.113.250").log_in().status_code == 200


def test_who_mistypes_an_address_is_not_stopped_by_those_who_did_so_elsewhere(demo):
    for number in range(50):
        assert demo.at(f"203.0.113.{number}").log_in(f"anna{number}@gmail").status_code == 400
    late = demo.at("198.51.100.1").log_in("berta@gmail")
    assert (late.status_code, late.json_body["errors"]) == (400, {"non_field_errors": ["Invalid credentials."]})
    assert guess(demo.at("198.51.100.2"), 6, email="carl") == [400] * 5 + [429]


def test_a_network_is_known_for_ninety_days(demo, clock):
    demo.log_in()
    clock.shift(90 * 24 * 3600)
    for number in range(50):
        guess(demo.at(f"203.0.113.{number}"), 1)
    assert demo.log_in().status_code == 429


def test_asvs_6_3_1_guesses_sent_all_at_once_learn_no_more_than_one_after_another(demo, monkeypatch):
    """Ten requests pass the first check before any has failed; a right guess among them, late, is refused too."""
    refuse, first = limits.refuse_if_full, []

    def late(counters, rows=None):
        if rows is None:
            refuse(counters)
        else:
            first.append(rows)  # nobody has failed yet

    monkeypatch.setattr(signing_in.limits, "refuse_if_full", late)
    assert guess(demo, 10) == [400] * 5 + [429] * 5
    assert demo.log_in().status_code == 429
    assert len(first) == 11


def test_right_passwords_all_at_once_are_all_let_in(demo, monkeypatch):
    for _ in range(12):
        assert demo.log_in().status_code == 200


@pytest.mark.parametrize(
    ("limit", "call"),
    [
        (60, lambda browser, number: browser.register("no address", f"password {number}")),
        (60, lambda browser, number: browser.get(f"/api/activate/MQ/{number}/")),
        (10, lambda browser, number: browser.post("/api/password_reset/", {"email": f"a{number}@example.com"})),
        (10, lambda browser, number: browser.post("/api/activate/resend/", {"email": f"a{number}@example.com"})),
    ],
    ids=["register", "activate", "password_reset", "resend"],
)
def test_asvs_2_4_1_so_many_a_minute_from_one_network(demo, clock, limit, call):
    assert all(call(demo, number).status_code != 429 for number in range(limit))
    answer = call(demo, limit)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "60"
    assert call(demo.at("198.51.100.7"), 0).status_code != 429
    clock.shift(60)
    assert call(demo, limit).status_code != 429


def test_asking_who_is_registered_is_limited(demo):
    """The one accepted way to learn that an address is registered (contract, section 3)."""
    statuses = [demo.register(EMAIL, NEW_PASSWORD).status_code for _ in range(61)]
    assert statuses == [400] * 60 + [429]


def test_a_limit_for_other_areas_names_its_key_and_its_window(tables, clock):
    for _ in range(3):
        limits.hit("transcode", "7", 3)
    with pytest.raises(ThrottledError) as caught:
        limits.hit("transcode", "7", 3)
    assert caught.value.retry_after == 60
    limits.hit("transcode", "8", 3)
    limits.hit("upload", "7", 3)
    clock.shift(60)
    limits.hit("transcode", "7", 3)


def test_a_window_that_ends_between_two_writes_counts_all_the_same(tables, clock, monkeypatch):
    counter = limits.Counter("upload", "7", 1, 60)
    counter.hit()
    add = limits.Counter._add

    def slow(self, now, weight):
        done = add(self, now, weight)
        clock.shift(60)  # the window closes just after it was found full
        return done

    monkeypatch.setattr(limits.Counter, "_add", slow)
    counter.hit()


def test_what_weighs_is_summed_and_what_does_not_fit_is_not_counted(tables, clock):
    counter = limits.Counter("upload-bytes", "7", 100, 3600)
    counter.hit(60)
    clock.shift(600)
    with pytest.raises(ThrottledError) as caught:
        counter.hit(41)
    assert (caught.value.retry_after, counter.room()) == (3000, 40)
    counter.hit(40)
    assert counter.room() == 0
    clock.shift(3000)
    assert counter.room() == 100
    counter.hit(100)


@pytest.mark.parametrize(("limit", "weight"), [(0, 1), (100, 101)])
def test_what_no_window_has_room_for_is_refused_at_once(tables, limit, weight):
    with pytest.raises(ThrottledError):
        limits.Counter("upload-bytes", "7", limit, 3600).hit(weight)


def test_of_hits_at_the_same_moment_only_as_many_count_as_there_is_room_for(tables):
    counter = limits.Counter("upload-bytes", "7", 100, 3600)
    with ThreadPoolExecutor(8) as pool:
        counted = list(pool.map(lambda _: fits(counter, 30), range(8)))
    assert (counted.count(True), counter.room()) == (3, 10)


def fits(counter, weight):
    try:
        counter.hit(weight)
    except ThrottledError:
        return False
    return True


def test_refused_calls_send_nothing(demo):
    for number in range(12):
        demo.post("/api/password_reset/", {"email": f"a{number}@example.com"})
    assert len(mails()) == 10


def test_no_counter_names_a_person(demo):
    guess(demo, 1)
    rows = clients.client("dynamodb").scan(TableName="videoflix-local-accounts")["Items"]
    counters = [row for row in rows if row["pk"]["S"].startswith("limit#")]
    assert len(counters) == 3
    assert EMAIL not in str(counters)
    assert all("expires_at" in row for row in counters)
    assert PASSWORD not in str(rows)
