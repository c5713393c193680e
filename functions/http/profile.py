"""One's own account: seen, taken away, deleted."""

import gzip

from functions import settings, wiring
from functions.http import cookies, files, identity
from functions.http.call import JSON, Answer, Call, to_json
from functions.http.form import Form
from functions.http.routing import Routes

routes = Routes()


@routes.on("GET", "/api/account")
def account(call: Call) -> Answer:
    """Show who is calling."""
    return Answer(wiring.personal_data.describe(identity.caller(call)))


@routes.on("GET", "/api/account/export")
def export(call: Call) -> Answer:
    """Return everything that is kept about the caller, as a file to save."""
    person = identity.caller(call)
    text = to_json(wiring.subject_requests.export(person.id))
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
    wiring.subject_requests.delete(person.id)
    return Answer({"detail": "Account deleted."}, cookies=cookies.cleared(settings.current()))
