"""New passwords: forgotten, or changed."""

from functions import settings, wiring
from functions.errors import DomainError
from functions.http import cookies, envelope, identity, pages
from functions.http.call import Answer, Call
from functions.http.form import Form
from functions.http.routing import Routes

routes = Routes()

_REQUESTED = "If this email exists, a password reset link has been sent."
_UPDATED = "Password updated."


@routes.on("POST", "/api/password_reset")
def password_reset(call: Call) -> Answer:
    """Mail a link that sets a new password. The answer is the same whether or not the address is known."""
    form = Form(call.fields())
    email = form.text("email", missing="Email is required.")
    form.check()
    wiring.recovery.request_reset(email, call.client_ip)
    return Answer({"detail": _REQUESTED})


@routes.on("POST", "/api/password_confirm/{uidb64}/{token}")
def password_confirm(call: Call, uidb64: str, token: str) -> Answer:
    """Set `new_password` (and `confirm_password`) by a mailed link: JSON for programs, a page for the form below."""
    try:
        wiring.recovery.confirm_reset(uidb64, token, _new_password(Form(call.fields())))
    except DomainError as error:
        if not pages.wanted(call):
            raise
        return pages.password_form(envelope.sentences(error), 400)
    if pages.wanted(call):
        return pages.message(_UPDATED, 200)
    return Answer({"detail": _UPDATED})


@routes.on("GET", "/api/password_confirm/{uidb64}/{token}")
def password_form(_call: Call, uidb64: str, token: str) -> Answer:  # noqa: ARG001 - the form posts to its own address
    """Show a form that sets a new password: the page that mails point at where there is no frontend."""
    return pages.password_form([], 200)


@routes.on("POST", "/api/password_change")
def password_change(call: Call) -> Answer:
    """Set `new_password` (and `confirm_password`) by giving `current_password`; every session ends, this one too."""
    person = identity.caller(call)
    form = Form(call.fields())
    current = form.text("current_password", missing="Current password is required.")
    wiring.recovery.change(person.id, current, _new_password(form))
    return Answer({"detail": _UPDATED}, cookies=cookies.cleared(settings.current()))


def _new_password(form: Form) -> str:
    password = form.text("new_password", missing="Password is required.", rules=wiring.password_rules.broken)
    form.text("confirm_password", missing="confirm_password is required.")
    form.same("confirm_password", "new_password")
    form.check()
    return password
