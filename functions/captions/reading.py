"""From a file's bytes to clean WebVTT. Pure."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Final

from functions.captions import cue_text, subrip, track, webvtt
from functions.errors import InvalidInputError, TooLargeError

LARGEST: Final = 2_000_000
"""Bytes of the largest file that is read; three hours of talk are some 200,000."""

TOO_LARGE: Final = f"The file is larger than {LARGEST // 1_000_000} MB."

_ENCODING: Final = "The file is not encoded in UTF-8. Save it as UTF-8 and send it again."


@dataclass(frozen=True)
class Text:
    """Captions as they are kept: a WebVTT file, and how many cues it has."""

    webvtt: str
    cues: int


def read(file: bytes) -> Text:
    """Return a file of captions, WebVTT or SubRip by its content, as clean WebVTT.

    Raises:
        InvalidInputError: it is neither, or a line is wrong; the sentence says which.
        TooLargeError: it is too large.
    """
    if len(file) > LARGEST:
        raise TooLargeError({track.FIELD: [TOO_LARGE]})
    text = _decoded(file)
    cues = track.ordered(webvtt.read(text) if webvtt.is_webvtt(text) else subrip.read(text))
    written = webvtt.write(cues)
    if len(written.encode()) > 2 * LARGEST:  # a file of nothing but `&` grows by four
        raise TooLargeError({track.FIELD: [TOO_LARGE]})
    return Text(written, len(cues))


def _decoded(file: bytes) -> str:
    try:
        text = file.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidInputError({track.FIELD: [_ENCODING]}) from None
    if "\x00" in text:  # UTF-16 without a mark looks like this
        raise InvalidInputError({track.FIELD: [_ENCODING]})
    return cue_text.plain(text)
