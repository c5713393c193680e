"""What is made of a film, and in how many parts: as planned while it is encoded, as published afterwards."""

from dataclasses import dataclass

from functions.catalogue import making
from functions.catalogue.film import Cost, Film
from functions.catalogue.making import DraftRendition, Making


@dataclass(frozen=True, kw_only=True)
class FilmPlan:
    """What is made of a film.

    Attributes:
        duration: Seconds.
        frame_rate: Frames per second.
        segments: Of each rendition.
        chunks: Parts of the film that are encoded side by side.
        renditions: Lowest first; the bandwidth of a published one is that of its heaviest segment.
        cost: What it took; None while it is made.
    """

    duration: float
    frame_rate: float
    segments: int
    chunks: int
    renditions: tuple[DraftRendition, ...]
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
        renditions=draft.renditions,
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
            DraftRendition(
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
