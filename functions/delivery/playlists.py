"""Playlists of a film for a viewer (RFC 8216): made for each request, because the URLs in them are signed."""

import math
import re
from collections.abc import Iterable, Sequence
from hashlib import sha256
from urllib.parse import urlsplit

from functions.catalogue import languages, layout
from functions.catalogue.film import Caption, Film, Rendition
from functions.delivery import signing
from functions.errors import InvalidInputError, NotFoundError
from functions.settings import current

CONTENT_TYPE = "application/vnd.apple.mpegurl"

# Existing frontends offer these for every film, so each always answers (contract, section 4).
_ALWAYS = ("480p", "720p", "1080p")
_SUBTITLES = "captions"  # the one group of subtitle renditions
_NAME = re.compile(r"[0-9]{3,4}p", re.ASCII)


def rendition(film: Film, name: str) -> Rendition:
    """Return what is served as `name`: that rendition, or the best lower one where the source could not fill it.

    Raises:
        NotFoundError: the film was never ready, or `name` is none that this film has.
        InvalidInputError: `name` is not of the form `480p`.
    """
    if film.published_version is None or not film.renditions:
        raise NotFoundError("Video manifest not found.")
    if not _NAME.fullmatch(name):
        raise InvalidInputError({"resolution": ["Invalid resolution format. Use e.g. 480p, 720p, 1080p."]})
    by_size = sorted(film.renditions, key=_size)
    exact = [made for made in by_size if made.name == name]
    if exact:
        return exact[0]
    if name not in _ALWAYS:
        raise NotFoundError("Video manifest not found.")
    lower = [made for made in by_size if _size(made) <= int(name[:-1])]
    return lower[-1] if lower else by_size[0]


def media_playlist(film: Film, name: str) -> str:
    """Return the media playlist of the rendition served as `name`, its segments as absolute signed URLs.

    The URLs outlive the film: they are valid for its length and at least half an hour more.

    Raises:
        NotFoundError: the film was never ready, or `name` is none that this film has.
        InvalidInputError: `name` is not of the form `480p`.
    """
    served = rendition(film, name)
    sign = signing.signer(lasts=film.duration or sum(served.segments))
    version = str(film.published_version)
    names = (layout.segment_name(number) for number in range(len(served.segments)))
    return complete(served.segments, (sign(layout.segment_key(film.id, version, served.name, name)) for name in names))


def complete(durations: Sequence[float], addresses: Iterable[str]) -> str:
    """Return the media playlist of a finished rendition.

    Args:
        durations: Seconds of each segment.
        addresses: Where each segment is: a URL, or a name relative to the playlist.
    """
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:3",  # fractions of seconds in EXTINF (section 7)
        # section 4.3.3.1: no segment, rounded to the nearest second, is longer
        f"#EXT-X-TARGETDURATION:{max(1, math.ceil(max(durations, default=1)))}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",  # the encoder starts each segment with a keyframe
    ]
    for duration, address in zip(durations, addresses, strict=True):
        lines += (f"#EXTINF:{duration:.6f},", address)
    lines.append("#EXT-X-ENDLIST\n")
    return "\n".join(lines)


def subtitle_playlist(film: Film, caption: Caption) -> str:
    """Return the media playlist of a subtitle rendition: the captions in one segment as long as the film, signed.

    Raises:
        NotFoundError: the film was never ready.
    """
    if film.published_version is None or not film.duration:
        raise NotFoundError("Video manifest not found.")
    key = layout.captions_key(film.id, caption.version, caption.language)
    return complete([film.duration], [signing.media_url(key, lasts=film.duration)])


def _subtitle_renditions(film: Film) -> list[str]:
    """Return a tag for each of the film's captions (section 4.3.4.1).

    None is shown by itself (DEFAULT), any may be chosen by the viewer's language (AUTOSELECT). Names are unique in
    the group, as section 4.3.4.1.1 wants it.
    """
    names = [languages.name(caption.language) for caption in film.captions]
    return [
        f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="{_SUBTITLES}",'
        f'NAME="{name if names.count(name) == 1 else f"{name} [{caption.language}]"}",LANGUAGE="{caption.language}",'
        f'DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI="{_media_playlist_path(film.id, f"captions/{caption.language}")}"'
        for caption, name in zip(film.captions, names, strict=True)
    ]


def multivariant(film: Film) -> str:
    """Return the multivariant playlist of all renditions, lowest first: players start with the first.

    Raises:
        NotFoundError: the film was never ready.
    """
    if film.published_version is None or not film.renditions:
        raise NotFoundError("Video manifest not found.")
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-INDEPENDENT-SEGMENTS", *_subtitle_renditions(film)]
    group = f',SUBTITLES="{_SUBTITLES}"' if film.captions else ""
    for made in sorted(film.renditions, key=_size):
        lines += (f"#EXT-X-STREAM-INF:{_attributes(made)}{group}", _media_playlist_path(film.id, made.name))
    return "\n".join(lines) + "\n"


def etag(film: Film, name: str) -> str:
    """Return the entity tag of the playlist called `name`: what it depends on, without making it.

    That is the versions of the film and of its captions, the window in which its URLs are signed, and the settings
    that they hold.
    """
    settings = current()
    parts = (
        str(film.id),
        str(film.published_version),
        *(caption.version for caption in film.captions),
        name,
        str(signing.window_start()),
        settings.media_signing,
        settings.media_base_url,
        settings.api_base_url,
    )
    return f'"{sha256("|".join(parts).encode()).hexdigest()[:32]}"'


def _size(made: Rendition) -> int:
    return int(made.name.removesuffix("p"))


def _attributes(made: Rendition) -> str:
    return (
        f"BANDWIDTH={made.peak_bandwidth},AVERAGE-BANDWIDTH={made.average_bandwidth},"
        f'CODECS="{made.codecs}",RESOLUTION={made.width}x{made.height},FRAME-RATE={made.frame_rate:.3f}'
    )


def _media_playlist_path(film_id: int, name: str) -> str:
    # From the root, so that it holds whatever host and spelling (slash at the end or none) the viewer came by.
    return f"{urlsplit(current().api_base_url).path.rstrip('/')}/api/video/{film_id}/{name}/index.m3u8"
