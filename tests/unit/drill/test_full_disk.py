"""What the drills of a full disk compare over a restart: things by their names, and what they say."""

from typing import Any

import pytest

from drill.full_disk import differences, digest

ROW: dict[str, Any] = {
    "pk": {"S": "film#1"},
    "state": {"S": "ready"},
    "lease_expires_at": {"N": "5"},
    "executions": {"SS": ["a", "b"]},
    "packed": {"B": b"1"},
}


def test_what_is_lost_and_what_is_another_is_told_and_nothing_else() -> None:
    before = {"row a": "1", "row b": "2", "row c": "3"}
    assert list(differences(before, {"row a": "1", "row b": "0", "row d": "4"})) == [
        "after a restart this is not what it was: row b",
        "after a restart this is lost: row c",
    ]


@pytest.mark.parametrize(
    "same",
    [
        ROW | {"lease_expires_at": {"N": "65"}},
        ROW | {"executions": {"SS": ["b", "a"]}},
        dict(reversed(ROW.items())),
    ],
)
def test_a_row_is_the_same_whatever_changes_by_itself(same: dict[str, Any]) -> None:
    assert digest(same) == digest(ROW)


@pytest.mark.parametrize(
    "other",
    [
        ROW | {"state": {"S": "queued"}},
        ROW | {"packed": {"B": b"2"}},
        ROW | {"executions": {"SS": ["a"]}},
        {name: value for name, value in ROW.items() if name != "state"},
    ],
)
def test_a_row_that_says_something_else_is_another(other: dict[str, Any]) -> None:
    assert digest(other) != digest(ROW)
