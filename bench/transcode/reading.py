"""CPU seconds of looking at a film whose container makes us read it through, against encoding it in one chunk.

The film's own picture (H.264) is put into each of these containers. The same in MP4, which has an index, is what a look
takes anyway. The files are local: what fetching them from S3 takes is not in it.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from pathlib import Path

from bench.transcode import ours, shelf, tools
from bench.transcode.report import Report, median
from functions.transcoding import probe, source

MOST = 0.01

_INDEXED = "mp4"
# of a transport stream the times are looked at, of the others where the picture ends
_COPIES = {_INDEXED: "mp4", "ts": "mpegts", "flv": "flv", "wmv": "asf", "mkv": "matroska"}


def measure(file: Path, rounds: int, report: Report) -> None:
    """Measure and print."""
    taken: dict[str, list[float]] = defaultdict(list)
    encoding: list[float] = []
    with tempfile.TemporaryDirectory(prefix="videoflix-bench-") as name:
        folder = Path(name)
        copies = {suffix: _copy(file, folder / f"copy.{suffix}", form) for suffix, form in _COPIES.items()}
        film = ours.subject(copies[_INDEXED], chunk_cost=float("inf"))
        for turn in range(rounds):
            for suffix, copy in copies.items():
                taken[suffix].append(_looking(copy))
            encoding.append(ours.encode_all(film, shelf.empty(folder / "ours"))[0].tools)
            latest = ", ".join(f"{suffix} {values[-1]:.2f}" for suffix, values in taken.items())
            print(f"round {turn + 1}, CPU seconds: {latest}, encoding {encoding[-1]:.2f}", flush=True)
    middle = median(encoding)
    print(f"{film.plan.duration:.2f} s of film; CPU seconds, medians of {rounds} rounds; encoding {middle:.2f}")
    for suffix, values in taken.items():
        report.line(f"  {suffix:<4}{median(values):>7.2f}   {median(values) / middle:.4f} of encoding")
    worst = max(median(values) for values in taken.values())
    report.claim("looking at a film that has to be read / encoding it", worst / middle, MOST)


def _copy(file: Path, target: Path, form: str) -> Path:
    # live: without what a writer adds to Matroska when it knows the film's end
    live = ("-live", "1") if form == "matroska" else ()
    streams = ("-map", "0:v:0", "-map", "0:a:0?", "-c:v", "copy", "-c:a", "aac", "-ac", "2")
    tools.ffmpeg("-i", str(file), *streams, *live, "-f", form, str(target))
    return target


def _looking(file: Path) -> float:
    took = tools.spent(lambda: probe.probe(source.of_file(file)))
    # the packets' lines are read by ourselves
    return took.tools + took.own
