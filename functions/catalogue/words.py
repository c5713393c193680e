"""What a search compares: the words of a text, without regard to case, accents and punctuation."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+")
_LONGEST: Final = 60  # characters of a word that count; a key holds 1,024 bytes


def of(text: str) -> list[str]:
    """Return the words of `text`, each once, in order."""
    # NFKD takes accents off letters and ligatures apart; folding may make composed letters, hence twice
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(c for c in folded if not unicodedata.category(c).startswith("M"))
    return list(dict.fromkeys(word[:_LONGEST] for word in _WORD.findall(plain)))


def of_film(title: str, description: str) -> list[str]:
    """Return the words by which a film is found."""
    return of(f"{title}\n{description}")


def match(wanted: Iterable[str], words: Iterable[str]) -> bool:
    """Whether each of the `wanted` begins one of the `words`."""
    known = list(words)
    return all(any(word.startswith(beginning) for word in known) for beginning in wanted)
