"""What our transcoder does to a film, its own code on a local file: everything but AWS."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.transcode.shelf import FolderShelf
from bench.transcode.tools import Spent, spent
from functions.transcoding import audit, encode, ladder, pictures, plan, probe, scan, sound, source
from functions.transcoding.encode import Reached, Segments
from functions.transcoding.plan import Plan
from functions.transcoding.source import Input

SHORTEST_CHUNKS = 0.0
"""A chunk cost that makes the planner cut the shortest chunks that it ever cuts."""


@dataclass(frozen=True)
class Subject:
    """A film, and what is planned for it."""

    file: Path
    source: Input
    plan: Plan


def subject(file: Path, *, chunk_cost: float = plan.CHUNK_COST) -> Subject:
    """Look at a film and plan it, everything encoded."""
    opened = source.of_file(file)
    return Subject(file, opened, plan.make(probe.probe(opened), chunk_cost=chunk_cost))


def planned(file: Path) -> Subject:
    """Look at a film and plan it as the pipeline does: read beforehand, its top copied where it qualifies."""
    opened = source.of_file(file)
    return Subject(file, opened, scan.planned(opened, probe.probe(opened), upscale=False, largest=ladder.ALWAYS))


def prepare(file: Path) -> None:
    """Do what the first step does: look, plan, draw the poster."""
    film = planned(file)
    pictures.of_source(film.plan, film.source)


def encode_all(film: Subject, shelf: FolderShelf) -> tuple[Spent, list[dict[str, Segments]]]:
    """Encode all chunks, one after the other; return what it took and what was made."""
    made: list[dict[str, Segments]] = []

    def work() -> None:
        if film.plan.sound.once:
            sound.make(film.plan, film.source, shelf, lambda: None)
        for number in range(len(film.plan.chunks)):
            heard = shelf.sound(number) if film.plan.sound.once else None
            part = film.plan.chunk(number)
            made.append(encode.encode(film.plan, part, film.source, shelf.store, _ignore, sound=heard))

    return spent(work), made


def _ignore(_reached: Reached) -> None:
    pass


def audit_all(film: Subject, shelf: FolderShelf, made: list[dict[str, Segments]]) -> Spent:
    """Check all chunks as they lie on the shelf; return what it took."""

    def work() -> None:
        for number, parts in enumerate(made):
            audit.chunk(film.plan, film.plan.chunk(number), parts, shelf, lambda: None)

    return spent(work)
