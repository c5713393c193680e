"""As many films are encoded at the same time as there are slots, however many come and however often they ask."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from pynamodb.exceptions import UpdateError

from functions import settings
from functions.catalogue import slots


def test_there_are_no_more_slots_than_the_limit():
    assert slots.taken() == frozenset()
    assert [slots.take(name, 2) for name in "abc"] == [True, True, False]
    assert slots.taken() == {"a", "b"}


def test_who_has_a_slot_may_take_it_again_and_has_one():
    assert slots.take("a", 1)
    assert slots.take("a", 1)
    assert slots.taken() == {"a"}


def test_a_slot_given_back_is_free_for_the_next():
    slots.take("a", 1)
    slots.give_back("a")
    assert slots.take("b", 1)
    assert slots.taken() == {"b"}


def test_giving_back_what_one_has_not_takes_nothing_from_others():
    slots.give_back("nobody")
    slots.take("a", 1)
    slots.give_back("b")
    slots.give_back("b")
    assert slots.taken() == {"a"}


def test_a_smaller_limit_ends_nobody_but_lets_nobody_in():
    for name in "abc":
        slots.take(name, 3)
    assert not slots.take("d", 1)
    slots.give_back("a")
    assert not slots.take("d", 1)
    assert slots.taken() == {"b", "c"}


def test_many_at_the_same_moment_get_exactly_the_slots_there_are():
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda number: slots.take(f"execution-{number}", 3), range(16)))
    assert sum(got) == len(slots.taken()) == 3


def test_a_table_in_trouble_is_not_taken_for_a_full_house(environment):
    environment.setenv("CATALOGUE_TABLE", "no-such-table")
    settings.current.cache_clear()
    with pytest.raises(UpdateError):
        slots.take("a", 1)
