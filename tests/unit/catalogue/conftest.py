"""Every test of the catalogue has an empty table, and a clock that it sets."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from functions.catalogue import clock


@dataclass
class Clock:
    time: datetime = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **time: float) -> None:
        self.time += timedelta(**time)


@pytest.fixture(autouse=True)
def time(tables: None, monkeypatch: pytest.MonkeyPatch) -> Clock:
    set_clock = Clock()
    monkeypatch.setattr(clock, "now", set_clock)
    return set_clock


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch):
    """Let something happen once, right after `name` of `module` answered: between a read and the write it leads to."""

    def arrange(module, name, happen) -> None:
        original = getattr(module, name)

        def hooked(*args, **kwargs):
            answer = original(*args, **kwargs)
            monkeypatch.setattr(module, name, original)
            happen()
            return answer

        monkeypatch.setattr(module, name, hooked)

    return arrange
