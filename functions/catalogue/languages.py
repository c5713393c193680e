"""Language tags (BCP 47) and what languages call themselves."""

import functools
import re
from pathlib import Path
from typing import Final

LONGEST: Final = 35  # characters; what RFC 5646, section 4.4.1, asks everybody to have room for

_NAMES = Path(__file__).parent / "data" / "languages.tsv"  # its source stands beside it
# RFC 5646, section 2.1, without what is deprecated (irregular and grandfathered tags), without languages of four and
# more letters, of which none is registered, and without tags that are private altogether: no player can choose one
_WELL_FORMED = re.compile(
    r"""
    [a-z]{2,3} (?:-[a-z]{3}){0,3}                        # language and extended language
    (?:-(?P<script>[a-z]{4}))?
    (?:-(?P<region>[a-z]{2}|[0-9]{3}))?
    (?P<variants>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)
    (?P<extensions>(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*)
    (?:-x(?:-[a-z0-9]{1,8})+)?
    """,
    re.ASCII | re.VERBOSE,
)


def canonical(tag: str) -> str | None:
    """Return a language tag in its usual spelling (`PT-br` is `pt-BR`, `ger` is `de`); None: it is not well-formed.

    Case is that of RFC 5646, section 2.1.1; three letters become two where there are two (section 2.2.1).
    """
    if len(tag) > LONGEST:
        return None
    lower = tag.lower()
    match = _WELL_FORMED.fullmatch(lower) if tag.isascii() else None
    if match is None or _repeats(match["variants"]) or _repeats_singleton(match["extensions"]):
        return None
    for part, spelled in (("script", str.title), ("region", str.upper)):
        if match[part]:
            start, end = match.span(part)
            lower = lower[:start] + spelled(lower[start:end]) + lower[end:]
    first, dash, rest = lower.partition("-")
    return _shortest().get(first, first) + dash + rest


def _repeats(variants: str) -> bool:
    found = variants.split("-")[1:]
    return len(set(found)) < len(found)


def _repeats_singleton(extensions: str) -> bool:
    singletons = re.findall(r"-([0-9a-z])(?=-)", extensions)
    return len(set(singletons)) < len(singletons)


def name(tag: str) -> str:
    """Return what people call the language of a canonical tag: `Deutsch`, `Português (BR)`; else the tag itself."""
    first, _, rest = tag.partition("-")
    known = _known().get(first)
    if known is None:
        return tag
    return f"{known[0]} ({rest})" if rest else known[0]


@functools.cache
def _known() -> dict[str, tuple[str, list[str]]]:
    """Return name and longer codes by language."""
    lines = (line.split("\t") for line in _NAMES.read_text(encoding="utf-8").splitlines())
    return {code: (name, " ".join(longer).split()) for code, name, *longer in lines}


@functools.cache
def _shortest() -> dict[str, str]:
    return {longer: code for code, (_, codes) in _known().items() for longer in codes}
