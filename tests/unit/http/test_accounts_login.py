"""Logging in, as a client sees it."""

import json

import pytest
from chalice.app import Chalice
from chalice.test import Client

from functions.accounts import people, tokens
from functions.http import accounts, routing


@pytest.fixture
def client(tables):
    people.seed("demo@videoflix.local", "Demo123!")
    app = Chalice(app_name="videoflix")
    routing.mount(app, accounts.routes)
    with Client(app) as client:
        yield client


def test_the_demo_account_can_log_in(client):
    answer = client.http.post(
        "/api/login/",
        headers={"Content-Type": "application/json"},
        body=json.dumps({"email": " Demo@Videoflix.local ", "password": "Demo123!"}),
    )
    assert answer.status_code == 200
    assert answer.json_body == {
        "detail": "Login successful",
        "user": {"id": 1, "username": "demo@videoflix.local"},
    }
    cookies = answer.headers["Set-Cookie"]
    access = cookies[0].partition(";")[0].partition("=")[2]
    assert tokens.authenticate(access) == people.get(1)
