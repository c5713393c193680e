"""The document as the API serves it, and the page that shows it."""

import gzip
import json
import re

import pytest

from functions import settings
from functions.http import documents
from infra.targets import ROOT
from tests import described
from tests.unit.http.conftest import Api

PAGE = "/api/docs/"


class TestTheSchema:
    @pytest.mark.parametrize(
        ("query", "accept", "media_type"),
        [
            ("", "*/*", "application/json"),
            ("", "application/json", "application/json"),
            ("", "text/html,application/xhtml+xml", "application/json"),
            ("", "application/yaml", "application/yaml"),
            ("", "application/x-yaml, text/yaml", "application/yaml"),
            ("?format=yaml", "application/json", "application/yaml"),
            ("?format=json", "application/yaml", "application/json"),
        ],
    )
    def test_it_comes_in_the_format_that_is_asked_for(self, api: Api, query, accept, media_type) -> None:
        answer = api.get(f"/api/schema/{query}", Accept=accept)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == media_type
        read = json.loads if media_type == "application/json" else described.read_yaml
        assert read(answer.body)["openapi"].startswith("3.1")

    def test_another_format_is_refused(self, api: Api) -> None:
        answer = api.get("/api/schema/?format=xml")
        assert (answer.status_code, answer.json_body) == (400, {"errors": {"format": ["Give json or yaml."]}})

    def test_it_names_the_address_of_this_stage(self, api: Api, environment) -> None:
        """A client made from it would call somebody's own machine."""
        environment.setenv("API_BASE_URL", "https://api.example.org/live")
        settings.current.cache_clear()
        answer = api.get("/api/schema/")
        assert answer.json_body["servers"] == [{"url": "https://api.example.org/live"}]
        assert documents.WRITTEN_FOR.encode() not in answer.body

    def test_who_has_it_is_not_sent_it_again(self, api: Api) -> None:
        first = api.get("/api/schema/")
        again = api.get("/api/schema/", If_None_Match=first.headers["ETag"])
        assert (again.status_code, again.body) == (304, b"")
        assert api.get("/api/schema/?format=yaml", If_None_Match=first.headers["ETag"]).status_code == 200

    def test_it_travels_compressed_where_that_is_understood(self, api: Api) -> None:
        plain, packed = api.get("/api/schema/"), api.get("/api/schema/", Accept_Encoding="br, gzip")
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.body) == plain.body
        assert len(packed.body) < len(plain.body) / 8
        assert {part.strip() for part in packed.headers["Vary"].split(",")} == {"Origin", "Accept-Encoding", "Accept"}

    @pytest.mark.parametrize("codings", ["gzip;q=0", "br, GZIP; q=0.000", "identity", "x-gzipped", ""])
    def test_rfc_9110_12_5_3_who_does_not_take_gzip_gets_none(self, api: Api, codings: str) -> None:
        assert "Content-Encoding" not in api.get("/api/schema/", Accept_Encoding=codings).headers

    @pytest.mark.parametrize("codings", ["gzip;q=1.0, identity;q=0.5", "br;q=0, gzip ; q=0.1"])
    def test_rfc_9110_12_5_3_who_would_take_others_rather_takes_gzip(self, api: Api, codings: str) -> None:
        assert api.get("/api/schema/", Accept_Encoding=codings).headers["Content-Encoding"] == "gzip"

    def test_who_names_no_type_gets_text(self, api: Api) -> None:
        """Go's client sends so: the gateway made it base64 under the name of gzip."""
        plain = api.get("/api/schema/", Accept="", Accept_Encoding="gzip")
        assert "Content-Encoding" not in plain.headers
        assert plain.json_body["openapi"]


class TestThePage:
    def test_it_may_load_and_call_nothing_but_this_host(self, api: Api) -> None:
        policy = dict(rule.split(" ", 1) for rule in api.get(PAGE).headers["Content-Security-Policy"].split("; "))
        assert policy.pop("img-src") == "'self' data:"
        assert set(policy.values()) == {"'self'", "'none'"}
        assert policy["default-src"] == "'none'"

    @pytest.mark.parametrize(("address", "below"), [("http://127.0.0.1:8000", ""), ("https://x.example/live", "/live")])
    def test_all_that_it_names_is_served_here(self, api: Api, environment, address: str, below: str) -> None:
        """Also below the path of a gateway's stage, and with or without the slash at the page's end."""
        environment.setenv("API_BASE_URL", address)
        settings.current.cache_clear()
        named = re.findall(r'(?:src|href)="([^"]+)"', api.get(PAGE).body.decode())
        named.remove("data:,")
        assert all(path.startswith(f"{below}/api/") for path in named)
        assert {api.get(path.removeprefix(below)).status_code for path in named} == {200}

    @pytest.mark.parametrize(("name", "media_type"), [("docs.js", "text/javascript"), ("docs.css", "text/css")])
    def test_its_files_have_the_type_that_browsers_insist_on(self, api: Api, name: str, media_type: str) -> None:
        """With `nosniff` they run no script of another."""
        assert api.get(f"/api/docs/{name}").headers["Content-Type"] == f"{media_type}; charset=utf-8"

    @pytest.mark.parametrize("name", ["docs.html", "schema.json", "nothing.js", "..%2f..%2fsettings.py"])
    def test_other_files_are_not_served(self, api: Api, name: str) -> None:
        assert api.get(f"/api/docs/{name}").status_code == 404

    def test_the_vendored_files_map_nothing_from_elsewhere(self) -> None:
        """A browser with open tools would ask for a source map that is not there."""
        for path in (ROOT / "functions/http/static/swagger-ui").glob("*.[cj]s*"):
            assert "sourceMappingURL=" not in path.read_text(encoding="utf-8")[-500:], path.name
