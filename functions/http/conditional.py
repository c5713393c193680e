"""Entity tags and byte ranges (RFC 9110, sections 13 and 14)."""

import re
from hashlib import sha256

from functions.http.call import Call

_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})", re.ASCII)


def etag_of(text: str) -> str:
    """Return a strong entity tag of `text`."""
    return f'"{sha256(text.encode()).hexdigest()[:32]}"'


def weak_etag_of(text: str) -> str:
    """Return a weak entity tag of `text`: what it says is the same, its bytes may differ."""
    return f"W/{etag_of(text)}"


def unchanged(call: Call, etag: str) -> bool:
    """Whether `If-None-Match` names `etag` (section 13.1.2: compared weakly), so that 304 is the answer."""
    sent = [tag.strip().removeprefix("W/") for tag in call.headers.get("if-none-match", "").split(",")]
    return etag.removeprefix("W/") in sent or sent == ["*"]


def byte_range(call: Call, etag: str) -> str | None:
    """Return the one range that is asked for, e.g. `bytes=0-99`, or None where the whole is to be sent.

    Section 14.2 lets a server ignore what it cannot read, several ranges at once included; section 13.1.5 makes it
    ignore a range of something that has changed (`If-Range`).
    """
    sent = call.headers.get("range", "").replace(" ", "")
    match = _RANGE.fullmatch(sent)
    if call.method != "GET" or match is None or call.headers.get("if-range", etag) != etag:
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    if first and last and int(first) > int(last):
        return None
    return sent
