"""One-time links: what a mail carries to prove that its reader has the mailbox.

A token has 256 random bits and is kept only as its SHA-256, under a key that holds its kind: an activation token is
no reset token. (OWASP ASVS 5.0, 6.4.1 and 6.5.1.)
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from typing import Literal

from functions import settings
from functions.accounts.rows import LinkRow, PersonRow, link_key, person_key, read

Kind = Literal["activate", "reset"]
_PAGES: dict[Kind, str] = {"activate": "activate", "reset": "confirm_password"}
_CALLS: dict[Kind, str] = {"activate": "activate", "reset": "password_confirm"}
_LONGEST_ID = 16  # digits: JavaScript's safe integers


def issue(kind: Kind, person_id: int, *, generation: int, expires_at: int) -> str:
    """Make a token of `kind` for a person, valid until `expires_at` (epoch seconds), and return it."""
    token = secrets.token_urlsafe(32)
    LinkRow(*link_key(person_id, kind, digest(token)), generation=generation, expires_at=expires_at).save()
    return token


def find(kind: Kind, uidb64: str, token: str) -> tuple[PersonRow, LinkRow] | None:
    """Return the link and the person that it belongs to, in one read; None when there is no such link any more."""
    person_id = decode_uid(uidb64)
    if person_id is None:
        return None
    keys = person_key(person_id), link_key(person_id, kind, digest(token))
    rows = read(*keys)
    person, link = rows.get(keys[0]), rows.get(keys[1])
    if not isinstance(person, PersonRow) or not isinstance(link, LinkRow):
        return None
    return person, link


def url(kind: Kind, person_id: int, token: str) -> str:
    """Return the address that a mail carries: the frontend's page, or the API's own where there is no frontend."""
    config, uid = settings.current(), encode_uid(person_id)
    if config.frontend_base_url:
        return f"{config.frontend_base_url}/pages/auth/{_PAGES[kind]}.html?uid={uid}&token={token}"
    return f"{config.api_base_url}/api/{_CALLS[kind]}/{uid}/{token}/"


def digest(token: str) -> str:
    """Return the hash under which a token is kept; it may be logged."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def encode_uid(person_id: int) -> str:
    """Return the URL-safe base64, without padding, of the decimal id (Django's `uidb64`)."""
    return base64.urlsafe_b64encode(str(person_id).encode()).decode().rstrip("=")


def decode_uid(uidb64: str) -> int | None:
    """Return the id that `encode_uid` was given; None for any other text."""
    try:
        text = base64.b64decode(uidb64.encode("ascii") + b"==", altchars=b"-_", validate=False).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    if not text.isdecimal() or len(text) > _LONGEST_ID or encode_uid(int(text)) != uidb64:
        return None
    return int(text)
