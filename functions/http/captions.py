"""Captions of a film (contract, section 4). Checks come in the order 401, 404, 403, 400, 409; then limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions import settings, wiring
from functions.errors import InvalidInputError, NotFoundError, UnsupportedMediaError
from functions.http import conditional, films, identity
from functions.http.call import Answer, Call
from functions.http.routing import Routes
from functions.times import utc

if TYPE_CHECKING:
    from functions.catalogue.film import Caption, Film

routes = Routes()

_MISSING = "Captions not found."
_LANGUAGE = "Give a language tag such as de, en or pt-BR."
_TYPES = ("", "application/octet-stream", "application/x-subrip", "text/plain", "text/srt", "text/vtt")
_TYPE = "Send the file itself, as text/vtt or application/x-subrip."
_PLAYLIST = "application/vnd.apple.mpegurl"
_REVALIDATE = "private, no-cache"
_A_MINUTE = 60  # for each person; a film in fifty languages goes through


@routes.on("GET", "/api/video/{video_id}/captions")
def list_captions(call: Call, video_id: str) -> Answer:
    """List a film's captions, by language."""
    film = films.visible(identity.caller(call), video_id, missing=films.MISSING)
    return Answer([_shown(film, caption) for caption in film.captions])


@routes.on("GET", "/api/video/{video_id}/captions/{language}")
def show_captions(call: Call, video_id: str, language: str) -> Answer:
    """Give the captions themselves, as WebVTT."""
    film = films.visible(identity.caller(call), video_id, missing=films.MISSING)
    caption = _existing(film, language)
    headers = {"ETag": conditional.etag_of(caption.digest), "Cache-Control": _REVALIDATE}
    if conditional.unchanged(call, headers["ETag"]):
        return Answer(status=304, headers=headers)
    text = wiring.keeping.read(film, caption)
    return Answer(text, headers=headers | {"Content-Type": wiring.keeping.CONTENT_TYPE})


@routes.on("PUT", "/api/video/{video_id}/captions/{language}")
def put_captions(call: Call, video_id: str, language: str) -> Answer:
    """Give a film captions, WebVTT or SubRip, in the place of those that it has in the language."""
    person = identity.caller(call)
    film = films.changeable(person, video_id)
    tag = _tag(language)
    if call.content_type not in _TYPES:
        raise UnsupportedMediaError(_TYPE)
    text = wiring.reading.read(call.body)
    wiring.limits.hit("captions", str(person.id), _A_MINUTE)
    kept = wiring.keeping.put(film.id, tag, text)
    if kept is None:  # deleted at this moment
        raise NotFoundError(films.MISSING)
    return Answer(_shown(film, kept), 200 if wiring.keeping.of(film, tag) else 201)


@routes.on("DELETE", "/api/video/{video_id}/captions/{language}")
def delete_captions(call: Call, video_id: str, language: str) -> Answer:
    """Take captions away, and the file beside the film's source that they came from."""
    film = films.changeable(identity.caller(call), video_id)
    if not wiring.beside.take_away(film, _existing(film, language).language):
        raise NotFoundError(_MISSING)
    return Answer(status=204)


@routes.on("GET", "/api/video/{video_id}/captions/{language}/index.m3u8")
def subtitle_playlist(call: Call, video_id: str, language: str) -> Answer:
    """Give the media playlist of a subtitle rendition."""
    film = films.visible(identity.caller(call), video_id, missing=films.MISSING)
    caption = _existing(film, language)
    headers = {"ETag": wiring.playlists.etag(film, caption.language), "Cache-Control": _REVALIDATE}
    if conditional.unchanged(call, headers["ETag"]):
        return Answer(status=304, headers=headers)
    text = wiring.playlists.subtitle_playlist(film, caption)
    return Answer(text, headers=headers | {"Content-Type": _PLAYLIST})


def _tag(language: str) -> str:
    """Return the canonical tag.

    Raises:
        InvalidInputError: `language` is none.
    """
    tag = wiring.languages.canonical(language)
    if tag is None:
        raise InvalidInputError({"language": [_LANGUAGE]})
    return tag


def _existing(film: Film, language: str) -> Caption:
    """Return the film's captions in a language.

    Raises:
        NotFoundError: there are none.
        InvalidInputError: `language` is no language tag.
    """
    caption = wiring.keeping.of(film, _tag(language))
    if caption is None:
        raise NotFoundError(_MISSING)
    return caption


def _shown(film: Film, caption: Caption) -> dict[str, object]:
    return {
        "language": caption.language,
        "name": wiring.languages.name(caption.language),
        "cues": caption.cues,
        "updated_at": utc(caption.stored_at),
        "url": f"{settings.current().api_base_url}/api/video/{film.id}/captions/{caption.language}/",
    }
