"""The items of DynamoDB tables on disk as they change: a line of JSON for each, played back at the next start."""

from __future__ import annotations

import copy
import threading
from pathlib import Path
from typing import Any

from localstack.embedded import lines
from localstack.embedded.restoring import or_refuse

Change = tuple[str, str, str, dict[str, Any] | None]
"""Of an item: its table's ARN, its keys, and its value, or nothing if it was removed."""


class Journal:
    """The changed items of DynamoDB tables, appended in order."""

    _LONG = 16 * 1024 * 1024  # bytes after which a whole snapshot is cheaper than more journal

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._changed: set[tuple[str, str, str]] = set()
        self._lock = threading.Lock()
        self._tables: dict[str, dict[str, Any]] = {}
        self._number = max((_number(path) for path in self._files()), default=0) + 1

    def install(self) -> None:
        """Note every item that is set or removed. Private names: all of ministack's writes go through these two."""
        from ministack.services import dynamodb  # noqa: PLC0415 - after the environment is set

        self._set, self._remove, self._all = dynamodb._set_item, dynamodb._remove_item, dynamodb._tables  # noqa: SLF001

        def set_item(table: dict[str, Any], pk: str, sk: str, item: dict[str, Any]) -> Any:  # noqa: ANN401
            before = self._set(table, pk, sk, item)
            self._note(table, pk, sk)  # after: a note that a flush takes too early would be lost
            return before

        def remove_item(table: dict[str, Any], pk: str, sk: str) -> Any:  # noqa: ANN401
            before = self._remove(table, pk, sk)
            self._note(table, pk, sk)
            return before

        dynamodb._set_item, dynamodb._remove_item = set_item, remove_item  # noqa: SLF001

    def cut(self) -> list[Change]:
        """Take the present value of every item that changed since the last cut."""
        with self._lock:
            changed, self._changed = self._changed, set()
        return [(arn, pk, sk, self._tables[arn]["items"].get(pk, {}).get(sk)) for arn, pk, sk in changed]

    def append(self, items: list[Change]) -> None:
        """Write a cut. Where that fails, the next one has these items again.

        Raises:
            OSError: it could not be written.
        """
        if not items:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lines.append(self._path(self._number), items)
        except OSError:
            with self._lock:
                self._changed |= {item[:3] for item in items}
            raise

    def rotate(self) -> list[Path]:
        """Begin a new file, and return those that a snapshot taken from now on covers."""
        self._number += 1
        return [path for path in self._files() if _number(path) < self._number]

    def whole_state(self) -> dict[str, Any]:
        """Return what ministack's `get_state` returns, without copying the items.

        Items are replaced and never changed, so a copy of the folders that hold them is a copy of the moment: the
        loop stands still for a millisecond and not for as long as a deep copy takes.
        """
        from ministack.services import dynamodb  # noqa: PLC0415

        state = {name: copy.deepcopy(getattr(dynamodb, f"_{name}")) for name in _TABLE_SETTINGS}
        tables = type(self._all)()
        for (account, region, name), table in self._all.all_items():
            facts = {k: v for k, v in table.items() if k not in ("items", dynamodb._INDEX_MEMBERS)}  # noqa: SLF001
            items = {pk: dict(bucket) for pk, bucket in table["items"].items()}
            tables.set_scoped(account, region, name, {**copy.deepcopy(facts), "items": items})
        return {"tables": tables, **state}

    def is_long(self) -> bool:
        """Say whether it is time for a whole snapshot."""
        return sum(path.stat().st_size for path in self._files()) > self._LONG

    def replay(self) -> None:
        """Bring the restored tables to the journal's end. A line that a kill or a full disk cut off is passed over.

        Raises:
            NotRestoredError: a file holds something else than a journal.
        """
        for path in sorted(self._files(), key=_number):
            with or_refuse(path):
                for arn, pk, sk, item in lines.read(path):
                    self._apply(arn, pk, sk, item)

    def _apply(self, arn: str, pk: str, sk: str, item: dict[str, Any] | None) -> None:
        _, _, _, region, account, resource = arn.split(":", 5)
        table = self._all.get_scoped(account, region, resource.partition("/")[2])
        if table is None:
            return
        if item is None:
            self._remove(table, pk, sk)
        else:
            self._set(table, pk, sk, item)

    def _note(self, table: dict[str, Any], pk: str, sk: str) -> None:
        arn = table["TableArn"]
        with self._lock:
            self._tables[arn] = table
            self._changed.add((arn, pk, sk))

    def _files(self) -> list[Path]:
        return list(self._folder.glob("dynamodb-*.journal"))

    def _path(self, number: int) -> Path:
        return self._folder / f"dynamodb-{number}.journal"


_TABLE_SETTINGS = (
    "tags",
    "ttl_settings",
    "pitr_settings",
    "kinesis_destinations",
    "contributor_insights",
    "backups",
    "resource_policies",
    "exports",
    "imports",
)


def _number(path: Path) -> int:
    return int(path.stem.partition("-")[2])
