"""Restores: a published layer costs its bytes once.

ministack 1.5.33 writes every layer's zip as base64 into the state file of Lambda, each time that state is saved, and
reads it back at each start: a second and some hundred megabytes with an ffmpeg inside. Here the zips lie beside the
state in files named by their content.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from localstack.embedded.snapshots import write_whole

_DATA, _FILE = "_zip_data", "_zip_file"


def install(folder: Path) -> None:
    """Keep layers' zips in `folder`."""
    from ministack.services import lambda_svc  # noqa: PLC0415 - after the environment is set

    get_state, load = lambda_svc.get_state, lambda_svc.load_persisted_state

    def get_state_without_zips() -> dict[str, Any]:
        state: dict[str, Any] = get_state()
        for version in _versions(state):
            if isinstance(version.get(_DATA), bytes):
                version[_FILE] = _keep(folder, version.pop(_DATA))
        _drop_others(folder, {version.get(_FILE) for version in _versions(state)})
        return state

    def load_with_zips(state: dict[str, Any]) -> None:
        for version in _versions(state):
            if _FILE in version:
                version[_DATA] = (folder / version.pop(_FILE)).read_bytes()
        load(state)

    lambda_svc.get_state, lambda_svc.load_persisted_state = get_state_without_zips, load_with_zips


def _versions(state: dict[str, Any]) -> list[dict[str, Any]]:
    layers = state.get("layers")
    values = getattr(layers, "_data", {}).values()  # all accounts and regions
    return [version for layer in values for version in layer.get("versions", [])]


def _keep(folder: Path, data: bytes) -> str:
    path = folder / f"{hashlib.sha256(data).hexdigest()}.zip"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
    return path.name


def _drop_others(folder: Path, kept: set[str | None]) -> None:
    for path in folder.glob("*.zip"):
        if path.name not in kept:
            path.unlink()
