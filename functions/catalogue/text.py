"""The text that people give a film, made safe to keep: on every way in, and never with an error.

Whoever wants to refuse bad text (a form) checks it before; an object dropped into the bucket has nobody to answer to.
"""

import re
import unicodedata
from typing import Final

DEFAULT_CATEGORY: Final = "documentary"
UNTITLED: Final = "Untitled film"
MAX_TITLE: Final = 255
MAX_DESCRIPTION: Final = 5_000

_CATEGORY = re.compile(r"[\w -]{1,40}")
_RESERVED = "newest"  # existing frontends have a row of that name and show no category called so
# existing frontends put these texts into innerHTML (contract, section 4)
_HARMLESS = str.maketrans("<>", "\u2039\u203a")


def _cleaned(text: str, *, keep: str = "") -> str:
    # Cc: control characters; Cs: lone surrogates, which cannot be stored as UTF-8
    kept = (c if c in keep or unicodedata.category(c) not in ("Cc", "Cs") else " " for c in text)
    return "".join(kept).translate(_HARMLESS)


def clean_title(text: str) -> str:
    """Return `text` as a title: one line, at most 255 characters; may be empty."""
    return " ".join(_cleaned(text).split())[:MAX_TITLE].rstrip()


def clean_description(text: str) -> str:
    """Return `text` as a description: lines are kept, at most 5,000 characters."""
    return _cleaned(text.replace("\r\n", "\n"), keep="\n\t").strip()[:MAX_DESCRIPTION].rstrip()


def is_category(text: str) -> bool:
    """Whether `text` can be a film's category as it is."""
    return bool(_CATEGORY.fullmatch(text)) and bool(text.strip()) and text.strip().casefold() != _RESERVED


def title_faults(text: str) -> list[str]:
    """Return a sentence for each reason why `text` is no title that a person may give."""
    if not clean_title(text):
        return ["The title may not be empty."]
    return _length_faults(text, MAX_TITLE)


def description_faults(text: str) -> list[str]:
    """Return a sentence for each reason why `text` is no description that a person may give."""
    return _length_faults(text, MAX_DESCRIPTION)


def category_faults(text: str) -> list[str]:
    """Return a sentence for each reason why `text` is no category that a person may give."""
    category = " ".join(_cleaned(text).split())
    if category.casefold() == _RESERVED:
        return ["This category is reserved. Choose another."]
    return [] if is_category(category) else ["Use 1 to 40 letters, digits, spaces, hyphens or underscores."]


def _length_faults(text: str, most: int) -> list[str]:
    return [f"Use at most {most} characters."] if len(text.strip()) > most else []


def clean_category(text: str) -> str:
    """Return `text` as a category, or the default where it cannot be one."""
    category = " ".join(_cleaned(text).split())
    return category if is_category(category) else DEFAULT_CATEGORY


def readable_stem(key: str) -> str:
    """Return what an object's key says of its content: no folders, no extension, words apart."""
    stem = re.sub(r"(?<=.)\.[^.]{1,10}$", "", key.rsplit("/", 1)[-1])
    return clean_title(re.sub(r"[_.-]", " ", stem))
