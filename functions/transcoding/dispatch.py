"""Executions of the state machine: started for films that wait, as far as there is room, each exactly once.

The API starts films too, so nothing of the transcoder proper is imported here.
"""

from __future__ import annotations

import json
from typing import Any, Final

from botocore.exceptions import ClientError

from functions import aws, log
from functions.catalogue import layout, slots, store, wishes, work
from functions.catalogue.film import Failure, Film, State
from functions.settings import current

NOT_STARTED: Final = Failure(
    code="not_started", message="This film was uploaded without being encoded. Start it when you like.", step="queue"
)
"""What stands for an execution where the uploader wanted none: the film is finished until somebody starts it."""

RUNNING: Final = "RUNNING"

_DRAWN_AGAIN: Final = 9
"""Times that one and the same wish is tried again; whoever goes on chooses another place."""


def begin(film_id: int, version: str) -> None:
    """Start a film if there is room, else leave it in the queue. Doing it twice is harmless."""
    film = store.get(film_id)
    if film and film.version == version and film.state is State.QUEUED and film.execution is None:
        _admit(film)


def fill() -> None:
    """Start the films that wait, longest waiting first, as far as there is room."""
    for film in work.waiting():
        if not _admit(film):
            return


def ended(execution: str) -> None:
    """Give the room of an execution that is over to whoever waits."""
    slots.give_back(execution)
    fill()


def tidy() -> None:
    """Take their room from executions that no film needs any more: they ended without a word, or were superseded."""
    for execution in slots.taken():
        film = store.get(work.film_of(execution))
        if film and _is_next(film, execution):
            _admit(film)  # whoever took the room is about to start the film, or died; one of us starts it
        elif film is None or film.execution != execution or film.state.finished:
            slots.give_back(execution)


def _is_next(film: Film, execution: str) -> bool:
    waits = film.state is State.QUEUED and film.execution is None
    return waits and execution == work.execution_name(film.id, film.version, film.attempt + 1)


def _admit(film: Film) -> bool:
    """Start a film; False: there is no room."""
    execution = work.execution_name(film.id, film.version, film.attempt + 1)
    if not slots.take(execution, current().films_at_once):
        return False
    started = work.start(film.id, film.version)
    if started is None or started.execution != execution:
        return True  # somebody else started it, or it is no more; `tidy` sees to the slot if it is nobody's
    run(started)
    return True


def run(film: Film) -> None:
    """Run the execution that a film was given to; once more is never twice, for its name stays taken."""
    name = str(film.execution)
    order = {"film_id": film.id, "version": film.version, "execution": name}
    _start(name, {"task": "film", "film": order})
    log.info("execution_started", film_id=film.id, version=film.version, execution=name)


def poster(film: Film) -> None:
    """Have the poster made that a film's owner wishes for, unless viewers see it already or see nothing yet.

    Asked for again, it is drawn again where an execution ended without it, not while one is at it.
    """
    if film.published_version is None or film.thumbnail == layout.thumbnail_name(film.poster_at):
        return
    wish = f"poster-{film.id}-{film.published_version}-{film.revision}"  # the same place may be chosen again later
    for name in (wish, *(f"{wish}-{again}" for again in range(1, _DRAWN_AGAIN + 1))):
        known = status(name)
        if known == RUNNING:
            return
        if known is None:
            _draw(film, name)
            return


def _draw(film: Film, name: str) -> None:
    order = {"film_id": film.id, "version": film.published_version, "execution": name}
    wishes.expect(film.id)
    _start(name, {"task": "poster", "film": order, "seconds": film.poster_at})


def _start(name: str, order: dict[str, Any]) -> None:
    try:
        aws.stepfunctions().start_execution(
            stateMachineArn=current().transcode_machine, name=name, input=json.dumps(order)
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
            raise


def status(execution: str) -> str | None:
    """Return an execution's status, e.g. `RUNNING`; None: there is none of that name (any more)."""
    arn = current().transcode_machine.replace(":stateMachine:", ":execution:") + f":{execution}"
    try:
        return str(aws.stepfunctions().describe_execution(executionArn=arn)["status"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
            raise
        return None
