"""Captions kept with their film: put, replaced, removed. The film's record decides between writers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from functions import aws, log
from functions.captions import track
from functions.captions.reading import Text
from functions.catalogue import clock, layout, store, versions
from functions.catalogue.film import Caption, Film
from functions.catalogue.timeline import MAX_EVENT, extended
from functions.errors import InvalidInputError
from functions.settings import current

MOST: Final = 50
"""Languages that a film may have captions in; all stand in its record and in every multivariant playlist."""

CONTENT_TYPE: Final = "text/vtt; charset=utf-8"

_UNFINISHED: Final = timedelta(hours=1)  # longer than any function lives between storing a text and naming it
_FOR_EVER: Final = "public, max-age=31536000, immutable"  # a version never changes


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The file in the uploads bucket that captions come from: its decoded key, entity tag and time (UTC)."""

    key: str
    etag: str
    modified: datetime


def put(film_id: int, language: str, text: Text, origin: Origin | None = None) -> Caption | None:
    """Give a film captions in a language, in the place of those that it has.

    What was put last counts: a file in the bucket that is older than the captions that the film has changes nothing.

    Args:
        film_id: Which film.
        language: Canonical language tag.
        text: The captions.
        origin: Where they come from; None: they were sent to the API, now.

    Returns:
        The captions that the film has now; None: there is no such film.

    Raises:
        InvalidInputError: the film has captions in too many languages.
        ConflictError: others kept changing the film; try later.
    """
    film = store.get(film_id)
    wanted = _caption(language, text, origin)
    if film is None or not _is_news(film, wanted):
        return of(film, language) if film else None
    _store(film_id, wanted, text)

    def step(found: Film) -> Film | None:
        return _with(found, wanted) if _is_news(found, wanted) else found

    changed = store.change(film_id, step)
    if changed is None:
        return None
    log.info("captions_stored", film_id=film_id, language=language, cues=wanted.cues, key=wanted.source_key)
    return of(changed, language)


def restore(film_id: int, language: str, text: Text, origin: Origin) -> None:
    """Store a text that the media bucket has lost again, where the film names it; another text is put, as `put` says.

    Raises:
        InvalidInputError: the film has captions in too many languages.
        ConflictError: others kept changing the film; try later.
    """
    film = store.get(film_id)
    known = of(film, language) if film else None
    if known and known.digest == _digest(text):
        _write(film_id, known, text)
    else:
        put(film_id, language, text, origin)


def remove(film_id: int, language: str, *, origin: Origin | None = None) -> bool:
    """Take a film's captions in a language away; their text goes when the last URL signed for it is dead.

    Args:
        film_id: Which film.
        language: Canonical language tag.
        origin: The file that they have to come from; None: wherever they come from.

    Returns:
        False: there were none.
    """
    had = False

    def step(film: Film) -> Film:
        nonlocal had
        known = of(film, language)
        had = known is not None and (origin is None or _comes_from(known, origin))
        return _without(film, language) if had else film

    return store.change(film_id, step) is not None and had


def refuse(film_id: int, language: str, sentence: str) -> None:
    """Tell in a film's timeline, once, why a file of captions beside it was refused."""
    event = f"captions {language} refused: {sentence}"[:MAX_EVENT]

    def step(film: Film) -> Film:
        if any(entry.event == event for entry in film.timeline):
            return film
        return replace(film, timeline=extended(film.timeline, clock.now(), event))

    store.change(film_id, step)


def of(film: Film, language: str) -> Caption | None:
    """Return the captions of a film in a language."""
    return next((caption for caption in film.captions if caption.language == language), None)


def read(film: Film, caption: Caption) -> str:
    """Return the stored text of captions, a WebVTT file."""
    key = layout.captions_key(film.id, caption.version, caption.language)
    with aws.s3().get_object(Bucket=current().media_bucket, Key=key)["Body"] as stream:
        return stream.read().decode()


def _comes_from(caption: Caption, origin: Origin) -> bool:
    return (caption.source_key, caption.source_etag) == (origin.key, origin.etag)


def _caption(language: str, text: Text, origin: Origin | None) -> Caption:
    return Caption(
        language=language,
        version=versions.name_of_captions(),
        digest=_digest(text),
        cues=text.cues,
        stored_at=origin.modified if origin else clock.now(),
        source_key=origin.key if origin else None,
        source_etag=origin.etag if origin else None,
    )


def _digest(text: Text) -> str:
    return sha256(text.webvtt.encode()).hexdigest()


def _is_news(film: Film, wanted: Caption) -> bool:
    """Whether `wanted` is to take the place of what the film has.

    Raises:
        InvalidInputError: the film has captions in too many languages.
    """
    known = of(film, wanted.language)
    if known is None:
        if len(film.captions) >= MOST:
            raise InvalidInputError({track.FIELD: [f"A video can have captions in at most {MOST} languages."]})
        return True
    if known.version == wanted.version:
        return False  # our own write, whose answer was lost
    if (known.digest, known.source_key, known.source_etag) == (wanted.digest, wanted.source_key, wanted.source_etag):
        return False
    # storage tells whole seconds
    return wanted.stored_at >= known.stored_at.replace(microsecond=0)


def _with(film: Film, wanted: Caption) -> Film:
    others = [caption for caption in film.captions if caption.language != wanted.language]
    captions = tuple(sorted([*others, wanted], key=lambda caption: caption.language))
    return _changed(film, captions, f"captions {wanted.language}")


def _without(film: Film, language: str) -> Film:
    kept = tuple(caption for caption in film.captions if caption.language != language)
    return _changed(film, kept, f"captions {language} removed")


def _changed(film: Film, captions: tuple[Caption, ...], event: str) -> Film:
    now = clock.now()
    return replace(film, captions=captions, updated_at=now, timeline=extended(film.timeline, now, event))


def _store(film_id: int, caption: Caption, text: Text) -> None:
    store.expect_retirement(film_id, caption.version, due=(clock.now() + _UNFINISHED).timestamp())
    _write(film_id, caption, text)


def _write(film_id: int, caption: Caption, text: Text) -> None:
    aws.s3().put_object(
        Bucket=current().media_bucket,
        Key=layout.captions_key(film_id, caption.version, caption.language),
        Body=text.webvtt.encode(),
        ContentType=CONTENT_TYPE,
        CacheControl=_FOR_EVER,
    )
