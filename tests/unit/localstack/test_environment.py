"""The environment holds what the commit that is checked out asks for, also after another one was."""

from pathlib import Path

import pytest

from localstack import environment


def test_what_another_commit_installed_meanwhile_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who went back to a former commit ran it with the packages of the later one, and nobody said so."""
    installed: list[str] = []
    pins = {"commit": "former"}
    monkeypatch.setattr(environment, "VENV", tmp_path)
    monkeypatch.setattr(environment, "install", lambda _to, _option, file, **_: installed.append(Path(file).name))
    monkeypatch.setattr(environment, "_fingerprint", lambda _venv, name: f"{name} of the {pins['commit']} commit")
    local, dev, _proof = environment._CONTENTS
    for commit, wanted in (("former", dev), ("former", local), ("later", local), ("former", local)):
        pins["commit"] = commit
        environment._bring(wanted)
    assert installed == [dev, local, local]
