"""Versions of a film: each encoding of each content has its own, and its media lies below its name."""

import hashlib
import secrets
from typing import Final

from functions.catalogue.film import Film, Source, State

SIGNED_FOR: Final = 60 * 60
"""Seconds beyond a film's length for which a URL of its media may be valid (contract, section 4)."""


def name(number: int, source: Source) -> str:
    """Name a version: safe in keys, never used twice.

    The number alone would come again if the table were restored from an older state while the media stayed; the
    digest of the source keeps the two apart.
    """
    facts = f"{source.key}\n{source.sequencer}\n{source.etag}\n{source.size}\n{source.modified}"
    return f"{number}-{hashlib.sha256(facts.encode('utf-8', 'replace')).hexdigest()[:12]}"


def name_of_captions() -> str:
    """Name a version of captions: safe in keys, never used twice."""
    return f"captions-{secrets.token_hex(8)}"


def after(version: str, source: Source) -> str:
    """Return the name of the version that follows `version`, of the same content or of another."""
    return name(int(version.partition("-")[0]) + 1, source)


def live(film: Film) -> set[str]:
    """Return the versions whose media is served or being made; captions have versions of their own."""
    made = set() if film.state is State.FAILED else {film.version}
    return made | _served(film)


def _served(film: Film) -> set[str]:
    captions = {caption.version for caption in film.captions}
    return captions | ({film.published_version} if film.published_version else set())


def left(before: Film, after: Film) -> dict[str, float]:
    """Return the versions that a change leaves behind, and for how many seconds their media has to stay.

    What was published stays as long as URLs of it may be valid; what was not, until its worker must have ended,
    which is sooner.
    """
    served = _served(before)
    begun = served | (live(before) if before.attempt else live(before) - {before.version})
    length = before.duration or 0.0
    return {version: SIGNED_FOR + (length if version in served else 0) for version in begun - live(after)}
