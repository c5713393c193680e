"""Whatever is sent, no account call answers with a 500, and every refusal has the contract's shape."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.accounts.browser import EMAIL, PASSWORD
from tests.unit.moto_in_one_piece import Tables

CALLS = [
    ("POST", "/api/register/", ("email", "password", "confirmed_password")),
    ("POST", "/api/login/", ("email", "password")),
    ("POST", "/api/logout/", ()),
    ("POST", "/api/token/refresh/", ()),
    ("POST", "/api/activate/resend/", ("email",)),
    ("POST", "/api/password_reset/", ("email",)),
    ("POST", "/api/password_confirm/MQ/token/", ("new_password", "confirm_password")),
    ("POST", "/api/password_change/", ("current_password", "new_password", "confirm_password")),
    ("DELETE", "/api/account/", ("password",)),
]

texts = st.one_of(
    st.text(max_size=40),
    st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=20),  # lone surrogates, controls
    st.sampled_from(["", " ", "\0", EMAIL, PASSWORD, "a" * 151 + "@example.com", "🎬" * 64, "x" * 10_240]),
    st.emails(),
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))

many = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def unlimited(viewer):
    """Return a browser that has just logged in for each example, so that no limit hides what is behind it."""
    just_now = Tables.now()

    def browser():
        just_now.put_back()
        return viewer.copy()

    return browser


def check(answer):
    assert answer.status_code in (200, 201, 400, 401, 415)
    body = answer.json_body
    if answer.status_code >= 400:
        assert set(body) == {"errors"}
        assert all(isinstance(text, str) for texts in body["errors"].values() for text in texts)


@pytest.mark.parametrize(("method", "path", "fields"), CALLS)
@many
@given(data=st.data())
def test_asvs_2_2_1_every_wrong_type_in_every_field(unlimited, method, path, fields, data):
    body = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys((*fields, "extra"), values)))
    check(unlimited().send(method, path, body))


@pytest.mark.parametrize(("method", "path", "fields"), CALLS)
@many
@given(body=values)
def test_asvs_2_2_1_every_body_that_is_no_object(unlimited, method, path, fields, body):
    check(unlimited().send(method, path, body))


@pytest.mark.parametrize("call", CALLS)
@many
@given(
    body=st.one_of(
        st.binary(max_size=60), st.sampled_from([b"{", b"[" * 100_000, b'{"a":' + b"9" * 5000 + b"}", b"\xff"])
    ),
    kind=st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/plain", "", ";"]),
)
def test_asvs_2_2_1_every_body_of_bytes(unlimited, call, body, kind):
    check(unlimited().call(*call[:2], body, {"Content-Type": kind}))


@many
@given(cookie=st.text(alphabet=st.characters(max_codepoint=0xFF), max_size=60))
def test_every_cookie(demo, cookie):
    for path in ("/api/logout/", "/api/token/refresh/"):
        check(demo.call("POST", path, headers={"Cookie": f"refresh_token={cookie}; access_token={cookie}"}))
    check(demo.get("/api/account/", Cookie=f"access_token={cookie}"))
    check(demo.get("/api/account/", Authorization=f"Bearer {cookie}"))


segments = st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=30).map(
    lambda text: "".join(f"%{byte:02X}" for byte in text.encode())
)


@many
@given(uid=segments, token=segments)
def test_every_link(unlimited, uid, token):
    demo = unlimited()
    answer = demo.get(f"/api/activate/{uid}/{token}/")
    assert answer.status_code in (400, 404)
    passwords = json.dumps({"new_password": PASSWORD, "confirm_password": PASSWORD}).encode()
    answer = demo.call("POST", f"/api/password_confirm/{uid}/{token}/", passwords, {"Content-Type": "application/json"})
    assert answer.status_code in (400, 404)
