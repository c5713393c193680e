"""Chalice run quicker must still deploy the same: the cache never mixes versions and never hides what is missing."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from botocore.waiter import Waiter
from chalice.deploy.packager import DependencyBuilder, MissingDependencyError, Package
from chalice.utils import ChaliceZipFile

from infra import chalice_cli
from infra.targets import ROOT


@pytest.fixture
def built(monkeypatch):
    """Count what the real builder would have built."""
    built = []

    def build(self, abi, requirements, target):
        built.append((abi, Path(requirements).read_text()))
        (Path(target) / "botocore" / "data" / "ec2").mkdir(parents=True)
        (Path(target) / "botocore" / "data" / "s3").mkdir()
        (Path(target) / "botocore" / "data" / "endpoints.json").write_text("{}")
        (Path(target) / "module.py").write_text("")
        (Path(target) / "__pycache__").mkdir()

    monkeypatch.setattr(DependencyBuilder, "build_site_packages", build)
    return built


class Lambda:
    _machine = "x86_64"


def package(tmp_path, name, text="one==1\n", abi="cp311"):
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(text)
    target = tmp_path / name
    target.mkdir()
    DependencyBuilder.build_site_packages(Lambda(), abi, str(requirements), str(target))
    return {path.relative_to(target).as_posix() for path in target.rglob("*")}


def test_the_same_requirements_are_built_once(tmp_path, built):
    chalice_cli.reuse_dependencies(tmp_path / "cache", native=False)
    assert package(tmp_path, "first") == package(tmp_path, "second")
    assert len(built) == 1


@pytest.mark.parametrize("other", [{"text": "one==2\n"}, {"abi": "cp312"}])
def test_other_requirements_or_another_python_are_built_anew(tmp_path, built, other):
    chalice_cli.reuse_dependencies(tmp_path / "cache", native=False)
    package(tmp_path, "first")
    package(tmp_path, "second", **other)
    assert len(built) == 2


def test_descriptions_of_services_that_nobody_calls_stay_out(tmp_path, built):
    """They are nine tenths of the package that each cold start unpacks."""
    chalice_cli.reuse_dependencies(tmp_path / "cache", native=False)
    assert package(tmp_path, "first") == {
        "botocore",
        "botocore/data",
        "botocore/data/s3",
        "botocore/data/endpoints.json",
        "module.py",
        "__pycache__",
        f"__pycache__/module.{sys.implementation.cache_tag}.pyc",
    }


def test_nothing_of_a_package_is_compiled_at_a_cold_start(tmp_path, built):
    """Lambda's folder is read-only: it would be compiled each time, which takes longer than all the rest."""
    chalice_cli.reuse_dependencies(tmp_path / "cache", native=False)
    zipped, unpacked = tmp_path / "package.zip", tmp_path / "unpacked"
    with zipfile.ZipFile(zipped, "w") as archive:
        for name in package(tmp_path, "dependencies"):
            archive.write(tmp_path / "dependencies" / name, name)
        archive.writestr("area/app.py", "import module\n")
    chalice_cli.complete(zipped)
    chalice_cli.complete(zipped)  # a package that was made before is completed again
    with zipfile.ZipFile(zipped) as archive:
        assert len(archive.namelist()) == len(set(archive.namelist()))
        entry = archive.getinfo(f"area/__pycache__/app.{sys.implementation.cache_tag}.pyc")
        assert entry.external_attr >> 16 & 0o444 == 0o444, "Lambda runs functions as somebody else"
        archive.extractall(unpacked)
    for source in unpacked.rglob("*.py"):
        source.write_text("raise SystemExit('compiled')")
    program = f"import sys; sys.path.insert(0, {str(unpacked)!r}); import area.app"
    subprocess.run([sys.executable, "-I", "-S", "-B", "-c", program], check=True)


def test_a_file_for_another_python_stays_as_it_is(tmp_path):
    zipped = tmp_path / "package.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("old.py", "print 'hello'\n")
    chalice_cli.complete(zipped)
    with zipfile.ZipFile(zipped) as archive:
        assert archive.namelist() == ["old.py"]


def test_every_service_that_the_functions_call_stays_in():
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "functions").rglob("*.py")]
    called = {name for text in sources for name in re.findall(r"client\(\s*\"([a-z0-9-]+)\"", text)}
    assert called
    assert called <= chalice_cli.SERVICES


def test_a_package_that_lambda_cannot_run_stops_the_deployment(tmp_path, monkeypatch):
    """Chalice only warns, and deploys functions that cannot start."""

    def build(*_arguments):
        raise MissingDependencyError({Package.__new__(Package)})

    monkeypatch.setattr(Package, "identifier", "one==1")
    monkeypatch.setattr(DependencyBuilder, "build_site_packages", build)
    chalice_cli.reuse_dependencies(tmp_path / "cache", native=False)
    with pytest.raises(SystemExit, match="No package for Lambda's cp311 x86_64: one==1"):
        package(tmp_path, "first")
    assert not list((tmp_path / "cache").glob("site-packages-*"))


def test_waits_are_shortened_but_what_a_caller_asks_for_stays(monkeypatch):
    seen = []
    monkeypatch.setattr(Waiter, "wait", lambda _self, **arguments: seen.append(arguments))
    chalice_cli.shorten_waits()
    waiter = Waiter.__new__(Waiter)
    waiter.wait(FunctionName="one")
    waiter.wait(WaiterConfig={"Delay": 9})
    assert seen[0]["WaiterConfig"]["Delay"] < 1
    assert seen[1]["WaiterConfig"] == {"Delay": 9}


def test_a_package_that_is_packed_quickly_holds_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(ChaliceZipFile, "writestr", zipfile.ZipFile.writestr)
    words = tmp_path / "words"
    words.write_text("".join(f"{number} words " for number in range(9999)))

    def packed(name):
        with ChaliceZipFile(tmp_path / name, "w", compression=zipfile.ZIP_DEFLATED) as package:
            package.write(words, "words")
        with zipfile.ZipFile(tmp_path / name) as package:
            assert package.read("words") == words.read_bytes()
            return package.getinfo("words").compress_size

    well = packed("well.zip")
    chalice_cli.pack_quickly()
    assert well < packed("quickly.zip") < words.stat().st_size / 2
