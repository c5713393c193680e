"""How the page's files are answered, whoever serves them: types, `/config.json`, and what its documents may do."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from pathlib import Path

_STYLE_HASHES = Path("vendor/media-chrome/styles.csp")
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".vtt": "text/vtt; charset=utf-8",
}


def content_type(file: Path) -> str:
    """Return the media type of a file, whatever this machine's own table says."""
    return _TYPES.get(file.suffix.lower()) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"


def config(api: str, demo: tuple[str, str] | None = None) -> dict[str, object]:
    """Return `/config.json`: the API's address, and what only a stage on one machine has.

    Args:
        api: Address of the API, without `/api/`.
        demo: E-mail and password of the demo account; where it is, the mailbox is too.
    """
    local = {"demo": {"email": demo[0], "password": demo[1]}} if demo else {}
    return {"api": api, "mailbox": demo is not None, **local}


def content_security_policy(root: Path, api: str, storage: Sequence[str]) -> str:
    """Return the Content-Security-Policy of the page's documents: own scripts and styles, the API, the storage.

    The player's elements bring their styles with them; each is named by its hash (W3C CSP 3, section 2.3.1), so that
    nothing else inline has an effect. hls.js gives each track of captions an empty file as its source, `data:,WEBVTT`.

    Args:
        root: The page's folder, `web`.
        api: Origin of the API.
        storage: Origins that media come from and uploads go to.
    """
    hashes = " ".join(f"'{line}'" for line in (root / _STYLE_HASHES).read_text(encoding="ascii").split())
    stored = " ".join(storage)
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": f"'self' {hashes}",
        "font-src": "'self'",
        "img-src": f"'self' data: blob: {stored}",
        "media-src": f"'self' blob: data: {api} {stored}",
        "connect-src": f"'self' {api} {stored}",
        "frame-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
