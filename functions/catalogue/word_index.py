"""Which films have a word that begins so: items that lead to films, and are only a hint.

A text may have more words than a transaction holds, so they are not written in the film's own. Instead a film is
never without an item for each of its words: they are put before its text is stored, those that it lost go after, and
whoever searches looks at the film itself.
"""

from collections.abc import Callable
from typing import Final

from pynamodb.exceptions import DeleteError

from functions.catalogue import words
from functions.catalogue.film import Film
from functions.catalogue.items import WordItem, film_key

_END: Final = "\x1f"  # sorts before anything in a word


def _words(film: Film) -> list[str]:
    return words.of_film(film.title, film.description)


def _shelf(word: str) -> str:
    return f"words#{word[0]}"  # a partition a letter: no single one takes every write


def _item(film: Film, word: str) -> WordItem:
    return WordItem(
        pk=film_key(film.id),
        sk=f"word#{word}",
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
        _drop(before, after)
    return written


def _drop(before: Film, after: Film) -> None:
    """Remove the words that the text has no more, unless a later text has put them anew."""
    for word in set(_words(before)) - set(_words(after)):
        try:
            _item(before, word).delete(condition=WordItem.revision <= after.revision)
        except DeleteError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise


def films_with(beginning: str) -> list[int]:
    """Return the ids of the films that have, or lately had, a word that begins so."""
    found = WordItem.by_word.query(_shelf(beginning), WordItem.title_key.startswith(beginning))
    return list(dict.fromkeys(int(item.title_key.partition(_END)[2]) for item in found))
