"""Playlists, segments and the storyboard (contract, section 4). Checks come in the order 401, 404, 400."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions import wiring
from functions.errors import NotFoundError
from functions.http import conditional, envelope, films, identity
from functions.http.call import Answer, Call
from functions.http.routing import Routes

if TYPE_CHECKING:
    from collections.abc import Callable

    from functions.catalogue.film import Film
    from functions.delivery.offers import Offer

routes = Routes()

_PLAYLIST = "application/vnd.apple.mpegurl"
_SEGMENT = "video/MP2T"
_MANIFEST_MISSING = "Video manifest not found."
_SEGMENT_MISSING = "Video segment not found."
_STORYBOARD_MISSING = "Storyboard not found."
# For one viewer's cache, which has to ask each time: whether they may still see the film is decided anew.
_REVALIDATE = "private, no-cache"


@routes.on("GET", "/api/video/{video_id}/{resolution}/index.m3u8", "/api/{video_id}/{resolution}/index.m3u8")
def media_playlist(call: Call, video_id: str, resolution: str) -> Answer:
    """Give the media playlist of one rendition."""
    film = films.visible(identity.caller(call), video_id, missing=_MANIFEST_MISSING)
    offer = wiring.offers.of(film)
    offer.rendition(resolution)
    etag = wiring.playlists.etag(film, resolution, offer)
    return _made(call, etag, _PLAYLIST, lambda: wiring.playlists.media_playlist(offer, resolution))


@routes.on("GET", "/api/video/{video_id}/master.m3u8")
def multivariant_playlist(call: Call, video_id: str) -> Answer:
    """Give the multivariant playlist, from which players choose a rendition by themselves."""
    film = films.visible(identity.caller(call), video_id, missing=_MANIFEST_MISSING)
    offer = wiring.offers.of(film)
    text = wiring.playlists.multivariant(film, offer)
    return _made(call, wiring.playlists.etag(film, "master", offer), _PLAYLIST, lambda: text)


@routes.on("GET", "/api/video/{video_id}/storyboard.vtt")
def storyboard(call: Call, video_id: str) -> Answer:
    """Give the track of small pictures that players show above the seek bar."""
    film = films.visible(identity.caller(call), video_id, missing=_STORYBOARD_MISSING)
    if film.storyboard is None:
        raise NotFoundError(_STORYBOARD_MISSING)
    etag = wiring.playlists.etag(film, "storyboard")
    return _made(call, etag, wiring.storyboards.CONTENT_TYPE, lambda: wiring.storyboards.track(film))


@routes.on("GET", "/api/video/{video_id}/{resolution}/{segment}", "/api/{video_id}/{resolution}/{segment}")
def media_segment(call: Call, video_id: str, resolution: str, segment: str) -> Answer:
    """Give a segment's bytes, or a redirect to storage where a Lambda's answer cannot carry them."""
    film = films.visible(identity.caller(call), video_id, missing=_SEGMENT_MISSING)
    offer = _offered(film)
    key = wiring.segments.locate(offer, resolution, segment)
    etag = conditional.etag_of(key)  # what lies at a key never changes: a new encoding gets new keys
    headers = {"ETag": etag, "Cache-Control": _REVALIDATE}
    if conditional.unchanged(call, etag):
        return Answer(status=304, headers=headers)
    # without an Accept header the gateway would hand out the bytes as base64 text
    if not call.headers.get("accept", ""):
        return Answer(status=307, headers={"Location": wiring.segments.url(offer, key)})
    return _bytes(call, offer, key, headers | {"Content-Type": _SEGMENT, "Accept-Ranges": "bytes"})


def _made(call: Call, etag: str, content_type: str, make: Callable[[], str]) -> Answer:
    """Answer what is made for each request, unless the caller has it already."""
    headers = {"ETag": etag, "Cache-Control": _REVALIDATE}
    if conditional.unchanged(call, etag):
        return Answer(status=304, headers=headers)
    return Answer(make(), headers=headers | {"Content-Type": content_type})


def _offered(film: Film) -> Offer:
    try:
        return wiring.offers.of(film)
    except NotFoundError:
        raise NotFoundError(_SEGMENT_MISSING) from None


def _bytes(call: Call, offer: Offer, key: str, headers: dict[str, str]) -> Answer:
    segments = wiring.segments
    try:
        piece = segments.read(key, conditional.byte_range(call, headers["ETag"]))
    except segments.RangeError as error:
        return envelope.plain(416, "The range lies outside the segment.", Content_Range=f"bytes */{error.size}")
    if piece is None:
        return Answer(status=307, headers={"Location": segments.url(offer, key)})
    if piece.content_range is None:
        return Answer(piece.body, headers=headers)
    return Answer(piece.body, 206, headers | {"Content-Range": piece.content_range})
