"""What is made of a film, and in how many parts: as planned while it is encoded, as published afterwards."""

from dataclasses import dataclass

from functions.catalogue import making
from functions.catalogue.film import Cost, Film
from functions.catalogue.making import Making


@dataclass(frozen=True, kw_only=True)
class PlannedRendition:
    """A rung of the film's ladder.

    Attributes:
        name: `480p`, `720p`, `1080p`.
        width: Pixels.
        height: Pixels.
        codecs: RFC 6381 names.
        bandwidth: Bits per second of its heaviest segment; while it is made, what that will not exceed.
        copied: Whether it is the source's own picture instead of an encoding.
    """

    name: str
    width: int
    height: int
    codecs: str
    bandwidth: int
    copied: bool


@dataclass(frozen=True, kw_only=True)
class FilmPlan:
    """What is made of a film.

    Attributes:
        duration: Seconds.
        frame_rate: Frames per second.
        segments: Of each rendition.
        chunks: Parts of the film that are encoded side by side.
        renditions: Lowest first.
        cost: What it took; None while it is made.
    """

    duration: float
    frame_rate: float
    segments: int
    chunks: int
    renditions: tuple[PlannedRendition, ...]
    cost: Cost | None


def of(film: Film) -> FilmPlan | None:
    """Return what is being made of a film, or what was last; None: its source is not yet known, or never was."""
    known = None if film.state.finished else making.look(film.id, film.version)
    if known:
        return _of_making(known)
    return _of_published(film) if film.renditions else None


def _of_making(known: Making) -> FilmPlan:
    draft = known.draft
    return FilmPlan(
        duration=draft.duration,
        frame_rate=draft.rate,
        segments=len(draft.starts),
        chunks=len(draft.chunks),
        renditions=tuple(
            PlannedRendition(
                name=each.name,
                width=each.width,
                height=each.height,
                codecs=each.codecs,
                bandwidth=each.bandwidth,
                copied=each.copied,
            )
            for each in draft.renditions
        ),
        cost=None,
    )


def _of_published(film: Film) -> FilmPlan:
    lowest = film.renditions[0]
    return FilmPlan(
        duration=film.duration or sum(lowest.segments),
        frame_rate=lowest.frame_rate,
        segments=len(lowest.segments),
        chunks=film.cost.chunks,
        renditions=tuple(
            PlannedRendition(
                name=each.name,
                width=each.width,
                height=each.height,
                codecs=each.codecs,
                bandwidth=each.peak_bandwidth,
                copied=each.copied,
            )
            for each in film.renditions
        ),
        cost=film.cost,
    )
