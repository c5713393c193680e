"""Many items in turn: one that fails holds up no other, has its line in the log, and is told at the end."""

import json

import pytest

from functions import log, turns


def work(number: int) -> int:
    log.info("at_it")
    if number % 2:
        raise ValueError(number)
    return number * 10


def test_all_have_their_turn_before_it_is_told_how_many_failed() -> None:
    done = []

    def remembered(number: int) -> int:
        done.append(number)
        return work(number)

    with pytest.raises(turns.TurnsError, match=r"2 of 4 failed \(not_done\)"):
        turns.each(range(4), remembered, failure="not_done", facts=lambda number: {"film_id": number})
    assert done == [0, 1, 2, 3]


def test_what_succeeds_for_all_is_answered_in_their_order() -> None:
    assert turns.each([0, 2], work, failure="not_done", facts=lambda _: {}) == [0, 20]


def test_every_line_names_its_item_and_only_its_own(logged) -> None:
    with pytest.raises(turns.TurnsError):
        turns.each([1, 2], work, failure="not_done", facts=lambda number: {"film_id": number})
    log.info("after")
    lines = [json.loads(line) for line in logged().splitlines()]
    assert [(line["event"], line.get("film_id")) for line in lines] == [
        ("at_it", 1),
        ("not_done", 1),
        ("at_it", 2),
        ("after", None),
    ]
    assert "ValueError" in lines[1]["exception"]
