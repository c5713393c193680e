"""What a person may ask of us: all that is kept about them, and that it goes.

They ask for themselves, logged in, or somebody who cannot log in asks an operator.
"""

from functions.accounts import people, personal_data
from functions.catalogue import deletion, positions, queries, store
from functions.times import utc


def export(person_id: int) -> dict[str, object]:
    """Return everything that is kept about a person, as JSON-able values."""
    return personal_data.export(person_id) | {"films": _films(person_id), "positions": _positions(person_id)}


def delete(person_id: int) -> None:
    """Delete a person, films and all; the watchdog removes what is stored of the films. Doing it twice is harmless."""
    # The sessions first, so that nothing new is uploaded meanwhile; the person last, so that whoever is told of an
    # error can do it again. Of thousands of films each try gets further.
    people.end_sessions(person_id)
    deletion.look_again(person_id)
    deletion.forget_person(person_id)
    personal_data.delete(person_id)


def _films(owner_id: int) -> list[dict[str, object]]:
    found = store.get_all(film.id for film in queries.owned_by(owner_id))
    return [
        {
            "id": film.id,
            "title": film.title,
            "description": film.description,
            "category": film.category,
            "published": film.published,
            "created_at": utc(film.created_at),
            "updated_at": utc(film.updated_at),
            "source_key": film.source.key,
        }
        for film in found
    ]


def _positions(viewer_id: int) -> list[dict[str, object]]:
    return [
        {"video_id": position.film_id, "seconds": position.seconds, "watched_at": utc(position.watched_at)}
        for position in positions.of_viewer(viewer_id)
    ]
