"""Turns a kind and its context into subject, text and HTML."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from functions.mail.kinds import MailKind
from functions.mail.logo import LOGO_CID

_TEMPLATES = Path(__file__).parent / "templates"

_SUBJECTS: Mapping[MailKind, str] = MappingProxyType(
    {
        MailKind.ACTIVATE: "Activate your Videoflix account",
        MailKind.RESET_PASSWORD: "Reset your Videoflix password",
        MailKind.PASSWORD_CHANGED: "Your Videoflix password was changed",
        MailKind.VIDEO_READY: "Your video “{title}” is ready",
        MailKind.VIDEO_FAILED: "Your video “{title}” could not be processed",
    }
)
_TITLE_IN_SUBJECT = 80  # characters: phones show about 40, and a subject is no place for 255
# Controls, lone surrogates, line and paragraph separators: no use in one line of text, and CR LF in a header would
# start a new one (header injection). Bidirectional controls can make a line read as something else (CVE-2021-42574).
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A mail as its reader sees it."""

    subject: str
    text: str
    html: str


def render(kind: MailKind, context: Mapping[str, str]) -> Rendered:
    """Render a mail.

    Raises:
        jinja2.TemplateError: the context lacks what the templates need.
    """
    clean = {name: _one_line(text) for name, text in context.items()}
    title = clean.get("title", "")
    if len(title) > _TITLE_IN_SUBJECT:
        title = title[: _TITLE_IN_SUBJECT - 1].rstrip() + "…"
    subject = _SUBJECTS[kind].format(title=title)
    known = {**clean, "subject": subject, "logo": f"cid:{LOGO_CID}"}
    return Rendered(
        subject=subject,
        text=_environment.get_template(f"{kind}.txt").render(known),
        html=_environment.get_template(f"{kind}.html").render(known),
    )


def _one_line(text: str) -> str:
    spaced = (" " if unicodedata.category(char) in _UNPRINTABLE else char for char in text if char not in _BIDI)
    return " ".join("".join(spaced).split())


def _duration(hours: str) -> str:
    """Return whole hours in words: `1 hour`, `24 hours`, `3 days`."""
    number, unit = int(hours), "hour"
    if number >= 48 and number % 24 == 0:  # noqa: PLR2004
        number, unit = number // 24, "day"
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


_environment = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=select_autoescape(["html"]),  # never text: a plain-text link is copied by people as it stands
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_environment.filters["duration"] = _duration
