"""What the page brings of others is what its packages published: nobody edits it, and an update is complete."""

import hashlib
import json
from pathlib import Path

import pytest

VENDOR = Path(__file__).resolve().parents[2] / "web" / "vendor"
PINS = json.loads((VENDOR / "pins.json").read_text())


def test_every_folder_is_pinned() -> None:
    assert sorted(PINS) == sorted(folder.name for folder in VENDOR.iterdir() if folder.is_dir())


@pytest.mark.parametrize("name", PINS)
def test_files_are_those_of_the_pinned_version(name: str) -> None:
    folder, pin = VENDOR / name, PINS[name]
    for file, source in pin["files"].items():
        content = (folder / file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == source["sha256"], file
    readme = (folder / "README.md").read_text()
    assert pin["package"] in readme
    assert pin["version"] in readme
    assert (folder / "LICENSE").read_text().strip()


def test_what_stands_in_the_bundles_is_the_pinned_version() -> None:
    assert f'"{PINS["hls.js"]["version"]}"' in (VENDOR / "hls.js" / "hls.min.mjs").read_text()
