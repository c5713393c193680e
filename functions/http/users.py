"""People, as staff sees them (contract, section 4)."""

from __future__ import annotations

from functions import wiring
from functions.errors import ForbiddenError
from functions.http import parameters, staff
from functions.http.call import Answer, Call
from functions.http.form import Form
from functions.http.routing import Routes

routes = Routes()

_MISSING = "There is no such account."
_MOST = 100  # people in one answer


@routes.on("GET", "/api/users")
def list_people(call: Call) -> Answer:
    """List the people whose address begins with `q`: a bare array by address, at most 100."""
    staff.member(call)
    most = parameters.count("limit", call.query.get("limit"), most=_MOST)
    found = wiring.directory.find(call.query.get("q", ""), most)
    return Answer([wiring.personal_data.describe(person) for person in found])


@routes.on("PATCH", "/api/users/{user_id}")
def change_person(call: Call, user_id: str) -> Answer:
    """Let somebody in again, or out: then their sessions end at this moment. Answers the person."""
    caller = staff.member(call)
    person_id = parameters.identifier(user_id, _MISSING)
    form = Form(call.fields())
    is_active = form.switch("is_active")
    if is_active is None and form.is_right("is_active"):
        form.wrong("is_active", "Give true or false.")
    form.check()
    if person_id == caller.id and not is_active:
        raise ForbiddenError("You cannot deactivate your own account.")
    return Answer(wiring.personal_data.describe(wiring.people.set_active(person_id, is_active=bool(is_active))))
