"""A film that lies on the operator's machine is looked at, uploaded and registered."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from boto3.exceptions import S3UploadFailedError as S3UploadFailedError  # noqa: PLC0414 - what `upload` raises
from boto3.s3.transfer import S3Transfer

from functions import aws
from functions.catalogue import editing
from functions.errors import ConflictError, InvalidInputError
from functions.settings import current
from functions.transcoding import ingest, probe, process, scan, source
from functions.transcoding.plan import Plan
from functions.transcoding.probe import SourceInfo
from functions.transcoding.troubles import RefusedError, diagnose

_READ_SECONDS: Final = 3600.0
_TITLE_BYTES: Final = 1_500  # S3 takes 2,048 bytes of metadata in all


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the operator says of a film; None: the default."""

    owner_email: str
    published: bool
    title: str | None = None
    category: str | None = None
    transcode: bool = True


@dataclass(frozen=True, kw_only=True)
class Uploaded:
    """A film that is there now, and where its source lies."""

    film_id: int
    bucket: str
    key: str


def inspect(path: Path) -> tuple[SourceInfo, Plan]:
    """Return what a file is and what would be made of it, after reading it to its end.

    Raises:
        InvalidInputError: no film can be made of it.
        FileNotFoundError: there is no ffmpeg or ffprobe.
    """
    opened = source.of_file(path)
    try:
        info = probe.probe(opened)
        _read_through(opened)
    except RefusedError as refusal:
        raise InvalidInputError({"source": [refusal.sentence]}) from None
    settings = current()
    upscale = settings.autotranscode_policy == "relaxed"
    return info, scan.planned(opened, info, upscale=upscale, largest=settings.largest_rung)


def _read_through(opened: source.Input) -> None:
    """Read a file without decoding it: a header may promise more than there is.

    Raises:
        RefusedError: its end is missing, or it cannot be read.
    """
    argv = [
        process.executable("ffmpeg"),
        "-hide_banner", "-nostdin", "-loglevel", "error",
        *opened.arguments,
        "-map", "0:V:0", "-c", "copy", "-f", "null", "-",
    ]  # fmt: skip
    try:
        done = process.run(argv, seconds=_READ_SECONDS)
    except process.TooSlowError:
        raise RefusedError("broken", probe.STEP) from None
    trouble = diagnose(done, probe.STEP, otherwise="broken")
    if isinstance(trouble, RefusedError) and (done.code != 0 or trouble.code != "broken"):
        raise trouble


def upload(path: Path, said: Said, on_bytes: Callable[[int], None]) -> Uploaded:
    """Upload a file under a key of its own and register it.

    The event of the same object registers it too, before or after: both find the same film.

    Args:
        path: The file.
        said: What is to be known of it.
        on_bytes: Called, from several threads, with the number of bytes that went out.

    Raises:
        S3UploadFailedError: the file did not arrive.
        ConflictError: what arrived is not what was sent, or others are changing the film.
    """
    bucket, key = current().uploads_bucket, f"operator/{secrets.token_hex(8)}/{path.name}"
    S3Transfer(aws.s3()).upload_file(
        str(path), bucket, key, extra_args={"Metadata": _metadata(said)}, callback=on_bytes
    )
    registration = ingest.on_object(bucket, key, "")
    if registration is None or not registration.version:
        raise ConflictError("The file was removed from the bucket while it was registered.")
    if said.title:
        # metadata holds no long title
        editing.edit(registration.film_id, editing.Edit(title=said.title))
    return Uploaded(film_id=registration.film_id, bucket=bucket, key=key)


def _metadata(said: Said) -> dict[str, str]:
    words = {
        "owner": said.owner_email,
        "publish": str(said.published).lower(),
        "transcode": str(said.transcode).lower(),
        "category": said.category or "",
        "title": said.title or "",
    }
    # HTTP headers carry ASCII; ingest decodes what is percent-encoded
    encoded = {name: quote(word, safe="@.") for name, word in words.items() if word}
    if len(encoded.get("title", "")) > _TITLE_BYTES:
        del encoded["title"]
    return encoded
