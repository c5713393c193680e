"""The cookies of the contract's section 2."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from functions.accounts import lifetimes
from functions.settings import Settings

if TYPE_CHECKING:
    from functions.accounts.tokens import Tokens

ACCESS, REFRESH, CSRF = "access_token", "refresh_token", "csrftoken"
_CSRF_LIFE = 365 * 24 * 3600  # seconds, as Django's: the frontend's logout throws without this cookie


def of(tokens: Tokens, settings: Settings) -> list[str]:
    """Return the `Set-Cookie` values that hand tokens to a browser.

    `csrftoken` carries no right (unsafe calls are guarded by their `Origin`); existing frontends read it.
    """
    return [
        _cookie(ACCESS, tokens.access, lifetimes.ACCESS, settings),
        _cookie(REFRESH, tokens.refresh, lifetimes.REFRESH, settings),
        _cookie(CSRF, secrets.token_urlsafe(32), _CSRF_LIFE, settings, script_readable=True),
    ]


def cleared(settings: Settings) -> list[str]:
    """Return the `Set-Cookie` values that take the tokens back."""
    return [_cookie(name, "", 0, settings) for name in (ACCESS, REFRESH)]


def _cookie(name: str, value: str, lasts: int, settings: Settings, *, script_readable: bool = False) -> str:
    parts = [f"{name}={value}", "Path=/", f"Max-Age={lasts}", f"SameSite={settings.cookie_samesite}"]
    if lasts == 0:
        parts.append("Expires=Thu, 01 Jan 1970 00:00:00 GMT")
    if settings.cookie_secure or settings.cookie_samesite == "None":  # browsers drop SameSite=None without Secure
        parts.append("Secure")
    if not script_readable:
        parts.append("HttpOnly")
    return "; ".join(parts)
