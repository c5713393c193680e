"""CPU seconds of a chunk, of a film in chunks, of the audit, against floors of the same rounds.

- floor: decoding the picture once, encoding each rendition alone from pictures that lie there scaled (reading them is
  taken off), encoding the sound once. What a command does beyond that is scaling, the storyboard and writing segments.
- one process per rendition: the plain command for each, as is usual.

All take turns, so that a busy machine disturbs them alike; medians are compared.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.transcode import ours, reference, shelf
from bench.transcode.ours import Subject
from bench.transcode.report import Report, median
from bench.transcode.tools import spent

ONE_CHUNK, IN_CHUNKS = 1.05, 1.10
_Rounds = Mapping[str, Sequence[float]]


def measure(file: Path, rounds: int, report: Report) -> None:
    """Measure and print."""
    film = ours.subject(file, chunk_cost=float("inf"))
    parted = ours.subject(file, chunk_cost=ours.SHORTEST_CHUNKS)
    taken: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="videoflix-bench-") as name:
        folder = Path(name)
        for made in film.plan.renditions:
            reference.draw_raw(file, made, folder / f"{made.name}.yuv")
        for turn in range(rounds):
            _round(film, parted, folder, taken)
            latest = ", ".join(f"{name} {values[-1]:.2f}" for name, values in taken.items())
            print(f"round {turn + 1}, CPU seconds: {latest}", flush=True)
    _print(film, parted, taken, report)


def _round(film: Subject, parted: Subject, folder: Path, taken: dict[str, list[float]]) -> None:
    decoded = spent(lambda: reference.decode(film.file)).tools
    heard = spent(lambda: reference.sound(film.file)).tools
    floor = decoded + heard
    one = _ours(film, folder, taken, "one chunk", "audit")
    for made in film.plan.renditions:
        floor += _encode_alone(film, made.name, folder)
    if len(parted.plan.chunks) > 1:
        _ours(parted, folder, taken, "in chunks", "audit in chunks")
    each = reference.each_alone(film.file, film.plan, shelf.empty(folder / "each").folder)
    taken["decode"].append(decoded)
    taken["sound"].append(heard)
    taken["floor"].append(floor)
    taken["one process per rendition"].append(each)
    taken["supervising"].append(one)


def _encode_alone(film: Subject, name: str, folder: Path) -> float:
    made = next(each for each in film.plan.renditions if each.name == name)
    raw = folder / f"{name}.yuv"
    reading = spent(lambda: reference.read_raw(film.plan, made, raw)).tools
    return spent(lambda: reference.encode_raw(film.plan, made, raw)).tools - reading


def _ours(film: Subject, folder: Path, taken: dict[str, list[float]], encoding: str, checking: str) -> float:
    """Encode and check; return the CPU seconds of our own process, which supervises."""
    target = shelf.empty(folder / "ours")
    encoded, made = ours.encode_all(film, target)
    checked = ours.audit_all(film, target, made)
    taken[encoding].append(encoded.tools)
    taken[checking].append(checked.tools + checked.own)
    taken[f"{encoding}, seconds of wall"].append(encoded.wall)
    return encoded.own


def _print(film: Subject, parted: Subject, taken: _Rounds, report: Report) -> None:
    seconds = film.plan.duration
    middle = {name: median(values) for name, values in taken.items()}
    sizes = "+".join(made.name for made in film.plan.renditions)
    print(f"{seconds:.2f} s of film, {sizes}; CPU seconds, medians of {len(taken['floor'])} rounds")
    for name in (
        "one process per rendition",
        "floor",
        "decode",
        "sound",
        "one chunk",
        "in chunks",
        "audit",
        "supervising",
    ):
        if name in taken:
            against = [value / floor for value, floor in zip(taken[name], taken["floor"], strict=True)]
            report.line(
                f"  {name:<26}{middle[name]:>8.2f}   {middle[name] / middle['floor']:.3f} of the floor"
                f"   (rounds: {min(against):.3f} to {max(against):.3f})"
            )
    report.figures |= {
        "film_seconds": seconds,
        "encode_cpu_per_second": middle["one chunk"] / seconds,
        "audit_cpu_per_second": middle["audit"] / seconds,
        "supervising_cpu_per_second": middle["supervising"] / seconds,
        "decode_cpu_per_second": middle["decode"] / seconds,
        "sound_cpu_per_second": middle["sound"] / seconds,
        "one_process_per_rendition": middle["one process per rendition"] / middle["floor"],
    }
    report.claim("one chunk / floor", middle["one chunk"] / middle["floor"], ONE_CHUNK)
    if "in chunks" in middle:
        seams = len(parted.plan.chunks) - 1
        report.figures["seam_cpu"] = (middle["in chunks"] - middle["one chunk"]) / seams
        report.line(f"  {seams + 1} chunks, each further one takes {report.figures['seam_cpu']:.2f} CPU-s more")
        report.claim("in chunks / floor", middle["in chunks"] / middle["floor"], IN_CHUNKS)
