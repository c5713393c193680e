"""One's own account: seen, taken away, deleted."""

import gzip

from functions import settings, wiring
from functions.http import cookies, files, identity
from functions.http.call import JSON, Answer, Call, to_json
from functions.http.form import Form
from functions.http.routing import Routes
from functions.times import utc

routes = Routes()


@routes.on("GET", "/api/account")
def account(call: Call) -> Answer:
    """Show who is calling."""
    return Answer(wiring.personal_data.describe(identity.caller(call)))


@routes.on("GET", "/api/account/export")
def export(call: Call) -> Answer:
    """Return everything that is kept about the caller, as a file to save."""
    person = identity.caller(call)
    kept = wiring.personal_data.export(person.id) | {"films": _films(person.id), "positions": _positions(person.id)}
    text = to_json(kept)
    headers = {
        "Content-Disposition": 'attachment; filename="videoflix-account.json"',
        "Content-Type": JSON,
        "Vary": "Origin, Accept-Encoding",
    }
    if not files.takes_gzip(call):
        return Answer(text, headers=headers)
    # a Lambda's answer has 6 MB: compressed, the texts of thousands of films
    return Answer(gzip.compress(text.encode()), headers=headers | {"Content-Encoding": "gzip"})


@routes.on("DELETE", "/api/account")
def delete(call: Call) -> Answer:
    """Delete the caller's account, films and all, after their `password` was given again."""
    person = identity.caller(call)
    form = Form(call.fields())
    password = form.text("password", missing="Password is required.")
    form.check()
    wiring.recovery.prove(person.id, password, field="password")
    # The sessions first, so that nothing new is uploaded meanwhile; the person last, so that whoever is told of an
    # error can log in and do it again. Of thousands of films each try gets further.
    wiring.people.end_sessions(person.id)
    wiring.deletion.look_again(person.id)
    wiring.deletion.forget_person(person.id)
    wiring.personal_data.delete(person.id)
    return Answer({"detail": "Account deleted."}, cookies=cookies.cleared(settings.current()))


def _films(owner_id: int) -> list[dict[str, object]]:
    found = wiring.store.get_all(film.id for film in wiring.queries.owned_by(owner_id))
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
        for position in wiring.positions.of_viewer(viewer_id)
    ]
