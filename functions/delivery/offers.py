"""What there is to play of a film: its published version, or as much of the first one as is stored while it is made."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from functions.catalogue import making, store
from functions.catalogue.film import Rendition
from functions.delivery import signing
from functions.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from functions.catalogue.film import Film
    from functions.catalogue.making import Making

VOD: Final = "VOD"
EVENT: Final = "EVENT"

# Existing frontends offer these for every film, so each always answers (contract, section 4).
_ALWAYS = ("480p", "720p", "1080p")
_NAME = re.compile(r"[0-9]{3,4}p", re.ASCII)
_MISSING: Final = "Video manifest not found."


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A version of a film, as far as it can be fetched.

    Attributes:
        film_id: Whose.
        version: Which.
        renditions: Lowest first; their `segments` are those that can be fetched. Of one that is being made,
            `peak_bandwidth` is an upper bound, and `average_bandwidth` is 0: nobody knows it.
        duration: Seconds of the whole film.
        playlist_type: `VOD`, or `EVENT` where players may know the playlist from when it still grew.
        ended: Whether nothing will be added.
        planned: Seconds of each segment that there is going to be, while the version grows.
    """

    film_id: int
    version: str
    renditions: tuple[Rendition, ...]
    duration: float
    playlist_type: str
    ended: bool
    planned: Sequence[float] = ()

    @property
    def target(self) -> int:
        """EXT-X-TARGETDURATION of every media playlist, in seconds; the same for as long as the version grows.

        Worked out when it is wanted: most players ask whether a playlist has changed, and are told that it has not.
        """
        return target_duration(self.planned or [max(made.segments, default=0) for made in self.renditions])

    def rendition(self, name: str) -> Rendition:
        """Return what is served as `name`: that rendition, or the best lower one where the source could not fill it.

        Raises:
            NotFoundError: nothing of it can be fetched yet, or `name` is none that this film has.
            InvalidInputError: `name` is not of the form `480p`.
        """
        if not _NAME.fullmatch(name):
            raise InvalidInputError({"resolution": ["Invalid resolution format. Use e.g. 480p, 720p, 1080p."]})
        served = self._served(name)
        if served is None or not served.segments:
            raise NotFoundError(_MISSING)
        return served

    def _served(self, name: str) -> Rendition | None:
        exact = [made for made in self.renditions if made.name == name]
        if exact or name not in _ALWAYS:
            return exact[0] if exact else None
        lower = [made for made in self.renditions if _size(made) <= int(name[:-1])]
        return lower[-1] if lower else self.renditions[0]


def of(film: Film) -> Offer:
    """Return what there is to play of a film.

    Raises:
        NotFoundError: nothing yet.
    """
    if film.published_version is not None and film.renditions:
        return _published(film, film.published_version)
    known = None if film.state.finished else making.look(film.id, film.version)
    if known is None:
        # what was published after the film was read has left nothing of its making
        now = store.get(film.id)
        if now and now.published_version is not None:
            return _published(now, now.published_version)
        raise NotFoundError(_MISSING)
    return _growing(film, known)


def _published(film: Film, version: str) -> Offer:
    renditions = tuple(sorted(film.renditions, key=_size))
    return Offer(
        film_id=film.id,
        version=version,
        renditions=renditions,
        duration=film.duration or max(sum(made.segments) for made in renditions),
        playlist_type=EVENT if _has_just_grown(film) else VOD,
        ended=True,
    )


def _has_just_grown(film: Film) -> bool:
    """Whether players may hold a playlist of the film that was an EVENT: to that, only an end may be added.

    RFC 8216, section 6.2.1. With the next window every address in the playlist changes, and its type may, too.
    """
    ready = [entry.at for entry in film.timeline if entry.event == "ready"]
    return bool(ready) and ready[-1] >= datetime.fromtimestamp(signing.window_start(), UTC)


def _growing(film: Film, known: Making) -> Offer:
    draft = known.draft
    lengths = draft.segments()
    renditions = tuple(
        Rendition(
            name=made.name,
            width=made.width,
            height=made.height,
            frame_rate=draft.rate,
            codecs=made.codecs,
            peak_bandwidth=made.bandwidth,
            average_bandwidth=0,
            segments=lengths[: known.available(made.name)],
            take=draft.take,
        )
        for made in draft.renditions
    )
    return Offer(
        film_id=film.id,
        version=film.version,
        renditions=renditions,
        duration=draft.duration,
        playlist_type=EVENT,
        ended=False,
        planned=lengths,
    )


def target_duration(lengths: Sequence[float]) -> int:
    """Return the EXT-X-TARGETDURATION for segments of such lengths (seconds).

    Section 4.3.3.1: no segment, rounded to the nearest second, is longer.
    """
    return max(1, math.ceil(max(lengths, default=1)))


def _size(made: Rendition) -> int:
    return int(made.name.removesuffix("p"))
