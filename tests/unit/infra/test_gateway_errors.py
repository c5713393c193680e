"""What API Gateway itself refuses on AWS is answered as the API answers, to the page that asked."""

import json

import pytest
from chalice.app import Chalice
from chalice.deploy.swagger import SwaggerGenerator, TemplatedSwaggerGenerator

from functions.http import uploads
from infra import chalice_cli, chalice_run, gateway_errors, project, targets
from infra.deployment import Deployment
from localstack.embedded import edge
from tests.unit.infra.conftest import OPERATOR, OUTPUTS

PAGE = "https://films.example.org"
OWN = ["DEFAULT_4XX", "DEFAULT_5XX", "REQUEST_TOO_LARGE", "THROTTLED"]
_GENERATE = SwaggerGenerator.generate_swagger


@pytest.fixture
def handed_over(monkeypatch):
    """What a deployment gives Chalice's own command besides the project."""
    given = []
    monkeypatch.setattr(project, "stage", lambda *_: None)
    monkeypatch.setattr(chalice_run, "run", lambda _target, _command, _tell, *options: given.extend(options))
    return given


def define(monkeypatch, *options):
    """The definition of an API that Chalice sends to API Gateway when it is started so."""
    monkeypatch.setattr(SwaggerGenerator, "generate_swagger", _GENERATE)
    started = chalice_cli.parser().parse_args(["--cache", "none", *options])
    chalice_cli.define_gateway_errors(started.gateway_errors)
    return TemplatedSwaggerGenerator().generate_swagger(Chalice("app"))


def deploy(target):
    deployment = Deployment(target, lambda _text: None)
    deployment.outputs = OUTPUTS
    deployment.deploy_project("https://api.example.org")


@pytest.fixture
def defined(handed_over, prod, monkeypatch):
    deploy(prod)
    return define(monkeypatch, *handed_over)["x-amazon-apigateway-gateway-responses"]


@pytest.mark.parametrize("kind", OWN)
def test_an_error_of_the_gateway_has_the_shape_of_the_apis_and_the_page_may_read_it(defined, kind):
    """Without the headers a browser tells the page of a network error, whatever the gateway said."""
    body = json.loads(defined[kind]["responseTemplates"]["application/json"])
    (text,) = body["errors"]["non_field_errors"]
    assert body == {"errors": {"non_field_errors": [text]}}
    assert text.endswith(".")
    headers = defined[kind]["responseParameters"]
    assert headers["gatewayresponse.header.Access-Control-Allow-Origin"] == f"'{PAGE}'"
    assert headers["gatewayresponse.header.Access-Control-Allow-Credentials"] == "'true'"


def test_nothing_that_a_caller_sent_comes_back(defined):
    """The gateway's own texts repeat an Authorization header that it cannot read."""
    assert defined.keys() == set(OWN)
    assert "$" not in json.dumps(defined)
    assert "method.request" not in json.dumps(defined)


def test_whoever_uploads_too_much_is_told_of_the_other_way_as_by_the_function_and_by_the_local_stack(defined):
    too_large = json.loads(defined["REQUEST_TOO_LARGE"]["responseTemplates"]["application/json"])
    (text,) = too_large["errors"]["non_field_errors"]
    assert text == uploads.REQUEST_TOO_LARGE == edge.REQUEST_TOO_LARGE


def test_whoever_calls_too_often_is_told_when_to_call_again(defined):
    headers = defined["THROTTLED"]["responseParameters"]
    assert headers["gatewayresponse.header.Retry-After"] == "'1'"
    assert headers["gatewayresponse.header.Access-Control-Expose-Headers"] == "'retry-after'"
    assert "Request was throttled. Expected available in 1 seconds." in json.dumps(defined["THROTTLED"])


def test_of_several_frontends_the_first_may_read_them_and_no_stranger_ever():
    said = json.dumps(gateway_errors.define(f"{PAGE},https://studio.example.org"))
    assert PAGE in said
    assert "studio.example.org" not in said


def test_an_emulator_which_has_no_such_errors_is_sent_none(handed_over, local, tmp_path):
    deploy(local)
    deploy(targets.load("prod", tmp_path, {**OPERATOR, "AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}))
    assert handed_over == []


def test_plain_chalice_stays_plain(monkeypatch):
    assert "x-amazon-apigateway-gateway-responses" not in define(monkeypatch)
