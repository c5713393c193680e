"""Make Python environments and put packages into them: by uv, which takes a fraction of pip's time, or else by pip.

Standard library only, as it runs before anything is installed.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from localstack.progress import step
from localstack.stack import ROOT, StackError

UV = "uv==0.13.9"
BIN = "Scripts" if sys.platform == "win32" else "bin"
PYTHON = Path(BIN) / ("python.exe" if sys.platform == "win32" else "python")
_UV = Path(BIN) / ("uv.exe" if sys.platform == "win32" else "uv")
_PIP_OPTIONS = ("--disable-pip-version-check", "--quiet")
_bringing_uv = threading.Lock()


def create(target: Path) -> None:
    """Create an empty environment unless there is one.

    Raises:
        StackError: nothing could ever be installed into it: this Python has neither pip nor ensurepip.
    """
    if (target / PYTHON).exists():
        return
    step(f"Creating {os.path.relpath(target, ROOT)} with Python {platform.python_version()}")
    if not _can("ensurepip") and not _can("pip"):
        package = f"python3.{sys.version_info.minor}-venv"
        raise StackError(
            f"This Python ({sys.executable}) has neither ensurepip nor pip: install the package {package} "
            f"(Debian, Ubuntu: sudo apt-get install {package}) and run this again."
        )
    import venv  # noqa: PLC0415 - a minimal Python has none, which was just said in a sentence

    # clear: what is there belongs to a Python that is gone; without pip, which takes longer than all else together
    venv.create(target, clear=True, with_pip=False, symlinks=sys.platform != "win32")


def install(target: Path, *packages: str, uv_from: Path) -> None:
    """Install packages, or requirements files (`-r`, then a path), into an environment.

    uv reads none of pip's settings. So whoever needs those, for a mirror of the company say, gets them by the second
    try, which is pip's.

    Args:
        target: the environment.
        packages: what `pip install` takes.
        uv_from: the environment that has uv, or gets it.

    Raises:
        StackError: neither could install them; what pip said stands above.
    """
    with _bringing_uv:
        uv = _uv(uv_from)
    # a quarter of the modules are ever imported, and compiled then, unless that is forbidden here
    compiled = ["--compile-bytecode"] if sys.dont_write_bytecode else []
    command = [str(uv), "pip", "install", "--quiet", *compiled, "--python", str(target / PYTHON), *packages]
    if uv and _run(command, quiet=True):
        return
    if not _run([*_pip(target), "install", *_PIP_OPTIONS, *packages]):
        raise StackError(f"pip could not install {' '.join(packages)}: its own message stands above.")


def _uv(home: Path) -> Path | None:
    """Return the path of uv, brought into an environment if need be; None if there is none for this machine."""
    uv, stamp = home / _UV, home / ".uv.installed"
    if not uv.exists() or not stamp.exists() or stamp.read_text() != UV:
        # never built from its source, which would take minutes and a compiler
        _run([*_pip(home), "install", *_PIP_OPTIONS, "--only-binary", ":all:", UV], quiet=True)
        stamp.write_text(UV)
    return uv if uv.exists() else None


def _pip(target: Path) -> list[str]:
    """Return the command of a pip that installs into `target`: its own, one that is lent to it, or a new one.

    Raises:
        StackError: there is none, and none can be made.
    """
    python = str(target / PYTHON)
    own = [python, "-m", "pip"]
    lent = [sys.executable, "-m", "pip", "--python", python]  # pip knows this option since 22.3
    for command in (own, lent):
        if _run([*command, "--version"], quiet=True):
            return command
    if not _run([python, "-m", "ensurepip"], quiet=True):
        raise StackError(f"pip could not be put into {target.name}: remove that folder and run this again.")
    return own


def _can(module: str) -> bool:
    return _run([sys.executable, "-c", f"import {module}; import venv"], quiet=True)


def _run(command: Sequence[str], *, quiet: bool = False) -> bool:
    """Run a command and say whether it succeeded; a quiet one's output is nobody's business."""
    environment = {**os.environ, "PIP_REQUIRE_VIRTUALENV": "0", "PYTHONWARNINGS": "ignore"}
    output = subprocess.DEVNULL if quiet else None
    return subprocess.run(command, env=environment, stdout=output, stderr=output, check=False).returncode == 0
