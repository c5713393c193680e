"""What a film is: the words that every other part uses."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Where a film is in its life (contract, section 4)."""

    UPLOADING = "uploading"
    QUEUED = "queued"
    PROBING = "probing"
    ENCODING = "encoding"
    READY = "ready"
    FAILED = "failed"

    @property
    def finished(self) -> bool:
        """Whether nobody works on the film any more."""
        return self in (State.READY, State.FAILED)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a film failed.

    Attributes:
        code: For machines, e.g. `not_a_video`.
        message: A sentence a person understands; never a tool's output, never text from the upload.
        step: The step that gave up, e.g. `probe`.
    """

    code: str
    message: str
    step: str


@dataclass(frozen=True, kw_only=True)
class Rendition:
    """One encoded size of a film, as published.

    Attributes:
        name: `480p`, `720p`, `1080p`.
        width: Pixels.
        height: Pixels.
        frame_rate: Frames per second.
        codecs: RFC 6381 names, e.g. `avc1.64001f,mp4a.40.2`.
        peak_bandwidth: Bits per second of the heaviest segment (RFC 8216, 4.3.4.2, BANDWIDTH).
        average_bandwidth: Bits per second over the whole rendition (AVERAGE-BANDWIDTH).
        segments: Duration in seconds of each segment; segment n is `{n:03d}.ts`.
    """

    name: str
    width: int
    height: int
    frame_rate: float
    codecs: str
    peak_bandwidth: int
    average_bandwidth: int
    segments: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class TimelineEntry:
    """Something that happened to a film, and when (UTC)."""

    at: datetime
    event: str


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a rendition is: `percent` from 0 to 100."""

    percent: float
    state: State


@dataclass(frozen=True, kw_only=True)
class Source:
    """The uploaded object that a film is made of.

    Attributes:
        key: Decoded key in the uploads bucket.
        sequencer: S3's order of events on one key (hexadecimal, compared after padding with zeros on the right
            to equal length, as S3's user guide says).
        size: Bytes.
        etag: S3's entity tag, without quotes.
    """

    key: str
    sequencer: str
    size: int
    etag: str


@dataclass(frozen=True, kw_only=True)
class Film:
    """A film as it stands now.

    Attributes:
        id: Stable integer from 1.
        version: Names the source's content; media lies below `<id>/<version>/`. The one being made, or published.
        published_version: The version that viewers get; None until one was finished.
        attempt: How often the current version was started.
        thumbnail: File name of the poster inside the published version, or None.
        duration: Seconds, of the published version.
        height: Pixels of the source's picture, or None before it was probed.
    """

    id: int
    title: str
    description: str
    category: str
    owner_id: int
    published: bool
    created_at: datetime
    updated_at: datetime
    source: Source
    version: str
    published_version: str | None
    state: State
    percent: float
    progress: dict[str, Progress]
    renditions: tuple[Rendition, ...]
    timeline: tuple[TimelineEntry, ...]
    failure: Failure | None
    attempt: int
    thumbnail: str | None
    duration: float | None
    height: int | None
