"""A film's end, good or bad, is told to its owner: once a version, however often it is told here."""

from __future__ import annotations

from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from functions import log
from functions.accounts import people
from functions.catalogue import notes, store, work
from functions.catalogue.film import Failure, Film, State
from functions.mail import outbox
from functions.mail.kinds import MailKind
from functions.transcoding.troubles import PassingError, RefusedError

_AGAIN_IN: Final = 60
"""Seconds after which an owner is told who could not be told at once."""


def fail(film_id: int, version: str, why: RefusedError | Failure, *, execution: str | None = None) -> bool:
    """End a film with a reason and tell its owner. Doing it again is telling again, which is telling once.

    Args:
        film_id: Which film.
        version: Which version.
        why: The reason.
        execution: Who has it, if anybody.

    Returns:
        False: the film is not this caller's to fail, and nothing happened.

    Raises:
        PassingError: the film has failed, and the queue of mails does not answer.
    """
    failure = why if isinstance(why, Failure) else Failure(code=why.code, message=why.sentence, step=why.step)
    if not work.fail(film_id, version, failure, execution=execution):
        return False
    log.warning("film_failed", film_id=film_id, version=version, code=failure.code, step=failure.step)
    film = store.get(film_id)
    if film and film.version == version:
        failed(film, failure)
    return True


def fail_abandoned(film: Film, why: Failure) -> None:
    """End a film that nobody works on, and tell its owner, now or in a minute.

    A step that could not tell is tried again; who finds an abandoned film does not find it once more when it has
    failed. So the telling is noted first.

    Raises:
        PassingError: the film has failed, and the queue of mails does not answer; `sweep` tells later.
    """
    at = notes.write(film.id, notes.TELLING, within=_AGAIN_IN)
    fail(film.id, film.version, why)
    notes.forget(film.id, notes.TELLING, until=at)


def sweep() -> None:
    """Tell of the failures that could not be told of when they happened."""
    notes.see_to(notes.TELLING, _tell)


def _tell(film_id: int) -> None:
    film = store.get(film_id)
    if film and film.failure and film.state is State.FAILED:
        failed(film, film.failure)


def failed(film: Film, why: Failure) -> None:
    """Tell the owner that a film could not be made. Telling again is telling once.

    Raises:
        PassingError: the queue of mails does not answer.
    """
    _mail(MailKind.VIDEO_FAILED, film, {"title": film.title, "reason": why.message})


def ready(film: Film) -> None:
    """Tell the owner that a film plays. Telling again is telling once.

    Raises:
        PassingError: the queue of mails does not answer.
    """
    _mail(MailKind.VIDEO_READY, film, {"title": film.title})


def _mail(kind: MailKind, film: Film, context: dict[str, str]) -> None:
    try:
        owner = people.get(film.owner_id)
        if owner:
            # the key makes it one mail a version and end, however often it is queued
            outbox.send(kind, to=owner.email, key=f"film-{film.id}-{film.version}-{kind}", context=context)
    except (BotoCoreError, ClientError, PynamoDBException) as error:
        raise PassingError("the mail was not queued") from error
