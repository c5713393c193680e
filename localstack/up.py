"""Bring the stack up: `python -m localstack.up`. On a running stack it deploys what changed."""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import time
import urllib.error
import urllib.request

from localstack import addresses, first_film, made_of, preflight, process
from localstack.progress import fail, step, warn
from localstack.stack import ROOT, STAGE, Stack, StackError, load

_MORE = "make status | make logs | make dev | make test | make down"


def main(arguments: list[str] | None = None) -> int:
    """Do all steps; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services-only", action="store_true", help="start the services and deploy nothing")
    options = parser.parse_args(arguments)
    try:
        stack = load()
        started = _ensure_running(stack)
        try:
            trouble = "" if options.services_only else _deploy(stack)
        except BaseException:
            if started:
                process.stop(stack)
            raise
    except StackError as error:
        return fail(str(error))
    except KeyboardInterrupt:
        return fail("Stopped by you.")
    # an image needs no environment within itself
    python = ".venv/bin/python" if (ROOT / ".venv").exists() else "python"
    print(addresses.table(stack, f"{python} manage.py", _MORE))
    if trouble:
        warn(trouble)  # last, where it is read
    return 0


def _ensure_running(stack: Stack) -> bool:
    """Start the daemon unless it runs; return whether this call started it."""
    if process.settled(stack, on_wait=lambda: step("A stack is starting or ending here; waiting for it")):
        ports = stack.record().get("ports")
        if ports != stack.ports:
            raise StackError(f"The stack of {stack.state} already runs on other ports ({ports}): `make down` first.")
        step("The stack is running; looking for what changed")
        if not made_of.is_current(stack.record()):
            # not by ourselves: somebody may be in the middle of an upload
            warn("The emulator that runs is of before an update: `make down`, then `make up` starts the new one.")
        return False
    preflight.check_ports(stack)
    _look_for_space(stack)
    step(f"Starting the emulated services at {stack.aws_url}")
    return process.start(stack)


def _look_for_space(stack: Stack) -> None:
    """Refuse to make a new stack on a full disk; one that has films starts, or nobody could delete any."""
    if not (stack.state / "emulator").exists():
        preflight.check_space(stack.state)
    elif (free := preflight.free_space(stack.state)) < preflight.FREE_BYTES:
        warn(f"Only {free / 1024**3:.1f} GB are left for {stack.state}: uploads may fail until films are deleted.")


def _deploy(stack: Stack) -> str:
    """Deploy what changed; return what is wrong with the demo film, if anything."""
    step("Deploying")
    _run(stack, "The deployment failed", "-m", "infra.deploy", "--stage", STAGE)
    step("Seeding the demo account")
    _run(stack, "Seeding failed", "manage.py", "seed")
    _await_api(stack)
    return first_film.provide(stack)


def _run(stack: Stack, trouble: str, *arguments: str) -> None:
    command = [sys.executable, *arguments]
    if subprocess.run(command, cwd=ROOT, env=stack.program_environment(), check=False).returncode != 0:
        raise StackError(f"{trouble}: what it said stands above, and the logs are in {stack.log_folder}.")


def _await_api(stack: Stack) -> None:
    """Wait until the API answers; this also warms it for the first visitor."""
    deadline = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(f"{stack.api_url}/healthz/", timeout=30).close()  # noqa: S310 - loopback
        except (urllib.error.URLError, OSError) as error:
            if time.monotonic() > deadline:
                raise StackError(f"The API does not answer at {stack.api_url}/healthz/: {error}") from None
            with contextlib.suppress(StackError):  # a `make dev` that was killed has not given it back
                process.control(stack, "take-api")
            time.sleep(0.2)
        else:
            return


if __name__ == "__main__":
    sys.exit(main())
