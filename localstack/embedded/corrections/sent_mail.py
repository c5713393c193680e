"""Restores: a mail that was sent stays sent.

ministack 1.5.33 keeps sent mails in memory only, so that after a restart nobody can read the activation link again.
They are appended to a file; the newest thousand survive.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from localstack.embedded import lines
from localstack.embedded.snapshots import write_whole

_KEPT = 1000


class SentMail:
    """The mails of all accounts and regions, one line of JSON each."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._saved: dict[tuple[str, str], int] = {}

    def load(self) -> None:
        """Bring back the newest."""
        if not self._path.exists():
            return
        kept = [line for line in self._path.read_bytes().splitlines() if line][-_KEPT:]
        known = set()
        for line in kept:
            try:
                account, region, mail = json.loads(line)
            except ValueError:
                continue  # cut off by a kill or a full disk
            if mail["MessageId"] in known:
                continue  # written again, as the disk was full when others of the same moment were
            known.add(mail["MessageId"])
            self._list(account, region).append(mail)
            self._saved[account, region] = len(self._list(account, region))
        with contextlib.suppress(OSError):  # a full disk: it is made shorter at the next start
            write_whole(self._path, b"".join(line + b"\n" for line in kept))

    def save(self) -> None:
        """Append what was sent since."""
        sent: list[Any] = []
        saved = {}
        for (account, region, _), mails in list(_store()._data.items()):  # noqa: SLF001 - all accounts and regions
            new = mails[self._saved.get((account, region), 0) :]
            sent += [[account, region, mail] for mail in new]
            saved[account, region] = len(mails)
        if sent:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lines.append(self._path, sent, default=str)
        self._saved = saved  # after writing: a full disk is tried again

    def _list(self, account: str, region: str) -> list[Any]:
        mails: list[Any] = _store()._data.setdefault((account, region, "entries"), [])  # noqa: SLF001
        return mails


def _store() -> Any:  # noqa: ANN401 - ministack is not typed
    from ministack.services import ses  # noqa: PLC0415 - after the environment is set

    return ses._sent_emails  # noqa: SLF001
