"""The operator's door: `python manage.py COMMAND --help`.

It runs in the environment that `make up` made, whichever Python it was started with, against the stage that
`--stage` names (else VIDEOFLIX_STAGE, else local), with the settings that the deployment of that stage wrote down.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"


def _use_venv() -> None:
    """Start again with the project's own Python, if this is another one."""
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists() or Path(sys.prefix).resolve() == VENV.resolve():
        return
    command = [str(python), str(Path(__file__).resolve()), *sys.argv[1:]]
    if os.name == "nt":  # its exec returns to the shell before the new process has printed anything
        sys.exit(subprocess.call(command))
    os.execv(command[0], command)  # noqa: S606 - the same program with the same arguments


def _prepare(stage: str) -> None:
    """Put the settings of `stage` into the environment; what is exported already wins, then `.env.<stage>` and `.env`.

    Names of what the deployment made are never taken from these files.

    Raises:
        CommandError: the stage was never deployed from here, the environment is that of another stage, or one of these
            files cannot be read.
    """
    from functions.cli.frame import CommandError  # noqa: PLC0415 - after `_use_venv`
    from functions.settings import EMULATED_STAGES  # noqa: PLC0415
    from infra.environment import MADE  # noqa: PLC0415
    from localstack.stack import StackError, read_env_file, said_of  # noqa: PLC0415

    complete = os.environ.get("STAGE") == stage  # a container has all settings in its environment from the start
    try:
        said = said_of(stage, ROOT)
    except StackError as error:
        raise CommandError(str(error)) from error
    state = os.environ.get("VIDEOFLIX_STATE") or said.get("VIDEOFLIX_STATE") or ".local"
    _add({name: value for name, value in said.items() if name not in MADE})
    if os.environ.get("STAGE") not in (None, "", stage):
        raise CommandError("The environment holds the settings of another stage. Remove STAGE and its like.")
    file = (ROOT / Path(state).expanduser() / f"{stage}.env").resolve()
    if not file.exists() and not complete:
        hint = "make up" if stage == "local" else f"make deploy STAGE={stage}"
        raise CommandError(f"Stage {stage} was never deployed from this folder. Deploy it with: {hint}")
    deployed = read_env_file(file)
    if region := deployed.get("AWS_DEFAULT_REGION"):
        os.environ["AWS_DEFAULT_REGION"] = region  # a shell's own says where its other programs go: no stage is there
    if stage in EMULATED_STAGES and deployed:
        # a real key must never reach an emulator, which knows none but the deployment's; a container has only its own
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
            os.environ.pop(name, None)
    _add(deployed)


def _add(values: dict[str, str]) -> None:
    for name, value in values.items():
        os.environ.setdefault(name, value)


def _offer_ffmpeg() -> None:
    """Let commands that look into files find the ffmpeg that `make up` unpacked, behind any other on PATH."""
    from layers.ffmpeg.build import LayerError, host_target  # noqa: PLC0415 - after `_use_venv`

    with contextlib.suppress(LayerError):
        os.environ["PATH"] = os.pathsep.join((os.environ.get("PATH", ""), str(host_target().ffmpeg.parent)))


def main() -> int:
    """Run the command that the command line names."""
    from functions.cli import frame  # noqa: PLC0415 - after `_use_venv`
    from localstack import mails  # noqa: PLC0415

    _offer_ffmpeg()
    stage = os.environ.get("VIDEOFLIX_STAGE") or frame.DEFAULT_STAGE
    return frame.main(sys.argv[1:], _prepare, [mails.add_commands], stage)


if __name__ == "__main__":
    _use_venv()
    sys.exit(main())
