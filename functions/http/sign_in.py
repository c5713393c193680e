"""Logging in and out, and staying in."""

from functions import settings, wiring
from functions.errors import InvalidInputError, UnauthenticatedError
from functions.http import cookies, identity
from functions.http.call import Answer, Call
from functions.http.routing import Routes

routes = Routes()

_LOGGED_OUT = "Logout successful! All tokens will be deleted. Refresh token is now invalid."
_NO_COOKIE = {"errors": {cookies.REFRESH: ["Refresh token cookie missing."]}}


@routes.on("POST", "/api/login")
def login(call: Call) -> Answer:
    """Log in with `email` and `password`."""
    fields = call.fields()
    email, password = fields.get("email"), fields.get("password")
    if not isinstance(email, str) or not isinstance(password, str):
        raise InvalidInputError("Invalid credentials.")
    person, tokens = wiring.signing_in.log_in(email, password, call.client_ip)
    call.facts["person_id"] = person.id
    user = {"id": person.id, "username": person.email}
    return Answer({"detail": "Login successful", "user": user}, cookies=cookies.of(tokens, settings.current()))


@routes.on("POST", "/api/logout")
def logout(call: Call) -> Answer:
    """End the session of the tokens that were sent, whichever of them are still good, and take the cookies back."""
    refresh = _refresh_cookie(call)
    wiring.tokens.revoke(access=identity.access_token(call), refresh=refresh)
    cleared = cookies.cleared(settings.current())
    if not refresh:
        return Answer(_NO_COOKIE, 400, cookies=cleared)
    return Answer({"detail": _LOGGED_OUT}, cookies=cleared)


@routes.on("POST", "/api/token/refresh")
def refresh(call: Call) -> Answer:
    """Exchange the refresh token for new tokens."""
    token = _refresh_cookie(call)
    if not token:
        return Answer(_NO_COOKIE, 400)
    try:
        tokens = wiring.tokens.exchange(token)
    except UnauthenticatedError:
        # the cookies stay: another tab may have got better ones by now, and this answer would take them away
        raise UnauthenticatedError({cookies.REFRESH: ["Invalid refresh token."]}) from None
    answer = {"detail": "Token refreshed", "access": tokens.access}
    return Answer(answer, cookies=cookies.of(tokens, settings.current()))


def _refresh_cookie(call: Call) -> str:
    return call.cookies.get(cookies.REFRESH, "").strip()
