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
