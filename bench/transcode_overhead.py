"""What the pipeline costs beyond its ffmpeg: `.venv/bin/python bench/transcode_overhead.py FILM [--stage local]`.

On a running stack, in turns and in one run, so that a busy machine disturbs both alike:

- by hand: the very command that the pipeline plans for this film, reading a local copy, writing to a local folder;
- the pipeline: from the beginning of the upload to the moment at which the film's record says `ready`.

Claim: the pipeline takes at most 1.15 times as long as the command by hand, plus 4 seconds.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from functions import aws  # noqa: E402 - found through the line above
from functions.catalogue import deletion, store  # noqa: E402
from functions.catalogue.film import State  # noqa: E402
from functions.settings import current  # noqa: E402
from functions.transcoding import command, plan, probe, process, source  # noqa: E402
from layers.ffmpeg.build import host_target  # noqa: E402
from localstack.stack import read_env_file  # noqa: E402

RATIO, SECONDS = 1.15, 4.0
PATIENCE = 3600.0


def by_hand(film: Path) -> float:
    """Return the seconds of the plan's own command on a local file."""
    opened = source.of_file(film)
    planned = plan.make(probe.probe(opened), upscale=current().autotranscode_policy == "relaxed")
    argv = command.encode(planned, opened, process.executable("ffmpeg"))
    with tempfile.TemporaryDirectory(prefix="videoflix-bench-") as folder:
        for rendition in planned.renditions:
            (Path(folder) / rendition.name).mkdir()
        began = time.perf_counter()
        done = process.run(argv, seconds=PATIENCE, folder=Path(folder))
        took = time.perf_counter() - began
    if done.code:
        sys.exit(f"ffmpeg ended with {done.code}")
    return took


def by_pipeline(film: Path) -> float:
    """Return the seconds from the upload's beginning until the film is ready; the film is deleted afterwards."""
    key = f"bench/{uuid.uuid4().hex}{film.suffix}"
    began = time.perf_counter()
    aws.s3().upload_file(str(film), current().uploads_bucket, key, ExtraArgs={"Metadata": {"publish": "false"}})
    while time.perf_counter() - began < PATIENCE:
        owned = store.ownership(key)
        made = store.get(owned.film_id) if owned else None
        if made and made.state.finished:
            took = time.perf_counter() - began
            deletion.delete(made.id)
            if made.state is State.FAILED:
                sys.exit(f"the film failed: {made.failure.code if made.failure else 'unknown'}")
            return took
        time.sleep(0.05)
    sys.exit("the film did not become ready")


def main() -> int:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("film", type=Path)
    arguments.add_argument("--stage", default="local")
    arguments.add_argument("--rounds", type=int, default=2)
    chosen = arguments.parse_args()
    state = Path(os.environ.get("VIDEOFLIX_STATE") or ROOT / ".local")
    for name, value in read_env_file(state / f"{chosen.stage}.env").items():
        os.environ.setdefault(name, value)
    os.environ["PATH"] = f"{host_target().ffmpeg.parent}{os.pathsep}{os.environ['PATH']}"
    hands, pipelines = [], []
    for turn in range(chosen.rounds):
        hands.append(by_hand(chosen.film))
        pipelines.append(by_pipeline(chosen.film))
        print(f"round {turn + 1}: by hand {hands[-1]:.2f} s, pipeline {pipelines[-1]:.2f} s", flush=True)
    hands.append(by_hand(chosen.film))  # one more at the end: the machine may have become busier or freer
    floor, took = statistics.median(hands), statistics.median(pipelines)
    allowed = RATIO * floor + SECONDS
    print(f"by hand {floor:.2f} s (median of {len(hands)}), upload to ready {took:.2f} s (median of {len(pipelines)})")
    print(f"ratio {took / floor:.3f}, allowed {RATIO} x {floor:.2f} + {SECONDS} = {allowed:.2f} s")
    print("claim holds" if took <= allowed else "claim does NOT hold")
    return 0 if took <= allowed else 1


if __name__ == "__main__":
    sys.exit(main())
