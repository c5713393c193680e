"""Make the Python environment `.venv`: `python3 -m localstack.environment`; `--help` names what it may hold besides.

Standard library only: it runs with whatever Python the machine has, before anything is installed, and again at each
`make up`, when it only compares a hash.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from localstack import preflight
from localstack.progress import fail, step
from localstack.stack import ROOT, StackError, load

VENV = ROOT / ".venv"
_BUILD = ROOT / "layers" / "ffmpeg" / "build.py"
# its botocore is another than the emulator's, so it lives in an environment of its own
AWS_CLI = "awscli==1.46.3"
# of the environment: each contains the one before it
_CONTENTS = ("requirements-local.txt", "requirements-dev.txt", "requirements-proof.txt")
_BIN = "Scripts" if sys.platform == "win32" else "bin"
_PYTHON = Path(_BIN) / ("python.exe" if sys.platform == "win32" else "python")


def main() -> int:
    """Bring the environment up to date; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also what `make test` needs")
    parser.add_argument("--proof", action="store_true", help="also what drills and mutation tests need")
    parser.add_argument("--aws", action="store_true", help="also the aws command line")
    parser.add_argument("--tools", action="store_true", help="also the aws command line, ffmpeg and ffprobe")
    parser.add_argument("--ports", action="store_true", help="first check that the stack's ports are free")
    options = parser.parse_args()
    try:
        preflight.check_machine()
        if options.ports and not (stack := load()).is_running():
            preflight.check_ports(stack)
        _create(VENV)
        jobs = [lambda: _bring(_CONTENTS[2 if options.proof else 1 if options.dev else 0])]
        if options.aws or options.tools:
            jobs.append(lambda: _bring_tools(ffmpeg=options.tools))
        _together(jobs)
    except StackError as error:
        return fail(str(error))
    return 0


def _together(jobs: Sequence[Callable[[], None]]) -> None:
    """Do jobs side by side: pip keeps one processor busy.

    Raises:
        StackError: what the first that failed said, when all have ended.
    """
    with ThreadPoolExecutor(len(jobs)) as pool:
        for done in [pool.submit(job) for job in jobs]:
            done.result()


def _bring(requirements: str) -> None:
    """Install `requirements` unless exactly that is there."""
    for name in _CONTENTS[_CONTENTS.index(requirements) :]:
        if _read(VENV / f".{name}.installed") == _fingerprint(VENV, name):
            return
    step(f"Installing {requirements} into {VENV.name} (a minute or two the first time)")
    _pip(VENV, "-r", requirements)
    (VENV / f".{requirements}.installed").write_text(_fingerprint(VENV, requirements))


def _bring_tools(*, ffmpeg: bool) -> None:
    """Bring what is called as programs of their own."""
    nested = VENV / "aws"
    _bring_aws(nested)
    # not by the pip of the environment, which may just be replacing itself
    python = nested / _PYTHON if _has_pip(nested / _PYTHON) else sys.executable
    if ffmpeg and subprocess.run([python, _BUILD, "--unpack"], check=False).returncode != 0:
        raise StackError("ffmpeg could not be unpacked: the reason stands above.")


def _bring_aws(nested: Path) -> None:
    stamp = nested / ".awscli.installed"
    if _read(stamp) != AWS_CLI:
        _create(nested)
        step(f"Installing {AWS_CLI}")
        _pip(nested, AWS_CLI)
        stamp.write_text(AWS_CLI)
    if sys.platform == "win32":
        (VENV / _BIN / "aws.cmd").write_text(f'@"{nested / _PYTHON}" "{nested / _BIN / "aws"}" %*\n')
        return
    link = VENV / _BIN / "aws"
    if not link.is_symlink() or link.resolve() != (nested / _BIN / "aws").resolve():
        link.unlink(missing_ok=True)
        link.symlink_to(Path("..") / "aws" / _BIN / "aws")


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _fingerprint(target: Path, requirements: str) -> str:
    """Hash a requirements file with the files it includes, and the Python that they are installed for."""
    digest = hashlib.sha256(_read(target / "pyvenv.cfg").encode())
    pending = [requirements]
    while pending:
        text = (ROOT / pending.pop()).read_text()
        digest.update(text.encode())
        pending += [line.split()[1] for line in text.splitlines() if line.startswith("-r ")]
    return digest.hexdigest()


def _create(target: Path) -> None:
    """Create the environment; where this Python lacks ensurepip (Debian splits it off), lend it an installed pip.

    Raises:
        StackError: there is neither ensurepip nor pip.
    """
    if (target / _PYTHON).exists():
        return
    step(f"Creating {target.relative_to(ROOT)} with Python {platform.python_version()}")
    with_pip = _can("ensurepip")
    if not with_pip and not _can("pip"):
        package = f"python3.{sys.version_info.minor}-venv"
        raise StackError(
            f"This Python ({sys.executable}) has neither ensurepip nor pip: install the package {package} "
            f"(Debian, Ubuntu: sudo apt-get install {package}) and run this again."
        )
    import venv  # noqa: PLC0415 - a minimal Python has none, which was just said in a sentence

    # clear: what is there belongs to a Python that is gone
    venv.create(target, clear=True, with_pip=with_pip, symlinks=sys.platform != "win32")


def _can(module: str) -> bool:
    command = [sys.executable, "-c", f"import {module}; import venv"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _has_pip(python: Path) -> bool:
    """Say whether an environment has a pip of its own, and not one that is lent to it."""
    return subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def _pip(target: Path, *arguments: str) -> None:
    python = target / _PYTHON
    own = [str(python), "-m", "pip"]
    lent = [sys.executable, "-m", "pip", "--python", str(python)]
    command = [
        *(own if _has_pip(python) else lent),
        "install",
        "--disable-pip-version-check",
        "--quiet",
        "--no-compile",
    ]
    environment = {**os.environ, "PIP_REQUIRE_VIRTUALENV": "0", "PYTHONWARNINGS": "ignore"}
    if subprocess.run([*command, *arguments], cwd=ROOT, env=environment, check=False).returncode != 0:
        raise StackError(f"pip could not install {' '.join(arguments)}: its own message stands above.")
    # pip would do it with one processor; what is no Python of this version (a template, say) may stay as it is
    compiling = [
        str(python),
        "-m",
        "compileall",
        "-q",
        "-j",
        "0",
        str(target / ("Lib" if _BIN == "Scripts" else "lib")),
    ]
    subprocess.run(compiling, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


if __name__ == "__main__":
    sys.exit(main())
