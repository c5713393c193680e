"""How soon long films would be ready on AWS, and for how much: `.venv/bin/python -m bench.simulation`.

A model, not a measurement: the chunks are the planner's own, prices are those of functions/transcoding/costs.py, memory
and time of a worker are those of `.chalice/config.json`; what a second of film costs was measured by
`bench.transcode cpu --json FILE` and is read from there (`--measured FILE`; else the figures of bench/README.md are
taken). What nobody here can measure is assumed, and printed as such. `--speed` says how fast a vCPU of Lambda's is
beside the core that measured; how slow it may be before the goal is missed is printed too.
"""

from __future__ import annotations

import argparse
import dataclasses
import heapq
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from functions.transcoding import costs, plan
from functions.transcoding.plan import Plan
from functions.transcoding.probe import Picture, Sound, SourceInfo

ROOT = Path(__file__).resolve().parent.parent
FILMS = {"10 minutes": 600, "1 hour": 3600, "2 hours": 7200}
WORKERS = (10, 100, 1000)
GOAL_FILM, GOAL_WORKERS, GOAL_SECONDS, GOAL_USD = 7200, 150, 120.0, 0.50
_VCPU = 1769  # MB of memory that come with a vCPU (AWS: "Configure Lambda function memory")

FORMULA = """\
  ready   = event + prepare + sound + chunks + publish
  chunk   = cold + (seconds * (encode + supervise + audit) + seam) / (vcpu * speed * use)
  chunks  = the latest end when each chunk goes to the worker that is free first; worker k of `workers` is there after
            k / map_starts seconds, and after 10 s more for each thousand before it (Lambda: 1,000 more every 10 s)
  sound   = 0; where the source counts its sound too coarsely (Matroska): film * sound_cpu / (speed * 1 core)
  publish = publish_base + film's objects / listed_per_second
  USD     = costs.usd(memory * (prepare + sound + all chunks without cold + publish), calls, puts, chunks)
"""


@dataclass(frozen=True)
class Measured:
    """CPU seconds for a second of film, and for each chunk."""

    encode: float = 1.55
    audit: float = 0.20
    supervise: float = 0.01
    seam: float = 3.0
    sound: float = 0.015


@dataclass(frozen=True)
class Assumed:
    """What was not measured here: AWS's weather, on the cautious side. Seconds, unless said otherwise."""

    event: float = 3.0  # S3's event, the ingest function, the start of the execution
    prepare: float = 5.0  # cold start, probe, poster
    cold: float = 2.5  # a worker's start with a layer of 96 MB
    publish_base: float = 3.0
    listed_per_second: float = 2000.0  # objects
    map_starts: float = 50.0  # chunks a second
    use: float = 0.93  # part of its cores that an encoder keeps busy
    speed: float = 1.0  # a vCPU beside the core that measured


@dataclass(frozen=True)
class Worker:
    """A Lambda: memory in MB, and seconds that it may take."""

    memory: int
    timeout: int

    @property
    def vcpu(self) -> float:
        """Its share of processors."""
        return self.memory / _VCPU


@dataclass(frozen=True)
class Outcome:
    """Seconds until ready, US dollars, and the longest chunk's seconds."""

    ready: float
    usd: float
    longest: float
    chunks: int


def film(seconds: int, *, exact_sound: bool = True) -> SourceInfo:
    """Return an ordinary film: 1080p24, stereo."""
    picture = Picture(
        index=0,
        codec="h264",
        width=1920,
        height=1080,
        sample_aspect=Fraction(1),
        rotation=0,
        frame_rate=Fraction(24),
        interlaced=False,
        pixel_format="yuv420p",
        matrix="bt709",
        transfer="bt709",
        primaries="bt709",
        ends=float(seconds),
    )
    sound = Sound(index=1, channels=2, rate=48_000, exact=exact_sound)
    return SourceInfo(
        container="mov" if exact_sound else "matroska", duration=float(seconds), picture=picture, sound=sound
    )


def simulate(planned: Plan, workers: int, worker: Worker, measured: Measured, assumed: Assumed) -> Outcome:
    """Return what comes of a film."""
    power = worker.vcpu * assumed.speed * assumed.use
    works = [_work(planned, number, measured) / power for number in range(len(planned.chunks))]
    sound = planned.duration * measured.sound / assumed.speed if planned.sound.once else 0.0
    puts = len(planned.renditions) * (len(planned.starts) + 1) + 2 + len(works)
    publish = assumed.publish_base + puts / assumed.listed_per_second
    ready = assumed.event + assumed.prepare + sound + _last_end(works, workers, assumed) + publish
    held = assumed.prepare + sound + sum(works) + publish
    os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = str(worker.memory)
    usd = costs.usd(gb_seconds=costs.gb_seconds(held), calls=2 + len(works), puts=puts, chunks=len(works))
    return Outcome(ready, usd, assumed.cold + max(works), len(works))


def _work(planned: Plan, number: int, measured: Measured) -> float:
    part = planned.chunk(number)
    seconds = planned.seconds(part.end - part.begin)
    seam = measured.seam if number else 0.0
    return seconds * (measured.encode + measured.supervise + measured.audit) + seam


def _last_end(works: Sequence[float], workers: int, assumed: Assumed) -> float:
    free = [number / assumed.map_starts + number // 1000 * 10.0 + assumed.cold for number in range(workers)]
    heapq.heapify(free)
    return max(_take(free, work) for work in works)


def _take(free: list[float], work: float) -> float:
    """Give work to whoever is free first; return when it ends."""
    end = heapq.heappop(free) + work
    heapq.heappush(free, end)
    return end


def _measured(file: Path | None) -> Measured:
    if file is None:
        return Measured()
    known: dict[str, Any] = json.loads(file.read_text())
    usual = Measured()
    return Measured(
        encode=known["encode_cpu_per_second"],
        audit=known["audit_cpu_per_second"],
        supervise=known["supervising_cpu_per_second"],
        seam=max(0.0, known.get("seam_cpu", usual.seam)),
        sound=known.get("sound_cpu_per_second", usual.sound),
    )


def _worker() -> Worker:
    stages = json.loads((ROOT / ".chalice" / "config.json").read_text())["stages"]
    function = stages["prod"]["lambda_functions"]["transcode"]
    return Worker(function["lambda_memory_size"], function["lambda_timeout"])


def _slowest(planned: Plan, worker: Worker, measured: Measured, assumed: Assumed) -> float:
    """Return how slow a vCPU may be for the goal to hold: a part of the measuring core's speed."""
    speeds = [number / 100 for number in range(20, 301)]

    def holds(speed: float) -> bool:
        out = simulate(planned, GOAL_WORKERS, worker, measured, dataclasses.replace(assumed, speed=speed))
        return out.ready <= GOAL_SECONDS and out.usd <= GOAL_USD

    return next((speed for speed in speeds if holds(speed)), float("nan"))


def main() -> int:
    """Print the formula, its figures, and what comes of it; return 1 if the goal is missed."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--measured", type=Path, help="what `bench.transcode cpu --json` wrote")
    arguments.add_argument("--speed", type=float, default=1.0, help="of a vCPU of Lambda's, beside the measuring core")
    arguments.add_argument("--chunk-cost", type=float, default=plan.CHUNK_COST, help="CPU seconds of a chunk")
    chosen = arguments.parse_args()
    measured, assumed, worker = _measured(chosen.measured), Assumed(speed=chosen.speed), _worker()
    print(FORMULA)
    print(f"measured (CPU seconds for a second of film; seam: for a chunk): {_words(measured)}")
    print(f"assumed: {_words(assumed)}")
    print(
        f"worker: {worker.memory} MB, {worker.vcpu:.2f} vCPU, {worker.timeout} s; a chunk: {chosen.chunk_cost:g} CPU-s"
    )
    print(f"\n{'film':<12}{'chunks':>8}{'longest':>10}{'USD':>8}" + "".join(f"{n:>9} w." for n in WORKERS))
    in_time = True
    for name, seconds in FILMS.items():
        planned = plan.make(film(seconds), chunk_cost=chosen.chunk_cost)
        outs = [simulate(planned, workers, worker, measured, assumed) for workers in WORKERS]
        times = "".join(f"{out.ready:>9.0f} s " for out in outs)
        print(f"{name:<12}{outs[0].chunks:>8}{outs[0].longest:>8.0f} s{outs[0].usd:>8.2f}{times}")
        in_time &= outs[0].longest < worker.timeout
    print(f"every chunk ends within a Lambda's {worker.timeout} s: {'yes' if in_time else 'NO'}")
    return 0 if _goal(chosen.chunk_cost, worker, measured, assumed) and in_time else 1


def _goal(chunk_cost: float, worker: Worker, measured: Measured, assumed: Assumed) -> bool:
    planned = plan.make(film(GOAL_FILM), chunk_cost=chunk_cost)
    out = simulate(planned, GOAL_WORKERS, worker, measured, assumed)
    holds = out.ready <= GOAL_SECONDS and out.usd <= GOAL_USD
    print(f"goal, 2 hours with {GOAL_WORKERS} workers in {GOAL_SECONDS:.0f} s for {GOAL_USD:.2f} USD: ", end="")
    print(f"{out.ready:.0f} s, {out.usd:.2f} USD: {'holds' if holds else 'does NOT hold'}")
    print(f"it holds as long as a vCPU has {_slowest(planned, worker, measured, assumed):.2f} of the core's speed")
    coarse = plan.make(film(GOAL_FILM, exact_sound=False), chunk_cost=chunk_cost)
    out = simulate(coarse, GOAL_WORKERS, worker, measured, assumed)
    print(f"the same film as Matroska, its sound encoded before the chunks: {out.ready:.0f} s, {out.usd:.2f} USD")
    return holds


def _words(values: Measured | Assumed) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in dataclasses.asdict(values).items())


if __name__ == "__main__":
    sys.exit(main())
