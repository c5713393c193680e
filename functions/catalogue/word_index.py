"""Which films have a word that begins so: items that lead to films, and are only a hint.

A text may have more words than a transaction holds, so they are not written in the film's own. Instead a film is
never without an item for each of its words: they are put before its text is stored, those that it lost go after, and
whoever searches looks at the film itself.
"""

import functools
from collections.abc import Callable, Iterable
from typing import Final

from functions.catalogue import words, writing
from functions.catalogue.film import Film
from functions.catalogue.items import WordItem, film_key

_WORD: Final = "word#"
_END: Final = "\x1f"  # sorts before anything in a word


def _words(film: Film) -> list[str]:
    return words.of_film(film.title, film.description)


def _shelf(word: str) -> str:
    return f"words#{word[0]}"  # a partition a letter: no single one takes every write


def _item(film: Film, word: str) -> WordItem:
    return WordItem(
        pk=film_key(film.id),
        sk=f"{_WORD}{word}",
        shelf=_shelf(word),
        title_key=f"{word}{_END}{film.id}",
        revision=film.revision,
    )


def store(before: Film | None, after: Film, write: Callable[[], bool]) -> bool:
    """Run `write`, which stores `after` in the place of `before`, with the words of both looked after.

    Returns:
        What `write` returned: whether `after` was stored.
    """
    if before and (before.title, before.description) == (after.title, after.description):
        return write()
    with WordItem.batch_write() as batch:
        for word in _words(after):
            batch.save(_item(after, word))
    written = write()
    if before and written:
        drop(after, set(_words(before)) - set(_words(after)))
    return written


def drop(film: Film, left: Iterable[str]) -> None:
    """Remove words that the film's text has no more, unless a later text has put them anew."""
    not_newer = WordItem.revision <= film.revision
    for item in (_item(film, word) for word in left):
        writing.attempt(functools.partial(item.delete, condition=not_newer))


def differences(film: Film) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words of the film's text that do not lead to it, and those that do and are not in its text."""
    stored = WordItem.query(film_key(film.id), WordItem.sk.startswith(_WORD), consistent_read=True)
    found, wanted = {item.sk.removeprefix(_WORD) for item in stored}, set(_words(film))
    return tuple(sorted(wanted - found)), tuple(sorted(found - wanted))


def put_missing(film: Film, missing: Iterable[str]) -> None:
    """Put words that do not lead to the film yet; one that a later text has put meanwhile stays that text's."""
    new = WordItem.pk.does_not_exist()
    for item in (_item(film, word) for word in missing):
        writing.attempt(functools.partial(item.save, condition=new))


def films_with(beginning: str, most: int) -> list[int] | None:
    """Return the ids of the films that have, or lately had, a word that begins so; None: over `most` such words."""
    begins = WordItem.title_key.startswith(beginning)
    found = list(WordItem.by_word.query(_shelf(beginning), begins, limit=most + 1))
    if len(found) > most:
        return None
    return list(dict.fromkeys(int(item.title_key.partition(_END)[2]) for item in found))
