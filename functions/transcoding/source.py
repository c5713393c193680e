"""How ffmpeg and ffprobe open a source: the guards that stand before every input.

An uploaded file is a program for its demuxer: an HLS or concat text named `film.mp4` may name URLs and files to open.
So a tool may speak only the protocol of our own signed URL, and may use only demuxers of containers that name nothing.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from functions import aws

_CONTAINERS: Final = "mov,matroska,webm,mpegts,mpeg,avi,flv,asf,ogg,mxf"

MAX_PIXELS: Final = 36_000_000

_GUARDS: Final = (
    "-format_whitelist", _CONTAINERS,
    # decoders refuse a larger picture before they reserve memory for it
    "-max_pixels", str(MAX_PIXELS),
)  # fmt: skip

_PERSISTENCE: Final = (
    # S3 answers a dropped connection or an overload with success later; without these ffmpeg takes the connection's
    # end for the film's, and exits with 0
    "-reconnect", "1",
    "-reconnect_on_network_error", "1",
    "-reconnect_on_http_error", "429,500,502,503,504",
    "-reconnect_max_retries", "6",
    "-reconnect_delay_max", "4",
    # bytes ahead that are read rather than asked for: a fragmented MP4 is looked through fragment by fragment when it
    # is opened, and by itself ffmpeg asks anew for each
    "-short_seek_size", "4000000",
    # microseconds without a byte
    "-rw_timeout", "15000000",
    # S3 never redirects a signed GET to another place
    "-max_redirects", "0",
)  # fmt: skip


@dataclass(frozen=True)
class Input:
    """A source as arguments of ffmpeg or ffprobe: `[*options, "-i", url]`. The URL is a secret: never log it."""

    url: str
    options: tuple[str, ...]

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arguments that open it."""
        return (*self.options, "-i", self.url)


def _authorities() -> str:
    # where botocore itself looks: AWS_CA_BUNDLE, else certifi or the copy that botocore carries
    from botocore.httpsession import get_cert_path  # noqa: PLC0415 - only where HTTPS is spoken

    return os.environ.get("AWS_CA_BUNDLE") or str(get_cert_path(True))


_SOUND: Final = ("-f", "aac")
"""The guard of sound that we encoded ourselves: nothing is guessed."""


def of_url(url: str, guards: tuple[str, ...] = _GUARDS) -> Input:
    """Return the input for an http or https URL of ours."""
    if urlsplit(url).scheme == "https":
        # ffmpeg verifies no certificate unless told
        verified = ("-protocol_whitelist", "https,tls,tcp", "-tls_verify", "1", "-ca_file", _authorities())
        return Input(url, (*verified, *_PERSISTENCE, *guards))
    return Input(url, ("-protocol_whitelist", "http,tcp", *_PERSISTENCE, *guards))


def of_object(bucket: str, key: str, *, seconds: float) -> Input:
    """Return the input for an object in S3, read by range through a URL that is valid for `seconds`.

    The URL goes to the same endpoint that our own calls go to, not to the one that viewers use.
    """
    return of_url(_signed(bucket, key, seconds))


def of_sound(bucket: str, key: str, *, seconds: float) -> Input:
    """Return the input for sound in S3 that was encoded here (ADTS), readable for `seconds`."""
    return of_url(_signed(bucket, key, seconds), _SOUND)


def _signed(bucket: str, key: str, seconds: float) -> str:
    return aws.s3().generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=max(60, int(seconds))
    )


def of_file(path: Path) -> Input:
    """Return the input for a local file (operator's tools and benchmarks)."""
    return Input(f"file:{path.absolute()}", ("-protocol_whitelist", "file", *_GUARDS))
