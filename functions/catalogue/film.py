"""What a film is: the words that every other part uses."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from functions.catalogue import layout

MAX_SECONDS: Final = 6 * 3600
"""No film is longer."""
BOARD_COLUMNS, BOARD_ROWS = 10, 10
"""Pictures in a sheet of the storyboard: side by side, and one below the other."""


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

    @property
    def in_work(self) -> bool:
        """Whether an execution has taken the film up."""
        return self in (State.PROBING, State.ENCODING)

    def may_become(self, other: "State") -> bool:
        """Whether a film in this state may go to `other`; staying is always allowed."""
        return other is self or other in _TRANSITIONS[self]


_TRANSITIONS = {
    State.UPLOADING: {State.QUEUED, State.FAILED},
    State.QUEUED: {State.PROBING, State.FAILED},
    # back to queued: the execution was lost, a passing trouble, or the source was replaced
    State.PROBING: {State.ENCODING, State.READY, State.QUEUED, State.FAILED},
    State.ENCODING: {State.READY, State.QUEUED, State.FAILED},
    State.READY: {State.QUEUED, State.FAILED},  # failed: its source was replaced by what is not to be encoded
    State.FAILED: {State.QUEUED},
}


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
        copied: Whether it is the source's own picture instead of an encoding.
        take: How many plans of the version were given up before it was made.
    """

    name: str
    width: int
    height: int
    frame_rate: float
    codecs: str
    peak_bandwidth: int
    average_bandwidth: int
    segments: tuple[float, ...]
    copied: bool = False
    take: int = 0

    @property
    def folder(self) -> str:
        """Where its segments lie, within the folder of its version."""
        return layout.rendition_folder(self.name, self.take)


@dataclass(frozen=True, kw_only=True)
class TimelineEntry:
    """Something that happened to a film, and when (UTC)."""

    at: datetime
    event: str


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What an encoding used: memory held for a time, calls of Lambda and S3, bytes stored, and about what it costs.

    Attributes:
        gb_seconds: Of all its Lambdas together, failed attempts of steps left out.
        chunks: Parts that were encoded, each by a Lambda of its own; 0: it was published before they were counted.
        requests: Lambda calls and S3 PUTs.
        bytes: Stored in the media bucket.
        usd: At the prices of AWS in us-east-1 (`transcoding.costs`).
    """

    gb_seconds: float = 0.0
    chunks: int = 0
    requests: int = 0
    bytes: int = 0
    usd: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Audit:
    """The verdict on a finished encoding before it was published.

    Attributes:
        at: When it was looked at (UTC).
        segments: How many were read back and decoded.
        seconds: Of film in each rendition.
    """

    at: datetime
    segments: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Storyboard:
    """Small pictures of a film at even distances, for the seek bar; in sheets of 10 by 10, row by row.

    Attributes:
        interval: Seconds from one picture to the next.
        width: Pixels of a picture.
        height: Pixels of a picture.
        sheets: File name of each sheet in the version's folder, and how many pictures it holds.
    """

    interval: float
    width: int
    height: int
    sheets: tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True)
class Source:
    """The uploaded object that a film is made of.

    Attributes:
        key: Decoded key in the uploads bucket.
        sequencer: S3's order of events on one key (hexadecimal, compared after padding with zeros on the right
            to equal length, as S3's user guide says).
        size: Bytes.
        etag: S3's entity tag, without quotes.
        modified: When the object was stored (UTC), where known: decides where the sequencers do not.
    """

    key: str
    sequencer: str
    size: int
    etag: str
    modified: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Caption:
    """The captions of a film in one language. They belong to the film, whatever version of it is published.

    Attributes:
        language: Language tag in its canonical spelling, e.g. `pt-BR`.
        version: Names the stored text; never used twice, so what lies below it never changes.
        digest: SHA-256 of the stored text, hexadecimal.
        cues: How many there are.
        stored_at: When they were put (UTC), by a file in the uploads bucket: when that was stored.
        source_key: Decoded key of the file beside the film's source that they came from; None: through the API.
        source_etag: S3's entity tag of that file, without quotes.
    """

    language: str
    version: str
    digest: str
    cues: int
    stored_at: datetime
    source_key: str | None = None
    source_etag: str | None = None


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What the list shows of a film, and what the decision who may see it needs.

    Attributes:
        id: Stable integer from 1.
        published: Whether everybody may see it.
        updated_at: When something changed that viewers see (UTC); progress does not count.
        published_version: The version that viewers get; None until one was finished.
        thumbnail: File name of a small picture inside the published version, or None.
        poster: File name of the same picture, larger; None also where a version has none.
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
    published_version: str | None = None
    thumbnail: str | None = None
    poster: str | None = None
    duration: float | None = None
    height: int | None = None


@dataclass(frozen=True, kw_only=True)
class Film(Listing):
    """A film as it stands now.

    Attributes:
        version: Names the source's content; media lies below `<id>/<version>/`. The one being made, or published.
        renditions: Of the published version.
        attempt: How often the encoding of the current version was started.
        queued_at: When the current version was first put on the queue (UTC).
        started_at: When it was given to its execution (UTC).
        execution: Name of the state machine's execution that works on it, or finished it last; None: it waits for one.
        lease_expires_at: When (epoch seconds) somebody else has to see to it; 0 while nobody needs to. As stored,
            of a failed film: when it failed.
        captions: One for each language, by language.
        poster_at: Where in the film (seconds) its owner wants the poster from; None: a picture that is not black.
        storyboard: Of the published version.
        audit: Of the published version.
        cost: Of the published version.
        revision: Counts the writes; a writer that read an older one changes nothing.
    """

    source: Source
    version: str
    state: State
    renditions: tuple[Rendition, ...]
    timeline: tuple[TimelineEntry, ...]
    failure: Failure | None = None
    attempt: int = 0
    queued_at: datetime | None = None
    started_at: datetime | None = None
    execution: str | None = None
    lease_expires_at: float = 0
    captions: tuple[Caption, ...] = ()
    poster_at: float | None = None
    storyboard: Storyboard | None = None
    audit: Audit | None = None
    cost: Cost = Cost()
    revision: int = 0

    @property
    def failed_at(self) -> datetime:
        """When a failed film, as stored, failed (UTC): edits go on in the timeline."""
        return datetime.fromtimestamp(self.lease_expires_at, UTC)
