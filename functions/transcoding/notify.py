"""A film's end, good or bad, is told to its owner: once a version, however often it is told here."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from functions import log
from functions.accounts import people
from functions.catalogue import store, work
from functions.catalogue.film import Failure, Film
from functions.mail import outbox
from functions.mail.kinds import MailKind
from functions.transcoding.troubles import PassingError, RefusedError


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
