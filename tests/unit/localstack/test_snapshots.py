"""What a kill leaves of a stack's state fits together."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from localstack.embedded import snapshots
from localstack.embedded.snapshots import Snapshots


class Journal:
    """One that has just grown long enough for a whole snapshot of the items."""

    def cut(self) -> list[Any]:
        return []

    def append(self, items: list[Any]) -> None: ...

    def is_long(self) -> bool:
        return True

    def rotate(self) -> list[Path]:
        return []

    def whole_state(self) -> dict[str, Any]:
        return {"sent": "2"}


def test_the_messages_that_items_speak_of_are_written_before_a_whole_snapshot_of_the_items(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A kill in between lost a mail that was said to be ordered: queues come behind the tables in ministack's list."""
    written: list[str] = []
    monkeypatch.setattr(snapshots, "_savers", lambda: {"dynamodb": dict, "sqs": lambda: {"messages": "2"}})
    monkeypatch.setattr(snapshots, "_state_keys", lambda service: {service})
    monkeypatch.setattr(snapshots, "_serialised", lambda _key, state: str(state).encode())
    monkeypatch.setattr(snapshots, "_write", lambda key, _content: written.append(key))
    kept: Any = Journal()
    state = Snapshots(kept, [])
    state.mark("sqs")
    asyncio.run(state._save())
    assert written == ["sqs", "dynamodb"]
