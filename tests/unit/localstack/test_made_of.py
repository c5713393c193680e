"""Whether a running daemon is what is here now, seen from its record."""

import json
import subprocess
import sys

import pytest

from localstack import made_of
from localstack.stack import ROOT


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository of two files of pins and a module, which this process has imported."""
    monkeypatch.setattr(made_of, "ROOT", tmp_path)
    for name in ("requirements.txt", "requirements-local.txt", "served.py"):
        (tmp_path / name).write_text("as it was")
    monkeypatch.setattr(made_of, "__file__", str(tmp_path / "served.py"))
    return tmp_path


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-local.txt", "served.py"])
def test_a_changed_module_or_pin_is_seen(name, repository):
    record = made_of.note()
    assert made_of.is_current(record)
    (repository / name).write_text("changed")
    assert not made_of.is_current(record)
    (repository / name).unlink()
    assert not made_of.is_current(record)


def test_what_it_did_not_import_may_change(repository):
    record = made_of.note()
    (repository / "other.py").write_text("new")
    assert made_of.is_current(record)


def test_a_daemon_that_noted_nothing_is_an_old_one():
    assert not made_of.is_current({"pid": 1})


def test_the_daemon_is_made_of_its_own_code_and_no_packages():
    program = "import json, localstack.embedded.daemon as d; print(json.dumps(d.made_of.note()['files']))"
    files = json.loads(subprocess.check_output([sys.executable, "-c", program], cwd=ROOT))
    assert {"localstack/embedded/daemon.py", "localstack/embedded/workers/bootstrap.py"} < set(files)
    assert not [file for file in files if "site-packages" in file]
