"""What a cue says, made into clean WebVTT cue text (W3C WebVTT, section 4.2.2). Pure.

Kept is the markup that WebVTT knows; other tags go and what stands between them stays, as text. So nothing that a
page puts into its document can be more than text in italics, even on pages that treat cues as HTML.
"""

from __future__ import annotations

import html
import re
from typing import Final

from functions.catalogue import languages

_TOKEN: Final = re.compile(r"<(/?)([A-Za-z]{1,10})((?:\.[^\s.<>&]+)*)(?:[ \t\n]([^<>]*))?/?>|<([0-9:.]+)>")
_KNOWN: Final = frozenset({"b", "c", "i", "lang", "rt", "ruby", "u", "v"})
_CLASS: Final = re.compile(r"\.[A-Za-z][\w-]{0,40}", re.ASCII)
_TIME: Final = re.compile(r"(?:[0-9]{2,3}:)?[0-5][0-9]:[0-5][0-9]\.[0-9]{3}", re.ASCII)
_DEEPEST: Final = 10
_NUMBER: Final = re.compile(r"&#0*([0-9]{1,8})[0-9]*")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def plain(text: str) -> str:
    """Return text whose lines are ended by line feeds, and which has no other control characters but tabs."""
    # lines may end in three ways (WebVTT, section 6.1); a form feed or a Unicode line separator ends none
    return _CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))


def clean(raw: str) -> str:
    """Return `raw` (lines separated by line feeds) as cue text: tags known and closed, the rest escaped."""
    builder = _Builder()
    position = 0
    for token in _TOKEN.finditer(raw):
        builder.text(raw[position : token.start()])
        position = token.end()
        closing, name, classes, annotation, time = token.groups()
        if time:
            builder.time(time)
        elif closing:
            builder.close(name.lower())
        else:
            builder.open(name.lower(), classes, annotation or "")
    builder.text(raw[position:])
    return _lines(builder.finish())


def _lines(text: str) -> str:
    # an empty line would end the cue
    return "\n".join(line for line in (line.strip() for line in text.split("\n")) if line)


def _escaped(text: str) -> str:
    # references are resolved first, so that what comes in escaped is not escaped twice; `>` so that no `-->` is left
    return html.escape(_resolved(text), quote=False)


def _resolved(text: str) -> str:
    # Python makes no number of more than 4,300 digits; of eight it is beyond every character already
    short = _NUMBER.sub(r"&#\1", text)
    # a reference may stand for a line's end, too, or for what no file may hold
    return plain(html.unescape(short))


class _Builder:
    """Puts cue text together; opened tags are closed in the right order."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._open: list[str] = []
        self._said = False

    def text(self, raw: str) -> None:
        """Add text."""
        self._parts.append(_escaped(raw))
        self._said = self._said or bool(raw.strip())

    def time(self, raw: str) -> None:
        """Add a timestamp inside of the cue (karaoke)."""
        if _TIME.fullmatch(raw):
            self._parts.append(f"<{raw}>")

    def open(self, name: str, classes: str, annotation: str) -> None:
        """Open a tag, if it is known."""
        note = _annotation(name, annotation)
        if name not in _KNOWN or note is None or len(self._open) >= _DEEPEST:
            return
        self._parts.append(f"<{name}{''.join(_CLASS.findall(classes))}{note}>")
        self._open.append(name)

    def close(self, name: str) -> None:
        """Close a tag and all inside of it, if it is open."""
        while name in self._open:
            inner = self._open.pop()
            self._parts.append(f"</{inner}>")
            if inner == name:
                return

    def finish(self) -> str:
        """Close what is open and return it all; nothing where there is only markup."""
        while self._open:
            self.close(self._open[-1])
        return "".join(self._parts) if self._said else ""


def _annotation(name: str, said: str) -> str | None:
    """Return what stands behind a tag's name: a voice's, a language; None: without it the tag makes no sense."""
    if name == "v":
        speaker = " ".join(_resolved(said).split())
        return f" {html.escape(speaker, quote=False)}" if speaker else None
    if name == "lang":
        tag = languages.canonical(said.strip())
        return f" {tag}" if tag else None
    return ""
