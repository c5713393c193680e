"""The OpenAPI document tells what the routes do: all of them, and nothing else."""

import importlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from functions.http import areas, health, routing
from functions.http.call import Answer, Call
from openapi import document, postman, write
from openapi.areas import BY_TAG
from tests import described

DOCUMENT = document.build()
WRITTEN = {**write.schemas(), **write.collections()}
HELPERS = {"HEAD", "OPTIONS"}  # answered wherever GET is, and everywhere


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def resolved(response: dict[str, Any]) -> dict[str, Any]:
    name = response.get("$ref", "").rsplit("/", 1)[-1]
    return DOCUMENT["components"]["responses"][name] if name else response


class TestTheDocument:
    def test_it_passes_a_strict_validator(self) -> None:
        """Code generators and importers refuse what does not."""
        assert [fault.message for fault in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []

    def test_it_has_every_call_that_is_served_and_no_other(self, environment) -> None:
        app = importlib.import_module("app").app
        wanted = {
            f"{method} {document.spelled(path)}"
            for path, methods in app.routes.items()
            for method in methods.keys() - HELPERS
            if methods[method].view_function.__name__ not in ("refuse", "_unknown")
        }
        assert {call for call, _ in operations()} == wanted

    def test_every_refusal_has_the_one_shape(self) -> None:
        """A client writes its error handling once. The contract names one exception."""
        shapes = {
            resolved(response)["content"]["application/json"]["schema"].get("$ref", "").rsplit("/", 1)[-1]
            for call, operation in operations()
            for status, response in operation["responses"].items()
            if status.startswith(("4", "5")) and "activate/{uidb64}" not in call and "readyz" not in call
        }
        assert shapes == {"Errors", "Fault"}

    @pytest.mark.parametrize(("status", "header"), [("401", "WWW-Authenticate"), ("429", "Retry-After")])
    def test_refusals_name_the_header_that_helps(self, status: str, header: str) -> None:
        found = [resolved(operation["responses"].get(status, {})) for _, operation in operations()]
        assert all(header in response["headers"] for response in found if response)
        assert any(found)

    def test_what_needs_a_login_says_so_and_says_what_happens_without(self) -> None:
        for call, operation in operations():
            assert bool(operation["security"]) == ("401" in operation["responses"]), call

    def test_examples_are_what_their_schemas_allow(self) -> None:
        """They are what people send first."""
        for call, operation in operations():
            contents = [operation.get("requestBody", {}).get("content", {})]
            contents += [resolved(response).get("content", {}) for response in operation["responses"].values()]
            for kind, media in ((kind, media) for content in contents for kind, media in content.items()):
                if "example" in media:
                    schema = {**media["schema"], "components": DOCUMENT["components"]}
                    faults = [str(fault) for fault in Draft202012Validator(schema).iter_errors(media["example"])]
                    assert faults == [], f"{call} {kind}"

    def test_every_json_body_has_an_example(self) -> None:
        for call, operation in operations():
            media = operation.get("requestBody", {}).get("content", {}).get("application/json")
            assert media is None or media["example"], call


class TestDeclarations:
    def test_a_route_without_one_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        routes = routing.Routes()

        @routes.on("GET", "/api/new")
        def brand_new(_call: Call) -> Answer:
            return Answer()

        monkeypatch.setattr(areas, "ALL", (*areas.ALL, routes))
        with pytest.raises(document.DeclarationError, match="brand_new has no declaration in openapi/areas"):
            document.build()

    def test_one_of_no_route_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(areas, "ALL", [routes for routes in areas.ALL if routes is not health.routes])
        with pytest.raises(document.DeclarationError, match="healthz is declared but not mounted"):
            document.build()

    def test_two_of_one_route_are_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(document, "BY_TAG", {**BY_TAG, "Again": BY_TAG["Playback"][:1]})
        with pytest.raises(document.DeclarationError, match="media_playlist is declared twice"):
            document.build()


class TestCheckedInFiles:
    @pytest.mark.parametrize("path", WRITTEN)
    def test_they_are_what_the_routes_make(self, path: str) -> None:
        """`make schema postman` writes them."""
        assert (write.ROOT / path).read_text(encoding="utf-8") == WRITTEN[path], "run: make schema postman"

    def test_both_formats_say_the_same(self) -> None:
        read = described.read_yaml(WRITTEN["schema.yaml"])
        assert read == json.loads(WRITTEN["schema.json"]) == DOCUMENT

    def test_the_program_says_which_files_changed(self, tmp_path, monkeypatch, capsys) -> None:
        monkeypatch.setattr(write, "ROOT", tmp_path)
        write.main(["postman"])
        write.main(["postman"])
        said = capsys.readouterr().out.splitlines()
        assert said[:2] == ["videoflix_postman_collection.json: written", "postman/collection.json: written"]
        assert said[2:] == ["videoflix_postman_collection.json: unchanged", "postman/collection.json: unchanged"]


class TestThePostmanCollection:
    COLLECTION = postman.collection(DOCUMENT)

    def items(self) -> list[dict[str, Any]]:
        return [item for folder in self.COLLECTION["item"] for item in folder["item"]]

    def test_it_has_every_call_in_the_folder_of_its_area(self) -> None:
        assert len(self.items()) == len(list(operations()))
        assert [folder["name"] for folder in self.COLLECTION["item"]] == list(BY_TAG)
        assert all(folder["item"] for folder in self.COLLECTION["item"])

    def test_addresses_are_made_of_variables_that_have_a_value(self) -> None:
        """Imported, it works against the local stack without a change."""
        known = {variable["key"] for variable in self.COLLECTION["variable"] if variable["value"]}
        for item in self.items():
            raw = item["request"]["url"]["raw"]
            assert raw.startswith("{{base_url}}/")
            assert {part.split("}}")[0] for part in raw.split("{{")[1:]} <= known, raw

    def test_bodies_are_there_to_be_sent(self) -> None:
        login = next(item["request"] for item in self.items() if item["request"]["url"]["raw"].endswith("/api/login/"))
        assert json.loads(login["body"]["raw"]) == {"email": "demo@videoflix.local", "password": "Demo123!"}
        assert {"key": "Content-Type", "value": "application/json"} in login["header"]
