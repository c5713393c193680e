"""The message that asks for a film to be encoded."""

from functions import aws
from functions.settings import current


def put(film_id: int, version: str) -> None:
    """Ask for a version of a film to be encoded. Asking twice is harmless: one worker gets it."""
    aws.enqueue(current().transcode_queue, {"film_id": film_id, "version": version})
