"""How long an installed stack takes to start, how much memory it holds when idle, and how large the functions are.

    .venv/bin/python -m bench.stack

Starts a stack of its own (other ports, a temporary folder), so one that is running is not touched. Linux only: memory
is the proportional set size (PSS) of the daemon and all its children, from /proc: right after the start, and when it
idles, after the environments of functions have ended that nobody calls.
"""

import contextlib
import io
import os
import platform
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from bench import figures
from localstack.stack import REGION, ROOT, Stack, load
from tests.ports import free_ports
from tests.processes import Process, below

START_CLAIM = 15.0  # seconds
MEMORY_CLAIM = 400.0  # MB
_SETTLED = 95.0  # seconds: environments that nobody needs have ended by then (localstack/embedded/workers/pool.py)


def main() -> int:
    """Measure and print; exit 1 if a claim does not hold."""
    if platform.system() != "Linux":
        print("Memory is read from /proc: this runs on Linux only.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="videoflix-bench-") as folder:
        environment = environment_in(Path(folder))
        try:
            first = timed("localstack.up", environment)
            timed("localstack.down", environment)
            again = timed("localstack.up", environment)
            unchanged = timed("localstack.up", environment)
            running = load(environment)
            busy = memory(processes(running))
            time.sleep(_SETTLED)
            held = memory(processes(running))
            package = max(packed_for_aws(path) for path in Path(folder).rglob("deployments/*.zip")) / 1e6
        finally:
            timed("localstack.down", environment)
    figures.keep("start of an installed stack", again, "s", START_CLAIM)
    figures.keep("up when nothing changed", unchanged, "s")
    figures.keep("memory of a stack that has just started", busy, "MB")
    figures.keep("memory of an idle stack", held, "MB", MEMORY_CLAIM)
    figures.keep("package of the functions", package, "MB")
    print(f"first start, demo film included     {first:6.1f} s")
    print(f"start of an installed stack         {again:6.1f} s   (claim: under {START_CLAIM:.0f} s)")
    print(f"`up` when running and nothing changed {unchanged:4.1f} s")
    print(f"package of the functions            {package:6.1f} MB")
    print(f"memory after the start              {busy:6.0f} MB")
    print(f"memory when idle                    {held:6.0f} MB  (claim: under {MEMORY_CLAIM:.0f} MB)")
    return 0 if again < START_CLAIM and held < MEMORY_CLAIM else 1


def packed_for_aws(package: Path) -> int:
    """Return the bytes of a package as `chalice` makes it for AWS; the emulator's is packed quickly instead of well."""
    again = io.BytesIO()
    with zipfile.ZipFile(package) as quick, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as well:
        for name in quick.namelist():
            well.writestr(name, quick.read(name))
    return len(again.getvalue())


def environment_in(folder: Path) -> dict[str, str]:
    """Return the environment of a stack of its own: other ports, and `folder` for what it keeps."""
    names = ("VIDEOFLIX_API_PORT", "VIDEOFLIX_AWS_PORT", "VIDEOFLIX_WEB_PORT")
    ports = {name: str(port) for name, port in zip(names, free_ports(len(names)), strict=True)}
    return {**os.environ, **ports, "VIDEOFLIX_STATE": str(folder)}


@contextmanager
def own(folder: Path) -> Iterator[dict[str, str]]:
    """Start a stack that keeps its things in `folder`; give its environment, and stop it afterwards."""
    environment = environment_in(folder)
    try:
        timed("localstack.up", environment)
        yield environment
    finally:
        timed("localstack.down", environment)


def s3(endpoint: str) -> Any:  # noqa: ANN401 - boto3's
    """Return a client of a local stack's S3."""
    make: Any = boto3.client
    return make(
        "s3",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(s3={"addressing_style": "path"}),
    )


def timed(module: str, environment: dict[str, str]) -> float:
    """Run a command of the stack in this environment; return the seconds that it took."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-m", module], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def processes(running: Stack) -> list[Process]:
    """Return the daemon of a stack, the functions that it runs, and what these run."""
    pid = int(str(running.record()["pid"]))
    return [Process(pid, 0, "the daemon"), *below(pid)]


def memory(held_by: Iterable[Process]) -> float:
    """Return the PSS of processes, in MB: what they share is counted once."""
    total = 0
    for process in held_by:
        with contextlib.suppress(OSError, StopIteration):  # it has ended
            lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
            total += int(next(line for line in lines if line.startswith("Pss:")).split()[1])
    return total / 1024


if __name__ == "__main__":
    sys.exit(main())
