"""Where things lie in the media bucket. No other file builds such a key."""


def version_prefix(film_id: int, version: str) -> str:
    """Return the prefix of one version of a film; immutable once published."""
    return f"{film_id}/{version}/"


def film_prefix(film_id: int) -> str:
    """Return the prefix of everything that was ever made of a film."""
    return f"{film_id}/"


def segment_name(number: int) -> str:
    """Return the file name of segment `number`, counted from 0."""
    return f"{number:03d}.ts"


def rendition_folder(rendition: str, take: int) -> str:
    """Return the name of the folder of one rendition of a version.

    Args:
        rendition: Its name, e.g. `480p`.
        take: How many plans of the version were given up before: of those, viewers may have addresses, and what lies at
            an address never changes.
    """
    return f"{rendition}-{take}" if take else rendition


def rendition_prefix(film_id: int, version: str, folder: str) -> str:
    """Return the prefix of one rendition of a version."""
    return f"{version_prefix(film_id, version)}{folder}/"


def segment_key(film_id: int, version: str, folder: str, name: str) -> str:
    """Return the key of one media segment; `folder` is its rendition's."""
    return f"{rendition_prefix(film_id, version, folder)}{name}"


def playlist_key(film_id: int, version: str, folder: str) -> str:
    """Return the key of a rendition's media playlist (relative names: for tools and audits, not for viewers)."""
    return f"{rendition_prefix(film_id, version, folder)}index.m3u8"


def thumbnail_name(at: float | None) -> str:
    """Return the file name of the thumbnail of the picture `at` so many seconds; None: of one chosen by itself.

    Each has its own: what lies at an address that viewers were given never changes.
    """
    return "thumbnail.jpg" if at is None else f"thumbnail-{round(at * 1000)}.jpg"


def thumbnail_time(name: str | None) -> float | None:
    """Return the seconds that a thumbnail's file name says; None: it was chosen by itself, or there is none."""
    _, _, milliseconds = (name or "").removesuffix(".jpg").partition("-")
    return int(milliseconds) / 1000 if milliseconds else None


def poster_name(thumbnail: str) -> str:
    """Return the file name of the large picture that belongs to a thumbnail."""
    return f"poster{thumbnail.removeprefix('thumbnail')}"


def captions_key(film_id: int, version: str, language: str) -> str:
    """Return the key of captions; `version` is theirs, not the film's."""
    return f"{version_prefix(film_id, version)}{language}.vtt"


def board_name(chunk: int, sheet: int) -> str:
    """Return the file name, in a version's folder, of a sheet of the storyboard."""
    return f"storyboard/{chunk:05d}-{sheet:03d}.jpg"


def picture_key(film_id: int, version: str, name: str) -> str:
    """Return the key of a picture of a version: its thumbnail, its poster, or a sheet of its storyboard."""
    return f"{version_prefix(film_id, version)}{name}"


def sound_prefix(film_id: int, version: str) -> str:
    """Return the prefix of sound that waits for its chunks; gone when the version is published."""
    return f"{version_prefix(film_id, version)}sound/"


def cut_prefix(film_id: int, version: str, cut: str) -> str:
    """Return the prefix of sound that was cut for one plan; `cut` names where."""
    return f"{sound_prefix(film_id, version)}{cut}/"


def sound_key(film_id: int, version: str, cut: str, chunk: int) -> str:
    """Return the key of a chunk's sound."""
    return f"{cut_prefix(film_id, version, cut)}{chunk:05d}.aac"
