"""A film's end, good or bad, is told to its owner: once a version, however often it is told here.

That it is to be told is noted in the write that ends the film (`work`), and forgotten when the mail is queued. So the
owner is told also if the queue of mails is away at that moment: the last step tries again, and if that does not help,
or everything stops there, `sweep` sees to it.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from functions import log
from functions.accounts import people
from functions.catalogue import clock, notes, store, work
from functions.catalogue.film import Failure, Film, State
from functions.mail import outbox
from functions.mail.kinds import MailKind
from functions.transcoding.troubles import PassingError

if TYPE_CHECKING:
    from functions.transcoding.troubles import RefusedError

_NOT_QUEUED: Final = (BotoCoreError, ClientError, PynamoDBException)

_OURS: Final = frozenset({"worker_lost", "never_started", "audit_failed", "took_too_long"})
"""Codes that say nothing against the file: an operator shall hear of these films (infra/engine.yaml, `FilmsFail`)."""


def fail(film_id: int, version: str, why: RefusedError | Failure, *, execution: str | None = None) -> bool:
    """End a film with a reason and tell its owner, now or, where the queue of mails is away, later.

    Args:
        film_id: Which film.
        version: Which version.
        why: The reason.
        execution: Who has it, if anybody.

    Returns:
        False: the film is not this caller's to fail, and nothing happened.
    """
    failure = why if isinstance(why, Failure) else Failure(code=why.code, message=why.sentence, step=why.step)
    if not work.fail(film_id, version, failure, execution=execution, telling=True):
        return False
    ours = failure.code in _OURS
    tell = log.error if ours else log.warning  # an alarm counts it, whatever the level of the log
    tell("film_failed", film_id=film_id, version=version, code=failure.code, step=failure.step, ours=ours)
    with contextlib.suppress(PassingError):  # it stays noted
        of_end(film_id)
    return True


def of_end(film_id: int) -> None:
    """Tell the owner how a film has ended, if that is noted still.

    Raises:
        PassingError: the queue of mails does not answer.
    """
    noted_until = clock.now().timestamp() + notes.TELLING_SECONDS
    try:
        if notes.stands(film_id, notes.TELLING):
            _tell(film_id)
            notes.forget(film_id, notes.TELLING, until=noted_until)
    except _NOT_QUEUED as error:
        log.exception("owner_not_told", film_id=film_id)
        raise PassingError("the mail was not queued") from error


def sweep() -> None:
    """Tell of the ends that could not be told of when they happened."""
    notes.see_to(notes.TELLING, _tell)


def _tell(film_id: int) -> None:
    film = store.get(film_id)
    if film and film.state is State.READY:
        _mail(MailKind.VIDEO_READY, film, {"title": film.title})
    elif film and film.state is State.FAILED and film.failure:
        _mail(MailKind.VIDEO_FAILED, film, {"title": film.title, "reason": film.failure.message})


def _mail(kind: MailKind, film: Film, context: dict[str, str]) -> None:
    owner = people.get(film.owner_id)
    if owner:
        # the key makes it one mail a version and end, however often it is queued
        outbox.send(kind, to=owner.email, key=f"film-{film.id}-{film.version}-{kind}", context=context)
