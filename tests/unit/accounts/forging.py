"""Tokens made by somebody who has, or has not, our key; and the keys themselves, as they are kept."""

import json

import jwt

from tests.unit import clients

SECRET = "unit-test-" * 5


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


def forged(token, *, key=SECRET, algorithm="HS256", headers=None, drop=(), **changes):
    """The same token with some claims changed, signed again."""
    claims = {name: value for name, value in (claims_of(token) | changes).items() if name not in drop}
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": "initial", **(headers or {})})


def knocks(viewer, token):
    """The status that a call with this access token gets."""
    return viewer.at("192.0.2.8").get("/api/account/", Authorization=f"Bearer {token}").status_code


def secret():
    return json.loads(
        clients.client("secretsmanager").get_secret_value(SecretId="videoflix/local/token-keys")["SecretString"]
    )


def put(value):
    clients.client("secretsmanager").put_secret_value(
        SecretId="videoflix/local/token-keys", SecretString=json.dumps(value)
    )
