"""What an encoding leaves in the media bucket."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from functions import aws
from functions.catalogue import layout, objects
from functions.settings import current
from functions.transcoding.troubles import PassingError

# A version never changes once viewers are given its address.
_FOR_EVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Shelf:
    """One version of one film in the media bucket. Writing the same thing again is harmless."""

    film_id: int
    version: str

    def put_segment(self, folder: str, segment: Path) -> None:
        """Store a segment under its file's name in its rendition's folder.

        Raises:
            PassingError: S3 did not take it, after several tries.
        """
        key = layout.segment_key(self.film_id, self.version, folder, segment.name)
        _put(key, segment.read_bytes(), "video/MP2T")

    def put_playlist(self, folder: str, text: str) -> None:
        """Store a rendition's media playlist, for tools and audits.

        Raises:
            PassingError: S3 did not take it, after several tries.
        """
        key = layout.playlist_key(self.film_id, self.version, folder)
        _put(key, text.encode(), "application/vnd.apple.mpegurl")

    def put_picture(self, name: str, picture: bytes) -> None:
        """Store a JPEG: a thumbnail, a poster, or a sheet of the storyboard.

        Raises:
            PassingError: S3 did not take it, after several tries.
        """
        _put(layout.picture_key(self.film_id, self.version, name), picture, "image/jpeg")

    def has_pictures(self, names: Iterable[str]) -> bool:
        """Whether pictures of all these names are stored.

        Raises:
            PassingError: S3 did not say.
        """
        keys = [layout.picture_key(self.film_id, self.version, name) for name in names]
        try:
            return all(objects.head(current().media_bucket, key) for key in keys)
        except (BotoCoreError, ClientError) as error:
            raise PassingError("the media bucket did not say what it holds") from error

    def put_sound(self, cut: str, chunk: int, sound: bytes) -> None:
        """Store the sound of a chunk, until the film is published; `cut` names where chunks meet.

        Raises:
            PassingError: S3 did not take it, after several tries.
        """
        _put(layout.sound_key(self.film_id, self.version, cut, chunk), sound, "audio/aac")

    def sounds(self, cut: str) -> int:
        """Return of how many chunks the sound is stored."""
        prefix = layout.cut_prefix(self.film_id, self.version, cut)
        return sum(1 for _ in objects.keys(current().media_bucket, prefix))

    def segments(self, folder: str, names: Iterable[str]) -> Iterator[bytes]:
        """Yield the stored segments of a rendition, from its folder.

        Raises:
            PassingError: S3 did not hand one out, after several tries.
        """
        for name in names:
            key = layout.segment_key(self.film_id, self.version, folder, name)
            try:
                with aws.s3().get_object(Bucket=current().media_bucket, Key=key)["Body"] as stream:
                    yield stream.read()
            except (BotoCoreError, ClientError) as error:
                raise PassingError("the media bucket did not hand out an object") from error


def _put(key: str, body: bytes, content_type: str) -> None:
    try:
        aws.s3().put_object(
            Bucket=current().media_bucket, Key=key, Body=body, ContentType=content_type, CacheControl=_FOR_EVER
        )
    except (BotoCoreError, ClientError) as error:
        raise PassingError("the media bucket did not take an object") from error
