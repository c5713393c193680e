"""Playlists of a film for a viewer (RFC 8216): made for each request, because the URLs in them are signed."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from urllib.parse import urlsplit

from functions.catalogue import languages, layout
from functions.catalogue.film import Caption, Film, Rendition
from functions.delivery import offers, signing
from functions.delivery.offers import Offer
from functions.errors import NotFoundError
from functions.settings import current

CONTENT_TYPE = "application/vnd.apple.mpegurl"

_SUBTITLES = "captions"  # the one group of subtitle renditions


def media_playlist(offer: Offer, name: str) -> str:
    """Return the media playlist of the rendition served as `name`, its segments as absolute signed URLs.

    The URLs outlive the film: they are valid for its length and at least half an hour more. While the film is made for
    the first time, the playlist grows at its end and nowhere else (section 6.2.1), until nothing is left to add.

    Raises:
        NotFoundError: nothing of it can be fetched yet, or `name` is none that this film has.
        InvalidInputError: `name` is not of the form `480p`.
    """
    served = offer.rendition(name)
    # to the millisecond: the plan's length and that of what came of it round to the same addresses
    sign = signing.signer(lasts=round(offer.duration, 3))
    prefix = layout.rendition_prefix(offer.film_id, offer.version, served.folder)
    addresses = (sign(f"{prefix}{layout.segment_name(number)}") for number in range(len(served.segments)))
    lines = _head(offer.target, offer.playlist_type)
    if offer.playlist_type == offers.EVENT:
        # section 4.3.5.2: or players would begin with what is new, as they do with something live
        lines.append("#EXT-X-START:TIME-OFFSET=0")
    return _text(lines, served.segments, addresses, ended=offer.ended)


def complete(durations: Sequence[float], addresses: Iterable[str]) -> str:
    """Return the media playlist of a finished rendition.

    Args:
        durations: Seconds of each segment.
        addresses: Where each segment is: a URL, or a name relative to the playlist.
    """
    return _text(_head(offers.target_duration(durations), offers.VOD), durations, addresses, ended=True)


def _head(target: int, playlist_type: str) -> list[str]:
    return [
        "#EXTM3U",
        "#EXT-X-VERSION:3",  # fractions of seconds in EXTINF (section 7)
        f"#EXT-X-TARGETDURATION:{target}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        f"#EXT-X-PLAYLIST-TYPE:{playlist_type}",
        "#EXT-X-INDEPENDENT-SEGMENTS",  # the encoder starts each segment with a keyframe
    ]


def _text(lines: list[str], durations: Sequence[float], addresses: Iterable[str], *, ended: bool) -> str:
    for duration, address in zip(durations, addresses, strict=True):
        lines += (f"#EXTINF:{duration:.6f},", address)
    if ended:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"


def subtitle_playlist(film: Film, caption: Caption) -> str:
    """Return the media playlist of a subtitle rendition: the captions in one segment as long as the film, signed.

    Raises:
        NotFoundError: the film was never ready.
    """
    if film.published_version is None or not film.duration:
        raise NotFoundError("Video manifest not found.")
    key = layout.captions_key(film.id, caption.version, caption.language)
    return complete([film.duration], [signing.media_url(key, lasts=film.duration)])


def _subtitle_renditions(film_id: int, captions: Sequence[Caption]) -> list[str]:
    """Return a tag for each of a film's captions (section 4.3.4.1).

    None is shown by itself (DEFAULT), any may be chosen by the viewer's language (AUTOSELECT). Names are unique in
    the group, as section 4.3.4.1.1 wants it.
    """
    names = [languages.name(caption.language) for caption in captions]
    return [
        f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="{_SUBTITLES}",'
        f'NAME="{name if names.count(name) == 1 else f"{name} [{caption.language}]"}",LANGUAGE="{caption.language}",'
        f'DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI="{_media_playlist_path(film_id, f"captions/{caption.language}")}"'
        for caption, name in zip(captions, names, strict=True)
    ]


def multivariant(film: Film, offer: Offer) -> str:
    """Return the multivariant playlist of all renditions, lowest first: players start with the first.

    Raises:
        NotFoundError: not every playlist that it would name can be fetched yet, and players read it only once.
    """
    if not all(made.segments for made in offer.renditions):
        raise NotFoundError("Video manifest not found.")
    captions = film.captions if offer.ended else ()  # their playlists come with the published version
    group = f',SUBTITLES="{_SUBTITLES}"' if captions else ""
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-INDEPENDENT-SEGMENTS", *_subtitle_renditions(film.id, captions)]
    for made in offer.renditions:
        lines += (f"#EXT-X-STREAM-INF:{_attributes(made)}{group}", _media_playlist_path(film.id, made.name))
    return "\n".join(lines) + "\n"


def etag(film: Film, name: str, offer: Offer | None = None) -> str:
    """Return the entity tag of the playlist called `name`: what it depends on, without making it.

    That is the versions of the film and of its captions, how much of it there is while it is made, the window in
    which its URLs are signed, and the settings that they hold.
    """
    settings = current()
    parts = (
        str(film.id),
        str(film.published_version),
        *(caption.version for caption in film.captions),
        *(() if offer is None else _reached(offer)),
        name,
        str(signing.window_start()),
        settings.media_signing,
        settings.media_base_url,
        settings.api_base_url,
    )
    return f'"{sha256("|".join(parts).encode()).hexdigest()[:32]}"'


def _reached(offer: Offer) -> tuple[str, ...]:
    return (
        offer.version,
        offer.playlist_type,
        str(offer.ended),
        *(f"{made.folder} {len(made.segments)}" for made in offer.renditions),
    )


def _attributes(made: Rendition) -> str:
    average = f"AVERAGE-BANDWIDTH={made.average_bandwidth}," if made.average_bandwidth else ""
    return (
        f"BANDWIDTH={made.peak_bandwidth},{average}"
        f'CODECS="{made.codecs}",RESOLUTION={made.width}x{made.height},FRAME-RATE={made.frame_rate:.3f}'
    )


def _media_playlist_path(film_id: int, name: str) -> str:
    # From the root, so that it holds whatever host and spelling (slash at the end or none) the viewer came by.
    return f"{urlsplit(current().api_base_url).path}/api/video/{film_id}/{name}/index.m3u8"
