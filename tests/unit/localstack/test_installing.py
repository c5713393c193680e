"""A fresh machine gets its environment, whatever its Python lends: quickly by uv, or by pip with all its settings."""

import shutil
import sys
from pathlib import Path

import pytest

from localstack import installing
from localstack.installing import PYTHON, UV, StackError, create, install

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins for pip and uv are shell scripts")


class Environment:
    """A folder whose python and uv write down what they are called with, and fail if what they are given names them."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._log = home / "log"

    def has(self, program: Path, *, fails_at: str = "(nothing)") -> None:
        path = self.home / program
        path.parent.mkdir(exist_ok=True)
        script = f'#!/bin/sh\necho {program.name} "$@" >> {self._log}\ncase "$*" in *\'{fails_at}\'*) exit 1; esac\n'
        path.write_text(script)
        path.chmod(0o755)

    @property
    def calls(self) -> list[str]:
        lines = self._log.read_text().splitlines()
        return [line for line in lines if " install " in line or "ensurepip" in line]


@pytest.fixture
def environment(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    made = Environment(tmp_path)
    made.has(PYTHON)
    return made


@pytest.fixture
def with_uv(environment):
    environment.has(installing._UV)
    (environment.home / ".uv.installed").write_text(UV)
    return environment


def test_uv_installs_what_it_can(with_uv):
    install(with_uv.home, "six", uv_from=with_uv.home)
    (call,) = with_uv.calls
    assert call.startswith("uv pip install")
    assert call.endswith(f"--python {with_uv.home / PYTHON} six")


def test_what_uv_cannot_install_pip_does(with_uv):
    with_uv.has(installing._UV, fails_at="six")
    install(with_uv.home, "six", uv_from=with_uv.home)
    assert [call.split()[0] for call in with_uv.calls] == ["uv", "python"]


def test_what_neither_can_install_is_named(with_uv):
    with_uv.has(installing._UV, fails_at="six")
    with_uv.has(PYTHON, fails_at="six")
    with pytest.raises(StackError, match="six"):
        install(with_uv.home, "six", uv_from=with_uv.home)


def test_another_uv_is_replaced_by_the_pinned_one(with_uv):
    (with_uv.home / ".uv.installed").write_text("uv==0.0.1")
    for _ in range(2):
        install(with_uv.home, "six", uv_from=with_uv.home)
    assert [call.split()[0] for call in with_uv.calls] == ["python", "uv", "uv"]
    assert UV in with_uv.calls[0]


def test_where_uv_cannot_be_had_pip_does_everything(environment):
    environment.has(PYTHON, fails_at=UV)
    install(environment.home, "six", uv_from=environment.home)
    assert [UV in call for call in environment.calls] == [True, False]


def test_an_environment_without_pip_gets_one(environment):
    environment.has(PYTHON, fails_at="pip --version")
    install(environment.home, "six", uv_from=environment.home)
    assert "ensurepip" in environment.calls[0]


def test_a_python_without_ensurepip_and_pip_names_the_package_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(StackError, match=r"python3\.\d+-venv"):
        create(tmp_path / ".venv")
    assert not (tmp_path / ".venv").exists()
