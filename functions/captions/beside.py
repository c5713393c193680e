"""Captions that are dropped into the uploads bucket beside a film's source: `film.de.vtt` beside `film.mp4`.

They may come before the film, after it, twice or late. Each event only says where to look: the object that is there
now counts. A film that arrives looks for captions beside it, captions that arrive look for films, and whoever comes
second finds the first, because storage and the record of who owns a key are read after one's own part was written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from botocore.exceptions import ClientError

from functions import aws, log
from functions.captions import keeping, reading
from functions.captions.keeping import Origin
from functions.captions.reading import Text
from functions.catalogue import caption_files, objects
from functions.catalogue.caption_files import Place
from functions.catalogue.film import Film
from functions.errors import ConflictError, DomainError
from functions.settings import current

_TRIES: Final = 5


def on_file(key: str) -> list[int]:
    """See to a file of captions that arrived: give it to every film that it stands beside.

    Returns:
        The ids of those films. If there are none, it waits for its film, or its name says no language; both are
        logged, and `media_maintenance` lists the file.

    Raises:
        ClientError: AWS did not answer; the event is to be tried again.
    """
    place = caption_files.place(key)
    if place is None:
        log.warning("captions_without_language", key=key)
        return []
    films = caption_files.films(place.stem)
    if not films:
        log.info("captions_without_film", key=key)
    for film_id in films:
        _give(film_id, key, place)
    return films


def on_film(film_id: int, key: str) -> None:
    """See to a film whose source arrived at `key`: give it the captions that stand beside it.

    Raises:
        ClientError: AWS did not answer; the event is to be tried again.
    """
    for file, place in caption_files.beside(key):
        _give(film_id, file, place)


def restore(film_id: int, key: str) -> None:
    """Give a film the captions at `key` again, whose stored text is lost.

    Raises:
        ConflictError: others kept changing the film; try later.
        ClientError: AWS did not answer.
    """
    if place := caption_files.place(key):
        _give(film_id, key, place, keeping.restore)


def take_away(film: Film, language: str) -> bool:
    """Take a film's captions in a language away, and their files beside its source, which would else come back.

    Returns:
        False: there were none.
    """
    known = keeping.of(film, language)
    files = {file for file, place in caption_files.beside(film.source.key) if place.language == language}
    for file in files | ({known.source_key} if known and known.source_key else set()):
        aws.s3().delete_object(Bucket=current().uploads_bucket, Key=file)
    return keeping.remove(film.id, language)


def _give(film_id: int, key: str, place: Place, put: Callable[[int, str, Text, Origin], object] = keeping.put) -> None:
    """Give a film the file as it is, and look again: within the same second it may be replaced, or taken away."""
    for _ in range(_TRIES):
        found = _read(key)
        if found is None:
            return
        origin, content = found
        try:
            put(film_id, place.language, reading.read(content), origin)
        except ConflictError:
            raise  # passes: the event is tried again
        except DomainError as refusal:
            sentence = next(sentence for sentences in refusal.errors.values() for sentence in sentences)
            log.warning("captions_refused", film_id=film_id, key=key, reason=sentence)
            keeping.refuse(film_id, place.language, sentence)
        there = objects.etag(current().uploads_bucket, key)
        if there == origin.etag:
            return
        if there is None:  # whoever took it away may not have found what we put
            keeping.remove(film_id, place.language, origin=origin)


def _read(key: str) -> tuple[Origin, bytes] | None:
    """Return the file, or as much of it as shows that it is too large; None: it is gone."""
    try:
        found = aws.s3().get_object(Bucket=current().uploads_bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
            return None
        raise
    with found["Body"] as stream:
        content = stream.read(reading.LARGEST + 1)
    return Origin(key=key, etag=found["ETag"].strip('"'), modified=found["LastModified"]), content
