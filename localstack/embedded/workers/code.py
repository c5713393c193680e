"""Zips of functions and layers, unpacked once for each content into a read-only folder that all workers share."""

from __future__ import annotations

import hashlib
import io
import shutil
import stat
import threading
import uuid
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

_WRITABLE = 0o222


class CodeStore:
    """Folders under `root`, named by the SHA-256 of the zip that filled them."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._by_name: dict[str, Path] = {}

    def folder(self, name: str, read: Callable[[], bytes]) -> Path:
        """Return the unpacked folder of what is called `name` (a name never means two contents).

        `read` gives the zip; it is asked only the first time in this process.
        """
        with self._lock:
            target = self._place(name, read)
            if not target.exists():
                self._fill(target, read())
            return target

    def place(self, name: str, read: Callable[[], bytes]) -> Path:
        """Return the folder of what is called `name`, be it unpacked or not, now or ever."""
        with self._lock:
            return self._place(name, read)

    def prune(self, used: Iterable[Path]) -> None:
        """Remove what no function and no worker needs, and what a killed stack left half-made."""
        keep = set(used)
        with self._lock:
            self._by_name = {name: path for name, path in self._by_name.items() if path in keep}
            for path in self._root.iterdir() if self._root.exists() else ():
                if path not in keep:
                    remove(path)

    def _place(self, name: str, read: Callable[[], bytes]) -> Path:
        if name not in self._by_name:
            self._by_name[name] = self._root / hashlib.sha256(read()).hexdigest()
        return self._by_name[name]

    def _fill(self, target: Path, data: bytes) -> None:
        fresh = self._root / f"new-{uuid.uuid4().hex}"
        fresh.mkdir(parents=True)
        try:
            _unpack(data, fresh)
            fresh.replace(target)
        except BaseException:
            remove(fresh)
            raise
        _protect(target)


def remove(path: Path) -> None:
    """Remove a folder that was made read-only."""
    for folder in [path, *(p for p in path.rglob("*") if p.is_dir() and not p.is_symlink())]:
        folder.chmod(0o755)
    shutil.rmtree(path, ignore_errors=True)


def _unpack(data: bytes, target: Path) -> None:
    """Unpack as Lambda does: modes count (ZipFile drops them), links stay inside."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            mode = entry.external_attr >> 16
            if stat.S_ISLNK(mode):
                _link(target, entry.filename, archive.read(entry).decode())
                continue
            path = Path(archive.extract(entry, target))  # keeps every name inside the target
            if path.is_file():
                path.chmod((stat.S_IMODE(mode) or 0o644) & ~_WRITABLE | stat.S_IRUSR)


def _link(target: Path, name: str, to: str) -> None:
    link = target / name
    inside = (link.parent / to).resolve()
    if not inside.is_relative_to(target.resolve()) or not link.parent.resolve().is_relative_to(target.resolve()):
        raise ValueError("A link in the zip points outside of it.")
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(to)


def _protect(target: Path) -> None:
    for folder in [target, *(p for p in target.rglob("*") if p.is_dir() and not p.is_symlink())]:
        folder.chmod(0o555)
