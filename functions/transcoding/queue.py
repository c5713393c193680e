"""The message that asks for a film to be encoded."""

from typing import Final

from functions import aws
from functions.catalogue.film import Failure
from functions.settings import current

NOT_STARTED: Final = Failure(
    code="not_started", message="This film was uploaded without being encoded. Start it when you like.", step="queue"
)
"""What stands for a message where the uploader wanted none: the film is finished until somebody starts it."""


def put(film_id: int, version: str) -> None:
    """Ask for a version of a film to be encoded. Asking twice is harmless: one worker gets it."""
    aws.enqueue(current().transcode_queue, {"film_id": film_id, "version": version})
