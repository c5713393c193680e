"""One film: shown, changed, deleted (contract, section 4). Checks come in the order 401, 404, 403, 400, 429, 409."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions import wiring
from functions.errors import NotFoundError
from functions.http import films, identity, shapes
from functions.http.call import Answer, Call
from functions.http.form import Form
from functions.http.routing import Routes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from functions.catalogue.editing import Edit
    from functions.catalogue.film import Film

routes = Routes()

_POSTER = "poster_at"
_POSTERS_A_MINUTE = 20


@routes.on("GET", "/api/video/{video_id}")
def show_film(call: Call, video_id: str) -> Answer:
    """Show a film."""
    return _shown(films.visible(identity.caller(call), video_id, missing=films.MISSING))


@routes.on("PATCH", "/api/video/{video_id}")
def edit_film(call: Call, video_id: str) -> Answer:
    """Change a film's texts and its poster, publish or unpublish it; fields that are not sent stay.

    A new poster is drawn after the answer, in a second or two; until then the film shows the one it has.
    """
    person = identity.caller(call)
    film = films.changeable(person, video_id)
    fields = call.fields()
    wanted = _wanted(fields, film)
    if _POSTER in fields:  # each is drawn by a function as large as those that encode
        wiring.limits.hit("poster", str(person.id), _POSTERS_A_MINUTE)
        wiring.wishes.expect(film.id)  # before it is stored: this call may break off at any point
    changed = wiring.editing.edit(film.id, wanted)
    if changed is None:  # deleted at this moment
        raise NotFoundError(films.MISSING)
    if _POSTER in fields:
        wiring.dispatch.poster(changed)
    return _shown(changed)


@routes.on("DELETE", "/api/video/{video_id}")
def delete_film(call: Call, video_id: str) -> Answer:
    """Delete a film with everything that was made of it. Its watchers and its worker are stopped by that."""
    film = films.changeable(identity.caller(call), video_id)
    wiring.deletion.delete(film.id)
    return Answer(status=204)


def _wanted(fields: Mapping[str, object], film: Film) -> Edit:
    text, form = wiring.text, Form(fields)
    # null is a wish, too
    most = film.duration or wiring.film.MAX_SECONDS
    poster = {_POSTER: form.seconds(_POSTER, most=most)} if _POSTER in fields else {}
    wanted = wiring.editing.Edit(
        title=form.optional("title", rules=text.title_faults),
        description=form.optional("description", rules=text.description_faults),
        category=form.optional("category", rules=text.category_faults),
        published=form.switch("published"),
        **poster,
    )
    form.check()
    return wanted


def _shown(film: Film) -> Answer:
    (thumbnail,), (poster,) = wiring.thumbnails.urls([film]), wiring.thumbnails.posters([film])
    return Answer(shapes.detailed(film, thumbnail, poster))
