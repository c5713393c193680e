"""What an encoding leaves in the media bucket."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from functions import aws
from functions.catalogue import layout
from functions.settings import current
from functions.transcoding.troubles import PassingError

# A version never changes once viewers are given its address.
_FOR_EVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Shelf:
    """One version of one film in the media bucket. Writing the same thing again is harmless."""

    film_id: int
    version: str

    def put_segment(self, rendition: str, segment: Path) -> None:
        """Store a segment under its file's name.

        Raises:
            PassingError: S3 did not take it, after several tries.
        """
        key = layout.segment_key(self.film_id, self.version, rendition, segment.name)
        _put(key, segment.read_bytes(), "video/MP2T")

    def put_playlist(self, rendition: str, text: str) -> None:
        """Store a rendition's media playlist, for tools and audits.

        Raises:
            PassingError: S3 did not take it, after several tries.
        """
        key = layout.playlist_key(self.film_id, self.version, rendition)
        _put(key, text.encode(), "application/vnd.apple.mpegurl")

    def put_thumbnail(self, picture: bytes) -> None:
        """Store the poster, a JPEG.

        Raises:
            PassingError: S3 did not take it, after several tries.
        """
        _put(layout.thumbnail_key(self.film_id, self.version), picture, "image/jpeg")


def _put(key: str, body: bytes, content_type: str) -> None:
    try:
        aws.s3().put_object(
            Bucket=current().media_bucket, Key=key, Body=body, ContentType=content_type, CacheControl=_FOR_EVER
        )
    except (BotoCoreError, ClientError) as error:
        raise PassingError("the media bucket did not take an object") from error
