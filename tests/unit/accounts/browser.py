"""A browser, or a script, at one network address: it keeps cookies as a browser does and calls app.py's routes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from chalice.local import LambdaEventConverter
from chalice.test import Client, HTTPResponse

from tests import described
from tests.queues import taken

EMAIL, PASSWORD = "demo@videoflix.local", "Demo123!"
NEW_PASSWORD = "another horse, better staple"


@dataclass
class Browser:
    client: Client
    ip: str = "192.0.2.1"
    cookies: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> HTTPResponse:
        sent = {"Accept": "*/*", **(headers or {})}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        LambdaEventConverter.LOCAL_SOURCE_IP = self.ip
        answer = self.client.http.request(method, path, headers=sent, body=body)
        assert answer.status_code < 500, answer.body
        described.check(method, path, sent, body, answer)
        self._keep(answer)
        return answer

    def get(self, path: str, **headers: str) -> HTTPResponse:
        return self.call("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, value: object = None, **headers: str) -> HTTPResponse:
        return self.send("POST", path, value, **headers)

    def send(self, method: str, path: str, value: object = None, **headers: str) -> HTTPResponse:
        body = b"" if value is None else json.dumps(value).encode()
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.call(method, path, body, {"Content-Type": "application/json", **named})

    def post_form(self, path: str, **fields: str) -> HTTPResponse:
        return self.call(
            "POST", path, urlencode(fields).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
        )

    def log_in(self, email: str = EMAIL, password: str = PASSWORD) -> HTTPResponse:
        return self.post("/api/login/", {"email": email, "password": password})

    def refresh(self) -> HTTPResponse:
        return self.post("/api/token/refresh/")

    def is_logged_in(self) -> bool:
        return self.get("/api/account/").status_code == 200

    def register(self, email: str = "new@example.com", password: str = NEW_PASSWORD) -> HTTPResponse:
        return self.post(
            "/api/register/",
            {"email": email, "password": password, "confirmed_password": password, "privacy_policy": "on"},
        )

    def reset_link(self, email: str = EMAIL) -> tuple[str, str]:
        """Ask for a reset and return the uid and the token of the mailed link."""
        assert self.post("/api/password_reset/", {"email": email}).status_code == 200
        return uid_and_token(mails()[-1])

    def confirm(self, uid: str, token: str, password: str = NEW_PASSWORD) -> HTTPResponse:
        passwords = {"new_password": password, "confirm_password": password}
        return self.post(f"/api/password_confirm/{uid}/{token}/", passwords)

    def at(self, ip: str) -> "Browser":
        """Another browser without cookies, elsewhere."""
        return Browser(self.client, ip)

    def copy(self) -> "Browser":
        """Another tab, or whoever copied the cookies."""
        return Browser(self.client, self.ip, dict(self.cookies))

    def _keep(self, answer: HTTPResponse) -> None:
        for line in set_cookies(answer):
            for name, morsel in SimpleCookie(line).items():
                self.cookies.pop(name, None)
                if morsel["max-age"] != "0":
                    self.cookies[name] = morsel.value


def set_cookies(answer: HTTPResponse) -> list[str]:
    found = answer.headers.get("Set-Cookie", [])
    return [found] if isinstance(found, str) else list(found)


def errors(answer: HTTPResponse) -> object:
    return answer.json_body["errors"]


def mails() -> list[dict]:
    """What waits on the mail queue, in order."""
    _seen.extend(taken("videoflix-local-mail"))
    return list(_seen)


_seen: list[dict] = []


def forget_mails() -> None:
    _seen.clear()


def uid_and_token(mail: dict) -> tuple[str, str]:
    query = mail["context"]["link"].partition("?")[2]
    parts = dict(part.split("=", 1) for part in query.split("&"))
    return parts["uid"], parts["token"]
