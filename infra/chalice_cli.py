"""Run `chalice` on the staged project, quicker and on any machine. Started as a file, in a process of its own.

What differs from plain `chalice`, and why:
- Dependencies that were built once are taken from a cache, by the digest of requirements.txt: pip takes ten seconds.
- botocore's descriptions of services that no function calls stay out: 14 of 22 MB that each cold start unpacks.
- On the embedded stack of a machine that is no Linux, dependencies are that machine's and not Lambda's.
- Packages hold bytecode. Lambda's folder is read-only: each cold start would compile all that it imports.
- Before an endpoint that is not AWS, Chalice's waits of 5 s become short: an emulated function is ready at once. And
  packages are packed quickly instead of well: nobody sends them over a network.
- On AWS, the definition of the API says how API Gateway answers what it refuses itself: Chalice has no setting for it.
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import hashlib
import importlib.util
import json
import marshal
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
from functools import partialmethod
from pathlib import Path, PurePosixPath
from py_compile import PycInvalidationMode
from typing import Any

# The services that functions/ calls, what botocore itself calls for credentials, and nothing else.
SERVICES = frozenset({"dynamodb", "s3", "secretsmanager", "ses", "sqs", "ssm", "stepfunctions", "sts"})
_DELAY = 0.05  # seconds
# PEP 552: the hash of the source follows, and is not to be checked. Files' times do not survive a zip.
_UNCHECKED = (0b01).to_bytes(4, "little")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first time that a zip can hold
_READABLE = (stat.S_IFREG | 0o644) << 16  # Lambda runs functions as somebody else than the owner of their files


def shorten_waits() -> None:
    """Make botocore's waiters ask often."""
    from botocore.waiter import Waiter  # noqa: PLC0415 - only here

    wait = Waiter.wait

    def often(self: Waiter, **arguments: Any) -> None:  # noqa: ANN401 - whatever the service's call takes
        wait(self, **{"WaiterConfig": {"Delay": _DELAY, "MaxAttempts": 600}, **arguments})

    Waiter.wait = often  # type: ignore[method-assign]


def pack_quickly() -> None:
    """Let packages be some megabytes larger, and ready a second earlier."""
    from chalice.utils import ChaliceZipFile  # noqa: PLC0415 - only here

    ChaliceZipFile.writestr = partialmethod(zipfile.ZipFile.writestr, compresslevel=1)  # type: ignore[assignment]


def reuse_dependencies(cache: Path, *, native: bool) -> None:
    """Make Chalice's packager take site-packages from `cache`, and put there what it builds."""
    from chalice.deploy.packager import DependencyBuilder, MissingDependencyError  # noqa: PLC0415

    build = DependencyBuilder.build_site_packages

    def cached(self: Any, abi: str, requirements: str, target: str) -> None:  # noqa: ANN401
        machine = sys.platform if native else self._machine
        pinned = f"{abi} {machine} {sorted(SERVICES)} bytecode ".encode() + Path(requirements).read_bytes()
        kept = cache / f"site-packages-{hashlib.sha256(pinned).hexdigest()[:24]}"
        if not kept.is_dir():
            cache.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=cache, prefix="tmp-") as scratch:
                fresh = Path(scratch) / "site-packages"
                fresh.mkdir()
                try:
                    _install(requirements, fresh) if native else build(self, abi, requirements, str(fresh))
                except MissingDependencyError as error:  # Chalice would warn, and deploy functions that cannot start
                    names = ", ".join(sorted(package.identifier for package in error.missing))
                    sys.exit(f"No package for Lambda's {abi} {machine}: {names}.")
                trim(fresh)
                compile_folder(fresh)
                try:
                    fresh.rename(kept)
                except OSError:
                    if not kept.is_dir():  # else somebody built the same meanwhile
                        raise
        shutil.copytree(kept, target, dirs_exist_ok=True)

    DependencyBuilder.build_site_packages = cached  # type: ignore[assignment,method-assign]


def _install(requirements: str, folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--no-compile", "--only-binary", ":all:", "--target", str(folder), "-r", requirements]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def trim(site_packages: Path) -> None:
    """Remove what no function reads: descriptions of other services, compiled files, command-line programs."""
    descriptions = site_packages / "botocore" / "data"
    if descriptions.is_dir():
        for folder in descriptions.iterdir():
            if folder.is_dir() and folder.name not in SERVICES:
                shutil.rmtree(folder)
    shutil.rmtree(site_packages / "bin", ignore_errors=True)
    remove_bytecode(site_packages)


def remove_bytecode(folder: Path) -> None:
    """Remove compiled files, wherever they lie in a folder."""
    for compiled in list(folder.rglob("__pycache__")):
        shutil.rmtree(compiled)


def compile_folder(site_packages: Path) -> None:
    """Compile what lies in a folder; a file that this Python cannot read stays as it is, for nobody imports it."""
    kind = PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(site_packages, quiet=2, stripdir=str(site_packages), invalidation_mode=kind)


def ship_bytecode() -> None:
    """Make Chalice's packager complete its packages."""
    from chalice.deploy.packager import LambdaDeploymentPackager  # noqa: PLC0415

    make = LambdaDeploymentPackager.create_deployment_package

    def completed(self: Any, project_dir: str, python_version: str) -> str:  # noqa: ANN401
        package = make(self, project_dir, python_version)
        complete(Path(package))
        return package

    LambdaDeploymentPackager.create_deployment_package = completed  # type: ignore[method-assign]


def complete(package: Path) -> None:
    """Add to a zip the bytecode of what it holds without any. Another version of Python passes over it, by its name."""
    with zipfile.ZipFile(package, "a", zipfile.ZIP_DEFLATED) as archive:
        known = set(archive.namelist())
        for source in sorted(name for name in known if name.endswith(".py")):
            compiled = _compiled_name(source)
            if compiled in known:
                continue
            entry = zipfile.ZipInfo(compiled, _EPOCH)
            entry.external_attr = _READABLE
            with contextlib.suppress(SyntaxError):  # of a file for another Python, which nobody imports
                archive.writestr(entry, _bytecode(archive.read(source), source), zipfile.ZIP_DEFLATED)


def _compiled_name(source: str) -> str:
    path = PurePosixPath(source)
    return str(path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc")


def _bytecode(source: bytes, name: str) -> bytes:
    code = compile(source, name, "exec", dont_inherit=True)
    return importlib.util.MAGIC_NUMBER + _UNCHECKED + importlib.util.source_hash(source) + marshal.dumps(code)


def define_gateway_errors(extension: dict[str, Any]) -> None:
    """Make Chalice's definition of the API contain `extension` at its top."""
    from chalice.deploy.swagger import SwaggerGenerator  # noqa: PLC0415 - only here

    generate = SwaggerGenerator.generate_swagger

    def extended(self: Any, *arguments: Any, **named: Any) -> dict[str, Any]:  # noqa: ANN401
        return {**generate(self, *arguments, **named), **extension}

    SwaggerGenerator.generate_swagger = extended  # type: ignore[method-assign]


def parser() -> argparse.ArgumentParser:
    """Return the parser of what is ours of the command line; the rest is Chalice's."""
    made = argparse.ArgumentParser(description="Run chalice.")
    made.add_argument("--cache", type=Path, required=True, help="folder of built dependencies")
    made.add_argument("--native", action="store_true", help="dependencies for this machine, not for Lambda")
    made.add_argument("--gateway-errors", type=json.loads, default={}, help="JSON for the API's definition")
    return made


def main() -> None:
    """Prepare, then hand over to Chalice's own command line."""
    options, arguments = parser().parse_known_args()
    reuse_dependencies(options.cache.resolve(), native=options.native)
    ship_bytecode()
    define_gateway_errors(options.gateway_errors)
    if os.environ.get("AWS_ENDPOINT_URL"):
        shorten_waits()
        pack_quickly()
    from chalice.cli import main as chalice  # noqa: PLC0415 - after the changes above

    sys.dont_write_bytecode = True  # of the project that it loads: compiled files would change its package's digest
    sys.argv = ["chalice", *arguments]
    sys.exit(chalice())


if __name__ == "__main__":
    main()
