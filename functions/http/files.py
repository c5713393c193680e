"""Files of this package that are the same for everybody: tagged, and compressed where the caller takes that."""

from __future__ import annotations

import functools
import gzip
from pathlib import Path
from typing import TYPE_CHECKING, Final

from functions.http import conditional
from functions.http.call import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from functions.http.call import Call

_STATIC: Final = Path(__file__).parent / "static"


def read(name: str, values: Mapping[str, str]) -> str:
    """Return the text of a file, each key of `values` replaced by its value."""
    text = _read(name)
    for key, value in values.items():
        text = text.replace(key, value)
    return text


def answer(call: Call, text: str, media_type: str, **headers: str) -> Answer:
    """Answer with `text`, or with 304 to a caller who has it.

    Args:
        call: The request.
        text: The whole body.
        media_type: What it is.
        headers: More of them; `Vary` is put together with what this function varies by.
    """
    etag = conditional.weak_etag_of(text)  # weak: compressed or not, it says the same
    vary = ", ".join(filter(None, ("Origin, Accept-Encoding", headers.pop("Vary", ""))))
    kept = {"ETag": etag, "Cache-Control": "public, no-cache", "Vary": vary}
    if conditional.unchanged(call, etag):
        return Answer(status=304, headers=kept, personal=False)
    kept |= {"Content-Type": media_type} | {name.replace("_", "-"): value for name, value in headers.items()}
    if not takes_gzip(call):
        return Answer(text, headers=kept, personal=False)
    return Answer(_compressed(text), headers=kept | {"Content-Encoding": "gzip"}, personal=False)


def takes_gzip(call: Call) -> bool:
    """Whether an answer may be compressed: without an Accept header the gateway would hand it out as base64 text."""
    codings = call.headers.get("accept-encoding", "").replace(" ", "").lower().split(",")
    offers = (coding.partition(";q=") for coding in codings)
    # a weight of 0 forbids it (RFC 9110, section 12.4.2)
    taken = any(name == "gzip" and (not weight or weight.strip("0.")) for name, _, weight in offers)
    return taken and call.headers.get("accept", "") != ""


@functools.cache
def _read(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")


@functools.lru_cache(maxsize=8)  # all that there is
def _compressed(text: str) -> bytes:
    return gzip.compress(text.encode(), compresslevel=6, mtime=0)
