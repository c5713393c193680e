"""A film's end, good or bad, is told to its owner: once a version, however often it is told here."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError

from functions import log
from functions.accounts import people
from functions.catalogue import store, work
from functions.catalogue.film import Failure, Film
from functions.mail import outbox
from functions.mail.kinds import MailKind
from functions.transcoding.troubles import PassingError, RefusedError


def fail(film_id: int, version: str, why: RefusedError | Failure, *, execution: str | None = None) -> bool:
    """End a film with a reason and tell its owner.

    Args:
        film_id: Which film.
        version: Which version.
        why: The reason.
        execution: Who has it, if anybody.

    Returns:
        False: the film is not this caller's to fail, and nothing happened.
    """
    failure = why if isinstance(why, Failure) else Failure(code=why.code, message=why.sentence, step=why.step)
    if not work.fail(film_id, version, failure, execution=execution):
        return False
    log.warning("film_failed", film_id=film_id, version=version, code=failure.code, step=failure.step)
    film = store.get(film_id)
    if film:
        try:
            _mail(MailKind.VIDEO_FAILED, film, version, {"title": film.title, "reason": failure.message})
        except Exception:  # noqa: BLE001 - the film has ended, and whoever tries again finds nothing to fail any more
            log.exception("mail_not_queued", film_id=film.id, kind=str(MailKind.VIDEO_FAILED))
    return True


def ready(film: Film) -> None:
    """Tell the owner that a film plays. Telling again is telling once: the mail's key is the film's version.

    Raises:
        PassingError: the queue of mails does not answer.
    """
    try:
        _mail(MailKind.VIDEO_READY, film, film.version, {"title": film.title})
    except (BotoCoreError, ClientError) as error:
        raise PassingError("the mail was not queued") from error


def _mail(kind: MailKind, film: Film, version: str, context: dict[str, str]) -> None:
    owner = people.get(film.owner_id)
    if owner:
        outbox.send(kind, to=owner.email, key=f"film-{film.id}-{version}-{kind}", context=context)
