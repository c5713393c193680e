"""Files of captions in the uploads bucket: `film.de.vtt` belongs to the film whose source is `film.mp4`.

Only whoever may write into the bucket puts something there, and only under its own name: keys that the server chose
(`intake.RESERVED`) have no file beside them.
"""

import re
from typing import Final, NamedTuple

from functions.catalogue import intake, languages, objects, store
from functions.settings import current

_ENDING: Final = re.compile(r"\.(?:vtt|srt)", re.IGNORECASE | re.ASCII)
_NAME: Final = re.compile(r"(?P<stem>.+)\.(?P<language>[^./]+)\.(?:vtt|srt)", re.IGNORECASE | re.DOTALL)

# Endings under which a film is looked for whose source is not in the bucket any more, because new content of it was
# uploaded through the API under a key of the server's.
_FILMS: Final = ("mp4", "mkv", "mov", "webm", "m4v", "avi", "mpg", "ts", "MP4", "MKV", "MOV")


class Place(NamedTuple):
    """Where a file of captions belongs.

    Attributes:
        stem: The film's key without its ending, folders included.
        language: Canonical language tag.
    """

    stem: str
    language: str


def is_one(key: str) -> bool:
    """Whether the file at `key` has captions, and so is no film."""
    return _ENDING.fullmatch(key[-4:]) is not None


def place(key: str) -> Place | None:
    """Return where the captions at `key` belong; None: their name says no language."""
    match = _NAME.fullmatch(key)
    language = languages.canonical(match["language"]) if match else None
    return Place(match["stem"], language) if match and language else None


def stem(key: str) -> str:
    """Return what captions beside the source at `key` begin with: its key without its ending."""
    folder, slash, name = key.rpartition("/")
    head, dot, _ = name.rpartition(".")
    return f"{folder}{slash}{head if head and dot else name}"


def beside(key: str) -> list[tuple[str, Place]]:
    """Return the files of captions that stand beside the source at `key`, and where they belong."""
    if intake.is_reserved(key):
        return []
    beginning = stem(key)
    stems = {beginning, key}  # `film.mp4.de.vtt` says it as well
    places = [(file, place(file)) for file in objects.keys(current().uploads_bucket, f"{beginning}.")]
    return [(file, found) for file, found in places if found and found.stem in stems]


def films(beginning: str) -> list[int]:
    """Return the ids of the films beside whose source captions stand that begin with `beginning`."""
    listed = objects.keys(current().uploads_bucket, f"{beginning}.")
    sources = [key for key in listed if not is_one(key) and stem(key) == beginning]
    found = dict[int, None]()
    for key in dict.fromkeys([beginning, *sources, *(f"{beginning}.{ending}" for ending in _FILMS)]):
        owned = None if intake.is_reserved(key) else store.ownership(key)
        if owned and not owned.deleted:
            found[owned.film_id] = None
    return list(found)
