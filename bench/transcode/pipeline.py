"""A running stack against the same work by hand: what the pipeline adds, and how soon the beginning can be fetched.

In turns and in one run, so that a busy machine disturbs both alike:

- by hand: the pipeline's own tools on a local copy, one after the other: probe and poster, the encoder, the audit;
- the pipeline: from the beginning of the upload until the film's record says `ready`.

The film has to be one that becomes a single chunk: chunks side by side would be compared with a row of them.
"""

from __future__ import annotations

import sys
import tempfile
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from boto3.s3.transfer import S3Transfer
from botocore.exceptions import ClientError

from bench.transcode import ours, shelf, tools
from bench.transcode.report import Report, median
from functions import aws
from functions.catalogue import deletion, layout, making, store
from functions.catalogue.film import Film, State
from functions.settings import current

RATIO, SECONDS = 1.15, 4.0  # of the encoder alone
BEYOND = 3.0  # seconds
BEGINNING = 0.15
_PATIENCE = 3600.0
_POLL = 0.5  # seconds; looking twenty times a second took a fifth of a small machine from the encoder


@dataclass(frozen=True)
class _Run:
    """Seconds from the beginning of the upload: until the lowest rendition's first segment was there, until ready."""

    first: float
    ready: float


def measure(file: Path, rounds: int, report: Report) -> None:
    """Measure and print."""
    film = ours.planned(file)
    if len(film.plan.chunks) > 1:
        sys.exit("this film becomes several chunks; take a shorter one")
    with tempfile.TemporaryDirectory(prefix="videoflix-bench-") as name:
        short = Path(name) / f"short{file.suffix}"
        tools.ffmpeg("-i", str(file), "-t", "1", "-c", "copy", str(short))
        _by_pipeline(short, "480p")  # functions, connections and caches: what a warm stack has
        encoders, hands, runs = [], [], []
        for turn in range(rounds):
            encoder, hand = _by_hand(film, Path(name))
            encoders.append(encoder)
            hands.append(hand)
            runs.append(_by_pipeline(file, film.plan.renditions[-1].name, say=True))
            print(
                f"round {turn + 1}: encoder {encoder:.2f} s, all tools by hand {hand:.2f} s, "
                f"pipeline {runs[-1].ready:.2f} s, first segment after {runs[-1].first:.2f} s",
                flush=True,
            )
        # once more at the end: the machine may have become busier or freer
        encoder, hand = _by_hand(film, Path(name))
    encoded, tooled = median([*encoders, encoder]), median([*hands, hand])
    took, first = median([run.ready for run in runs]), median([run.first / run.ready for run in runs])
    report.line(
        f"encoder {encoded:.2f} s, all tools by hand {tooled:.2f} s, upload to ready {took:.2f} s",
        encoder_seconds=encoded,
        tools_seconds=tooled,
        ready_seconds=took,
    )
    report.claim("pipeline beyond its tools", took - tooled, BEYOND, " s")
    report.claim(f"upload to ready, above {RATIO} x the encoder", took - RATIO * encoded, SECONDS, " s")
    report.claim("first segment of the lowest rendition, part of the whole", first, BEGINNING)


def _by_hand(film: ours.Subject, folder: Path) -> tuple[float, float]:
    """Return the seconds of the encoder, and of all tools."""
    kept = shelf.empty(folder / "ours")
    prepared = tools.spent(lambda: ours.prepare(film.file))
    encoded, made = ours.encode_all(film, kept)
    checked = ours.audit_all(film, kept, made)
    return encoded.wall, (prepared + encoded + checked).wall


def _by_pipeline(file: Path, lowest: str, *, say: bool = False) -> _Run:
    key = f"bench/{uuid.uuid4().hex}{file.suffix}"
    started, began, first = datetime.now(UTC), time.perf_counter(), 0.0
    said = {"Metadata": {"publish": "false"}}
    S3Transfer(aws.s3()).upload_file(str(file), current().uploads_bucket, key, extra_args=said)
    while time.perf_counter() - began < _PATIENCE:
        made = _film(key)
        if made and not first and _fetchable(made, lowest):
            first = time.perf_counter() - began
        if made and made.state.finished:
            ready = (made.timeline[-1].at - started).total_seconds()  # as the record says, not when we looked
            run = _Run(first or ready, ready)
            _end(made, started, say=say)
            return run
        time.sleep(_POLL)
    sys.exit("the film did not become ready")


def _film(key: str) -> Film | None:
    owned = store.ownership(key)
    return store.get(owned.film_id) if owned else None


def _fetchable(film: Film, rendition: str) -> bool:
    known = making.look(film.id, film.version) if film.state is State.ENCODING else None
    if known is None or not known.available(rendition):
        return False
    key = layout.segment_key(film.id, film.version, rendition, layout.segment_name(0))
    try:
        aws.s3().head_object(Bucket=current().media_bucket, Key=key)
    except ClientError:
        sys.exit("a segment that is said to be there is not")
    return True


def _end(film: Film, started: datetime, *, say: bool) -> None:
    if say:
        words = ", ".join(f"{entry.event} {(entry.at - started).total_seconds():.2f}" for entry in film.timeline)
        print(f"  timeline, seconds from the beginning of the upload: {words}")
    deletion.delete(film.id)
    if film.state is State.FAILED:
        sys.exit(f"the film failed: {film.failure.code if film.failure else 'unknown'}")
