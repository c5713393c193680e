"""What a running daemon was made of, by which a later command sees that the repository was updated since.

Standard library only, as `stack`.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path

from localstack.stack import ROOT

_PINS = ("requirements.txt", "requirements-local.txt")  # of the packages, which are no files of ours
_ENVIRONMENT = ROOT / ".venv"


def note() -> dict[str, object]:
    """Return what this process puts into its record for `is_current`."""
    loaded = {Path(file) for module in list(sys.modules.values()) if (file := getattr(module, "__file__", None))}
    own = {path for path in loaded if path.is_relative_to(ROOT) and not path.is_relative_to(_ENVIRONMENT)}
    files = [*_PINS, *sorted(path.relative_to(ROOT).as_posix() for path in own)]
    return {"files": files, "fingerprint": _fingerprint(files)}


def is_current(record: dict[str, object]) -> bool:
    """Say whether a process with this record would be the same if it were started now."""
    files = record.get("files")
    return isinstance(files, list) and record.get("fingerprint") == _fingerprint(files)


def _fingerprint(files: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for path in (ROOT / file for file in files):
        digest.update(hashlib.sha256(path.read_bytes() if path.exists() else b"").digest())
    return digest.hexdigest()
