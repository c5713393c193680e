"""An account's life through the deployed API: real gateway, real roles, real mails."""

import concurrent.futures
import json
from typing import Any

from tests.mails import link
from tests.stack import Client, Stack, eventually

PASSWORD = "a horse, a battery, a staple"
RESET_PASSWORD = "another horse entirely"


def _register(client: Client, email: str) -> Any:
    body = {"email": email, "password": PASSWORD, "confirmed_password": PASSWORD, "privacy_policy": "on"}
    return client.post("/api/register/", body)


def _mail(stack: Stack, to: str, subject: str) -> dict[str, str]:
    """Wait for the mail; there must be exactly one of this subject."""

    def look() -> dict[str, str] | None:
        mails = json.loads(stack.manage("mails", "--to", to, "--json"))
        found = [mail for mail in mails if mail["subject"] == subject]
        assert len(found) <= 1, "a mail is never sent twice"
        return found[0] if found else None

    return eventually(look, timeout=60)


def test_register_mail_activate_login_and_logout(stack: Stack) -> None:
    email = "ada@example.com"
    client = stack.client()
    assert _register(client, email).status == 201
    assert client.post("/api/login/", {"email": email, "password": PASSWORD}).status == 403
    mail = _mail(stack, email, "Activate your Videoflix account")
    uid, token = link(mail["text"], "/pages/auth/activate.html")
    activated = client.get(f"/api/activate/{uid}/{token}/")
    assert activated.json() == {"message": "Account successfully activated."}
    assert client.post("/api/login/", {"email": email, "password": PASSWORD}).status == 200
    assert {"access_token", "refresh_token", "csrftoken"} <= {cookie.name for cookie in client.jar}
    assert client.get("/api/account/").json()["email"] == email
    stolen = next(cookie.value for cookie in client.jar if cookie.name == "access_token")
    assert client.post("/api/token/refresh/", None).status == 200
    assert client.post("/api/logout/", {}).status == 200
    answer = stack.client().call("GET", "/api/video/", headers={"Authorization": f"Bearer {stolen}"})
    assert answer.status == 401, "logging out ends the access token too"


def test_a_forgotten_password_is_replaced_once_and_every_session_ends(stack: Stack) -> None:
    email = "grace@example.com"
    client = stack.client()
    registered = _register(client, email).json()
    client.get(f"/api/activate/{registered['uidb64']}/{registered['token']}/")
    assert client.post("/api/login/", {"email": email, "password": PASSWORD}).status == 200
    asked = stack.client().post("/api/password_reset/", {"email": email})
    unknown = stack.client().post("/api/password_reset/", {"email": "nobody.at.all@example.com"})
    assert (asked.status, asked.body) == (unknown.status, unknown.body)
    mail = _mail(stack, email, "Reset your Videoflix password")
    uid, token = link(mail["text"], "/pages/auth/confirm_password.html")
    new = {"new_password": RESET_PASSWORD, "confirm_password": RESET_PASSWORD}
    path = f"/api/password_confirm/{uid}/{token}/"
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = [future.result() for future in [pool.submit(stack.client().post, path, new) for _ in range(2)]]
    assert sorted(answer.status for answer in answers) == [200, 400], "a reset link works once"
    assert client.get("/api/video/").status == 401, "whoever was in is out"
    assert stack.client().post("/api/login/", {"email": email, "password": PASSWORD}).status == 400
    assert stack.client().post("/api/login/", {"email": email, "password": RESET_PASSWORD}).status == 200


def test_exactly_one_of_eight_simultaneous_registrations_wins(stack: Stack) -> None:
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: _register(stack.client(), "one@example.com"), range(8)))
    assert sorted(answer.status for answer in answers) == [201] + [400] * 7
    for answer in answers:
        if answer.status == 400:
            assert answer.json() == {"errors": {"email": ["A user with this email already exists."]}}


def test_an_account_takes_its_data_along_when_it_is_deleted(stack: Stack) -> None:
    email = "gone@example.com"
    client = stack.client()
    registered = _register(client, email).json()
    client.get(f"/api/activate/{registered['uidb64']}/{registered['token']}/")
    client.post("/api/login/", {"email": email, "password": PASSWORD})
    assert email in client.get("/api/account/export/").body.decode()
    assert client.call("DELETE", "/api/account/", {"password": "wrong"}).status == 400
    assert client.call("DELETE", "/api/account/", {"password": PASSWORD}).status == 200
    assert client.get("/api/account/").status == 401
    assert _register(stack.client(), email).status == 201, "the address is free again"


def test_a_foreign_page_cannot_act_for_somebody(stack: Stack) -> None:
    client = stack.demo()
    answer = client.call("POST", "/api/logout/", {}, {"Origin": "https://evil.example"})
    assert answer.status == 403
    assert client.get("/api/account/").status == 200
