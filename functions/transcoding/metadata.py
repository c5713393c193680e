"""What an uploader said about an object, in S3's user metadata (`aws s3 cp --metadata title=...`). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from typing import Final
from urllib.parse import unquote

_ESCAPE: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_YES, _NO = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """Metadata as text; None: not said. Cleaning it is the catalogue's business."""

    title: str | None = None
    description: str | None = None
    category: str | None = None
    owner: str | None = None
    publish: bool | None = None
    transcode: bool | None = None


def read(metadata: Mapping[str, str]) -> Wishes:
    """Read an object's user metadata; what is not understood counts as not said."""
    said = {name.lower(): decode(value).strip() for name, value in metadata.items()}
    return Wishes(
        title=said.get("title") or None,
        description=said.get("description") or None,
        category=said.get("category") or None,
        owner=said.get("owner") or None,
        publish=_switch(said.get("publish", "")),
        transcode=_switch(said.get("transcode", "")),
    )


def _switch(said: str) -> bool | None:
    word = said.casefold()
    return True if word in _YES else False if word in _NO else None


def decode(value: str) -> str:
    """Return metadata as its uploader meant it.

    HTTP headers carry ASCII: S3 answers other text encoded by RFC 2047 (Amazon S3 User Guide, "Working with object
    metadata"), many tools percent-encode it, and some stores hand out the raw UTF-8 bytes as Latin-1.
    """
    return _unescaped(_unquoted_words(_bytes_as_utf8(value)))


def _bytes_as_utf8(value: str) -> str:
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def _unquoted_words(value: str) -> str:
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value))) or value
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return value


def _unescaped(value: str) -> str:
    if not _ESCAPE.search(value):
        return value
    try:
        plain = unquote(value, errors="strict")
    except UnicodeDecodeError:
        return value
    # "100%25 off" may be meant as it stands; text without a space, or with letters that needed it, was encoded
    encoded = not re.search(r"\s", value) or not plain.isascii()
    return plain if encoded else value
