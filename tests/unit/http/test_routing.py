"""What every route has in common: methods, slashes, CORS, errors, request ids, bytes."""

import importlib
import json
import re
from collections import defaultdict

import pytest
from chalice.app import Chalice
from chalice.test import Client

from functions import settings
from functions.errors import DomainError, ThrottledError, UnsupportedMediaError
from functions.http import health, routing
from functions.http.call import Answer, Call
from tests.unit.http.conftest import FRONTEND, Api, Films

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
NOT_FOUND = {"errors": {"non_field_errors": ["Not found."]}}


@pytest.fixture
def app(environment) -> Chalice:
    return importlib.import_module("app").app


def gateway_event(method: str, path: str, resource: str, **headers: str) -> dict:
    """An event as API Gateway makes it; `chalice local` cannot match `{proxy+}` over several segments."""
    return {
        "httpMethod": method,
        "headers": headers or None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"proxy": path.strip("/")},
        "requestContext": {
            "httpMethod": method,
            "resourcePath": resource,
            "path": f"/live{path}",
            "requestId": "id-of-the-gateway",
            "identity": {"sourceIp": "203.0.113.9"},
        },
        "stageVariables": None,
        "body": None,
        "isBase64Encoded": False,
    }


class TestEveryRoute:
    def test_every_path_answers_every_method(self, app: Chalice) -> None:
        """API Gateway answers a method it does not know with a 403 of its own, without CORS."""
        assert {path for path, methods in app.routes.items() if set(methods) != METHODS} == set()

    def test_siblings_name_their_variable_alike(self, app: Chalice) -> None:
        """API Gateway refuses a second variable name below one parent, and with it the whole deployment."""
        names = defaultdict(set)
        for path in app.routes:
            parts = path.split("/")
            for position, part in enumerate(parts):
                if part.startswith("{"):
                    names["/".join(parts[:position])].add(part)
        assert {parent: found for parent, found in names.items() if len(found) > 1} == {}

    def test_preflight_is_answered_before_authentication(self, app: Chalice, api: Api) -> None:
        for path in app.routes:
            asked = "/nowhere" if "proxy" in path else re.sub(r"\{\w+\}", "7", path)
            answer = api.call("OPTIONS", asked, Origin=FRONTEND, Access_Control_Request_Method="GET")
            assert (answer.status_code, answer.body) == (204, b""), path
            headers = answer.headers
            assert headers["Access-Control-Allow-Origin"] == FRONTEND
            assert headers["Access-Control-Allow-Credentials"] == "true"
            assert headers["Access-Control-Max-Age"] == "86400"
            allowed = headers["Access-Control-Allow-Headers"].split(", ")
            wanted = {"content-type", "x-csrftoken", "authorization", "x-requested-with", "range"}
            assert wanted <= set(allowed)
            assert "Cache-Control" not in headers

    def test_a_method_that_nobody_serves_is_405_and_says_which_are(self, app: Chalice, api: Api) -> None:
        for path, asked in (("/api/login", "GET"), ("/api/video", "DELETE"), ("/healthz", "POST")):
            answer = api.call(asked, path)
            assert answer.status_code == 405
            assert answer.json_body == {"errors": {"non_field_errors": ["Method not allowed."]}}
            allowed = answer.headers["Allow"].split(", ")
            assert asked not in allowed
            for method in allowed:
                assert api.call(method, path).status_code != 405

    def test_a_slash_at_the_end_changes_nothing(self, api: Api, films: Films) -> None:
        """A redirect would lose the body of a POST; players ask for 000.ts without one."""
        film = films.ready()
        for path in ("/healthz", "/api/healthz", "/api", "/api/video", f"/api/video/{film.id}/480p/index.m3u8"):
            without, with_slash = api.get(path, who="other"), api.get(f"{path}/", who="other")
            assert without.status_code == with_slash.status_code == 200
            assert without.body == with_slash.body

    def test_head_is_get_without_the_body(self, api: Api, films: Films) -> None:
        film = films.ready()
        for path in ("/healthz", "/api/video/", f"/api/{film.id}/480p/index.m3u8", f"/api/video/{film.id}/status/"):
            got, head = api.get(path, who="other"), api.call("HEAD", path, who="other")
            assert (head.status_code, head.body) == (200, b"")
            different = {"X-Request-Id"}
            assert {k: v for k, v in head.headers.items() if k not in different} == {
                k: v for k, v in got.headers.items() if k not in different
            }

    def test_every_answer_says_what_it_is_and_forbids_guessing(self, api: Api) -> None:
        for path, status in (("/healthz", 200), ("/api/video/", 401), ("/nowhere", 404)):
            answer = api.get(path)
            assert answer.status_code == status
            assert answer.headers["Content-Type"] == "application/json"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["X-Request-Id"]


class TestUnknownRoutes:
    @pytest.mark.parametrize("method", sorted(METHODS - {"OPTIONS", "HEAD"}))
    @pytest.mark.parametrize("path", ["/", "/nowhere", "/api/nowhere/at/all/", "/.env"])
    def test_an_unknown_route_is_404_in_the_contracts_shape(self, app: Chalice, method: str, path: str) -> None:
        resource = "/" if path == "/" else "/{proxy+}"
        answer = app(gateway_event(method, path, resource, origin=FRONTEND), None)
        assert answer["statusCode"] == 404
        assert json.loads(answer["body"]) == NOT_FOUND
        assert answer["headers"]["Access-Control-Allow-Origin"] == FRONTEND

    def test_the_gateways_request_id_is_passed_on(self, app: Chalice) -> None:
        answer = app(gateway_event("GET", "/nowhere", "/{proxy+}"), None)
        assert answer["headers"]["X-Request-Id"] == "id-of-the-gateway"


class TestOrigins:
    @pytest.mark.parametrize(
        "foreign",
        [
            "null",
            "https://evil.example",
            f"{FRONTEND}.evil.example",
            "http://127.0.0.1:55000",
            "https://127.0.0.1:5500",
            FRONTEND.upper(),
            "*",
        ],
    )
    def test_a_foreign_origin_gets_no_cors_header_and_may_change_nothing(self, api: Api, foreign: str) -> None:
        for method, path in (("GET", "/api/video/"), ("OPTIONS", "/api/login/"), ("GET", "/nowhere")):
            headers = api.call(method, path, Origin=foreign).headers
            assert not [name for name in headers if name.startswith("Access-Control")]
            assert headers["Vary"] == "Origin"
        login = json.dumps({"email": "a@example.com", "password": "whatever"}).encode()
        answer = api.call("POST", "/api/login/", body=login, Content_Type="application/json", Origin=foreign)
        assert answer.status_code == 403
        assert answer.json_body == {"errors": {"non_field_errors": ["Origin not allowed."]}}

    @pytest.mark.parametrize(
        "address", ["https://API.example.org/live", "https://api.example.org/", "https://api.example.org:443/"]
    )
    def test_the_apis_own_pages_may_call_it_also_below_a_path(self, api: Api, environment, address: str) -> None:
        """Nobody could log in on its documentation, or try a call that changes something, on AWS's own addresses."""
        environment.setenv("API_BASE_URL", address)
        settings.current.cache_clear()
        assert api.call("POST", "/api/logout/", Origin="https://api.example.org").status_code != 403
        for foreign in ("http://api.example.org", "https://api.example.org:8443", "https://example.org"):
            assert api.call("POST", "/api/logout/", Origin=foreign).status_code == 403

    def test_an_allowed_origin_is_echoed_even_on_errors(self, api: Api) -> None:
        """Without it the frontend would see "network error" where the API said why."""
        for method, path in (("GET", "/api/video/"), ("GET", "/nowhere"), ("DELETE", "/healthz")):
            headers = api.call(method, path, Origin=FRONTEND).headers
            assert headers["Access-Control-Allow-Origin"] == FRONTEND
            assert headers["Access-Control-Allow-Credentials"] == "true"
            assert "x-request-id" in headers["Access-Control-Expose-Headers"]


@pytest.fixture
def odd_app(environment):
    """An app with routes that do what none of ours should."""
    routes = routing.Routes()

    @routes.on("GET", "/fault")
    def fault(_call: Call) -> Answer:
        raise RuntimeError("the password is hunter2")

    @routes.on("GET", "/refuse/{what}")
    def refuse(_call: Call, what: str) -> Answer:
        raise {"throttled": ThrottledError(7), "media": UnsupportedMediaError("No."), "other": DomainError("No.")}[what]

    @routes.on("GET", "/text")
    def text(_call: Call) -> Answer:
        return Answer({"title": "Grüße, 東京 🎬"})

    @routes.on("POST", "/fields")
    def fields(call: Call) -> Answer:
        return Answer(call.fields())

    @routes.on("GET", "/cookies")
    def cookies(call: Call) -> Answer:
        return Answer(call.cookies)

    app = Chalice(app_name="odd")
    routing.mount(app, routes, health.routes)
    with Client(app, stage_name="unit") as client:
        yield client.http


class TestAnswers:
    def test_a_fault_shows_a_request_id_and_nothing_of_the_exception(self, odd_app, capsys) -> None:
        answer = odd_app.get("/fault", headers={"Origin": FRONTEND})
        assert answer.status_code == 500
        assert answer.json_body["errors"] == {"non_field_errors": ["Internal server error."]}
        assert answer.json_body["request_id"] == answer.headers["X-Request-Id"]
        assert b"hunter2" not in answer.body
        assert answer.headers["Access-Control-Allow-Origin"] == FRONTEND

    def test_refusals_have_their_status_and_headers(self, odd_app) -> None:
        throttled = odd_app.get("/refuse/throttled")
        assert (throttled.status_code, throttled.headers["Retry-After"]) == (429, "7")
        expected = "Request was throttled. Expected available in 7 seconds."
        assert throttled.json_body == {"errors": {"non_field_errors": [expected]}}
        assert odd_app.get("/refuse/media").status_code == 415
        assert odd_app.get("/refuse/other").status_code == 400

    def test_letters_stand_for_themselves(self, odd_app) -> None:
        assert odd_app.get("/text").body == '{"title":"Grüße, 東京 🎬"}'.encode()

    def test_a_client_without_an_accept_header_is_answered(self, odd_app) -> None:
        assert odd_app.get("/text", headers={}).status_code == 200

    def test_only_bytes_travel_as_base64(self, app: Chalice) -> None:
        """API Gateway would hand JSON out as base64 text to a client that sends no Accept header."""
        answer = app(gateway_event("GET", "/healthz", "/healthz"), None)
        assert not answer.get("isBase64Encoded")
        assert json.loads(answer["body"]) == {"ok": True}
        assert app.api.binary_types == ["*/*"]

    def test_broken_settings_leak_nothing(self, odd_app, environment) -> None:
        environment.delenv("CATALOGUE_TABLE")
        settings.current.cache_clear()
        answer = odd_app.get("/text")
        assert answer.status_code == 500
        assert b"CATALOGUE" not in answer.body


class TestBodies:
    @pytest.mark.parametrize(
        ("body", "content_type", "status"),
        [
            (b'{"a": 1}', "application/json", 200),
            (b'{"a": 1}', "application/json; charset=utf-8", 200),
            (b"", "application/json", 200),
            (b"  ", "application/json", 200),
            (b"a=1&b=%C3%BC", "application/x-www-form-urlencoded", 200),
            (b"[]", "application/json", 400),
            (b'"a"', "application/json", 400),
            (b"null", "application/json", 400),
            (b"{", "application/json", 400),
            (b"\xff\xfe", "application/json", 400),
            (b"[" * 100_000, "application/json", 400),
            (b'{"a": ' + b"9" * 5000 + b"}", "application/json", 400),
            (b'{"a": "\\ud800"}', "application/json", 400),
            (b'{"\\udfff": 1}', "application/json", 400),
            (b'{"a": "\xed\xa0\x80"}', "application/json", 400),
            ('{"a": "\ud800"}'.encode("utf-16-le", "surrogatepass"), "application/json", 400),
            ('\ufeff{"a": "1"}'.encode(), "application/json", 200),
            (b"\xff=1", "application/x-www-form-urlencoded", 400),
            (b"&".join([b"a=1"] * 200), "application/x-www-form-urlencoded", 400),
            (b"<a/>", "text/xml", 415),
        ],
    )
    def test_a_body_that_cannot_be_read_is_refused(self, odd_app, body: bytes, content_type: str, status: int) -> None:
        """Never a 500, and a pair of surrogates is still a letter."""
        answer = odd_app.post("/fields", headers={"Content-Type": content_type}, body=body)
        assert answer.status_code == status
        if status != 200:
            assert list(answer.json_body) == ["errors"]

    def test_a_body_however_deep_is_read_or_refused(self, api: Api) -> None:
        """Reading JSON and writing it reach Python's limit at depths that are one apart."""
        for depth in range(850, 1010):
            body = b'{"email": "\\u0041", "x": ' + b"[" * depth + b"]" * depth + b"}"
            answer = api.call("POST", "/api/login/", body=body, Content_Type="application/json")
            assert answer.status_code == 400, depth

    def test_a_pair_of_surrogates_is_a_letter(self, odd_app) -> None:
        body = json.dumps({"a": "🎬"}).encode()
        answer = odd_app.post("/fields", headers={"Content-Type": "application/json"}, body=body)
        assert answer.json_body == {"a": "🎬"}

    def test_cookies_are_read_whatever_stands_beside_them(self, odd_app) -> None:
        """A cookie of another application on the same host would log a user out."""
        for sent, read in (
            ("a=1; b=x.y-z==", {"a": "1", "b": "x.y-z=="}),
            ('odd[name]={"a": 1}; a=1', {"odd[name]": '{"a": 1}', "a": "1"}),
            ("a=1; a=2", {"a": "1"}),
            ('a="1"', {"a": "1"}),
            ("rubbish; =; ;a=1", {"": "", "a": "1"}),
            ("", {}),
        ):
            assert odd_app.get("/cookies", headers={"Cookie": sent}).json_body == read
