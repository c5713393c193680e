"""Forget the stack: `python -m localstack.clean`. Its films, accounts and logs are deleted, and what builds left."""

from __future__ import annotations

import shutil
import stat
import sys
from collections.abc import Callable
from pathlib import Path

from localstack import process
from localstack.progress import fail, step
from localstack.stack import ROOT, STAGE, StackError, load

# by name, and not the whole folder: the setting may name one that holds other things too
_STATE = ("emulator", "tmp", "log", "code", "bytecode", "stack.json", "stack.lock", "demo-film")
_DEPLOYED = (STAGE, f"{STAGE}.env", f"{STAGE}.deploy.lock")
_BUILT = (".chalice/deployments", ".chalice/deployed", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis")
_BUILT_TOO = (".import_linter_cache", "layers/ffmpeg/build", "tests/artefacts")


def main() -> int:
    """Stop the stack and remove; return the exit code."""
    try:
        stack = load()
        process.stop(stack)
    except StackError as error:
        return fail(str(error))
    for path in (stack.state / name for name in (*_STATE, *_DEPLOYED)):
        _remove(path)
    for path in (ROOT / name for name in (*_BUILT, *_BUILT_TOO)):
        _remove(path)
    if stack.state.exists() and not any(stack.state.iterdir()):
        stack.state.rmdir()
    step(f"Removed the stack of {stack.state} and what builds and tests left; .venv stays.")
    return 0


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, onerror=_make_writable)
    else:
        path.unlink(missing_ok=True)


def _make_writable(remove: Callable[[str], object], name: str, _error: object) -> None:
    """Unpacked functions are read-only: open the folder, and try once more."""
    for path in (Path(name).parent, Path(name)):
        path.chmod(path.stat().st_mode | stat.S_IRWXU)
    if Path(name).is_dir():
        shutil.rmtree(name, onerror=_make_writable)
    else:
        remove(name)


if __name__ == "__main__":
    sys.exit(main())
