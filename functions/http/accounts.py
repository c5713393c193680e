"""The account calls."""

from functions import accounts, settings
from functions.errors import InvalidInputError
from functions.http import cookies
from functions.http.call import Answer, Call
from functions.http.routing import Routes

routes = Routes()


@routes.on("POST", "/api/login")
def login(call: Call) -> Answer:
    """Log in with `email` and `password`."""
    fields = call.fields()
    email, password = fields.get("email"), fields.get("password")
    if not isinstance(email, str) or not isinstance(password, str):
        raise InvalidInputError("Invalid credentials.")
    person, tokens = accounts.signing_in.log_in(email, password)
    user = {"id": person.id, "username": person.email}
    return Answer({"detail": "Login successful", "user": user}, cookies=cookies.of(tokens, settings.current()))
