"""The transcoder measured, each part by itself: `.venv/bin/python -m bench.transcode PART FILM`.

    cpu       CPU of a chunk, of a film in chunks and of the audit, against what no command can do without
    copied    CPU of a film whose own picture becomes the highest rendition, against a process for each rendition
    reading   CPU of looking at a film that has to be read through for it, against encoding it
    quality   SSIM of each rendition, against the plain command for it
    bounds    memory and temporary space of a worker, on a source of 2 GB
    pipeline  a running stack against the same work by hand, and how soon the first segment can be fetched

Each exits with 1 when a claim does not hold. bench/README.md says what the figures mean and which film to take.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from bench.transcode import bounds, copied, cpu, pipeline, quality, reading, tools
from bench.transcode.report import Report
from localstack.stack import ROOT, read_env_file

PARTS = ("cpu", "copied", "reading", "quality", "bounds", "pipeline")


def main() -> int:
    """Measure one part; return 1 if a claim does not hold."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("part", choices=PARTS)
    arguments.add_argument("film", type=Path)
    arguments.add_argument("--rounds", type=int, default=3, help="of cpu, copied, reading and pipeline")
    arguments.add_argument("--stage", default="local", help="of the running stack")
    arguments.add_argument("--json", type=Path, help="where to write the figures")
    chosen = arguments.parse_args()
    if not chosen.film.is_file():
        sys.exit(f"{chosen.film} is no file")
    tools.use_the_layers_ffmpeg()
    report = Report()
    if chosen.part == "cpu":
        cpu.measure(chosen.film, chosen.rounds, report)
    elif chosen.part == "copied":
        copied.measure(chosen.film, chosen.rounds, report)
    elif chosen.part == "reading":
        reading.measure(chosen.film, chosen.rounds, report)
    elif chosen.part == "quality":
        quality.measure(chosen.film, report)
    elif chosen.part == "bounds":
        bounds.measure(chosen.film, report)
    else:
        _use_the_stack(chosen.stage)
        pipeline.measure(chosen.film, chosen.rounds, report)
    return report.write(chosen.json)


def _use_the_stack(stage: str) -> None:
    state = Path(os.environ.get("VIDEOFLIX_STATE") or ROOT / ".local")
    for name, value in read_env_file(state / f"{stage}.env").items():
        os.environ.setdefault(name, value)


if __name__ == "__main__":
    sys.exit(main())
