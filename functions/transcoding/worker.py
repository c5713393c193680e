"""One film, from its message to its publication: claim, probe, plan, poster, encode, publish, mail."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from functions import log
from functions.catalogue import layout, objects, work
from functions.catalogue.film import Film, Progress, Rendition, State
from functions.delivery import playlists
from functions.settings import current
from functions.transcoding import encode, notify, pictures, plan, probe, source
from functions.transcoding.plan import Plan
from functions.transcoding.storage import Shelf
from functions.transcoding.troubles import LeaseLostError, PassingError, RefusedError

_BEAT: Final = 2.0  # seconds between two words about progress
_RETRY_IN: Final = 20  # seconds until a passing trouble may have passed
# Percent of the whole that is left when the last frame is encoded: the last segments, the playlists.
_ENCODED: Final = 98.0


def run(film_id: int, version: str, worker_id: str, deadline: Callable[[], float]) -> None:
    """Work on a film until it is ready or failed, or somebody else has it.

    Args:
        film_id: Which film.
        version: Which version of it; an older one than the film's is left alone.
        worker_id: A name that no other invocation has.
        deadline: Returns the seconds that are left.
    """
    film = work.claim(film_id, version, worker_id)
    if film is None:
        log.info("nothing_to_claim", film_id=film_id, version=version)
        return
    job = _Job(film, worker_id, deadline)
    try:
        published = work.publish(film_id, version, worker_id, job.outcome())
    except RefusedError as refusal:
        job.discard()
        notify.fail(film_id, version, refusal, worker=worker_id)
    except LeaseLostError:
        log.info("lease_lost", film_id=film_id, version=version)
    except PassingError as trouble:
        log.exception("film_released", film_id=film_id, version=version)
        work.release(film_id, version, worker_id, retry_in=_RETRY_IN, reason=str(trouble))
    except Exception:  # noqa: BLE001 - whatever it was: the film must not stay in between
        log.exception("film_released", film_id=film_id, version=version)
        work.release(film_id, version, worker_id, retry_in=_RETRY_IN, reason="internal error")
    else:
        if published:
            log.info("film_ready", film_id=film_id, version=version, seconds=round(time.monotonic() - job.began, 2))
            notify.ready(published.film)


@dataclass
class _Job:
    """A claimed film and what is known of it."""

    film: Film
    worker_id: str
    deadline: Callable[[], float]
    began: float = field(default_factory=time.monotonic)
    _told_at: float = field(default_factory=time.monotonic)
    _state: State = State.PROBING
    _step: str = probe.STEP
    _percent: float = 0.0
    _progress: dict[str, Progress] = field(default_factory=dict)

    def outcome(self) -> work.Outcome:
        """Make everything that is to be published.

        Raises:
            RefusedError: the film cannot be made.
            PassingError: it cannot be made now.
            LeaseLostError: it is not ours any more.
        """
        film = self.film
        opened = source.of_object(current().uploads_bucket, film.source.key, seconds=self.deadline() + 60)
        info = probe.probe(opened, self.check)
        planned = plan.make(info, upscale=current().autotranscode_policy == "relaxed")
        height = round(plan.shown_size(info.picture)[1])
        self._begin_encoding(planned, height)
        shelf = Shelf(film.id, film.version)
        picture = pictures.poster(planned, opened, self.check)
        if picture:
            shelf.put_thumbnail(picture)
        renditions = encode.encode(planned, opened, shelf.put_segment, lambda reached: self._reached(planned, reached))
        for rendition in renditions:
            names = map(layout.segment_name, range(len(rendition.segments)))
            shelf.put_playlist(rendition.name, playlists.complete(rendition.segments, names))
        return work.Outcome(
            renditions=renditions,
            thumbnail=layout.THUMBNAIL if picture else None,
            duration=_duration(renditions),
            height=height,
        )

    def discard(self) -> None:
        """Remove what was stored of a version that will not be published."""
        film = self.film
        try:
            # while it is ours: whoever has it next writes the same keys
            if film.published_version != film.version and self._renew():
                objects.delete_prefix(current().media_bucket, layout.version_prefix(film.id, film.version))
        except (BotoCoreError, ClientError, RuntimeError):
            log.exception("media_not_discarded", film_id=film.id, version=film.version)

    def _begin_encoding(self, planned: Plan, height: int) -> None:
        self._state, self._step = State.ENCODING, encode.STEP
        self._progress = {made.name: Progress(percent=0, state=State.ENCODING) for made in planned.renditions}
        self._tell(height=height)

    def _reached(self, planned: Plan, reached: encode.Reached) -> None:
        self._percent = min(1.0, reached.encoded / planned.duration) * _ENCODED
        self._progress = {
            name: Progress(percent=min(100.0, 100 * seconds / planned.duration), state=State.ENCODING)
            for name, seconds in reached.stored.items()
        }
        self.check()

    def check(self) -> None:
        """Say that we are alive, not too often, and stop if it is time to.

        Raises:
            RefusedError: the time allowed is over.
            LeaseLostError: the film is not ours any more.
        """
        if self.deadline() <= 0:
            raise RefusedError("took_too_long", self._step)
        if time.monotonic() - self._told_at >= _BEAT:
            self._tell()

    def _tell(self, height: int | None = None) -> None:
        if not self._renew(height):
            raise LeaseLostError

    def _renew(self, height: int | None = None) -> bool:
        self._told_at = time.monotonic()
        return work.advance(
            self.film.id,
            self.film.version,
            self.worker_id,
            state=self._state,
            percent=self._percent,
            progress=self._progress,
            height=height,
        )


def _duration(renditions: tuple[Rendition, ...]) -> float:
    return round(max(sum(rendition.segments) for rendition in renditions), 6)
