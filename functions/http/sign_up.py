"""Registering, and the link that activates an account."""

from functions import settings, wiring
from functions.http import pages
from functions.http.call import Answer, Call
from functions.http.form import Form
from functions.http.routing import Routes

routes = Routes()

_RESENT = "If this email waits for activation, an activation link has been sent."
_ACTIVATED = "Account successfully activated."
_NOT_ACTIVATED = "Invalid or expired activation link."
_REGISTERED_PER_MINUTE = 60


@routes.on("POST", "/api/register")
def register(call: Call) -> Answer:
    """Register `email` with `password` (and `confirmed_password`), and mail the activation link."""
    wiring.limits.hit("register", wiring.limits.network(call.client_ip), _REGISTERED_PER_MINUTE)
    form = Form(call.fields())
    email = _free_address(form)
    password = form.text("password", missing="Password is required.", rules=wiring.password_rules.broken)
    form.text("confirmed_password", missing="confirmed_password is required.")
    form.same("confirmed_password", "password")
    form.check()
    person, token = wiring.registration.register(email, password)
    call.facts["person_id"] = person.id
    body: dict[str, object] = {"user": {"id": person.id, "email": person.email}}
    if settings.current().expose_activation_token:
        body |= {"uidb64": wiring.links.encode_uid(person.id), "token": token}
    return Answer(body, 201)


@routes.on("GET", "/api/activate/{uidb64}/{token}")
def activate(call: Call, uidb64: str, token: str) -> Answer:
    """Activate the account that a mailed link belongs to: JSON for programs, a page for browsers."""
    done = wiring.registration.activate(uidb64, token, call.client_ip)
    status = 200 if done else 400
    if pages.wanted(call):
        return pages.message(_ACTIVATED if done else _NOT_ACTIVATED, status)
    return Answer({"message": _ACTIVATED} if done else {"errors": [_NOT_ACTIVATED]}, status)


@routes.on("POST", "/api/activate/resend")
def resend(call: Call) -> Answer:
    """Mail the activation link again. The answer is the same whether or not anybody waits for one."""
    form = Form(call.fields())
    email = form.text("email", missing="Email is required.")
    form.check()
    wiring.registration.resend(email, call.client_ip)
    return Answer({"detail": _RESENT})


def _free_address(form: Form) -> str:
    """Return the normalised address of the form's `email`, and note there what is wrong with it."""
    text = form.text("email", missing="Email is required.")
    address = wiring.addresses.normalise(text)
    if form.is_right("email") and address is None:
        form.wrong("email", "Enter a valid email address.")
    if address is not None and wiring.people.is_taken(address):
        form.wrong("email", wiring.people.TAKEN)
    return address or ""
