"""`chalice deploy` and its routes work as on AWS."""

import json
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError

from .functions_kit import make_function

SOURCE = """
import json
def handler(event, context):
    facts = {
        "resource": event["resource"],
        "parameters": event["pathParameters"],
        "method": event["httpMethod"],
        "ip": event["requestContext"]["identity"]["sourceIp"],
        "base64": event["isBase64Encoded"],
    }
    headers = {"X-Seen": json.dumps(facts)}
    return {"statusCode": 200, "headers": headers, "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]}, "body": "x"}
"""


def _document(function_arn, paths, title="films"):
    """What Chalice sends for routes."""
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function_arn}/invocations"
    integration = {
        "responses": {"default": {"statusCode": "200"}},
        "uri": uri,
        "passthroughBehavior": "when_no_match",
        "httpMethod": "POST",
        "contentHandling": "CONVERT_TO_TEXT",
        "type": "aws_proxy",
    }
    operation = {"responses": {"200": {"description": "ok"}}, "x-amazon-apigateway-integration": integration}
    return {
        "swagger": "2.0",
        "info": {"title": title, "version": "1.0"},
        "x-amazon-apigateway-binary-media-types": ["video/MP2T"],
        "paths": {path: dict.fromkeys(methods, operation) for path, methods in paths.items()},
    }


ALL = ("get", "head", "post", "put", "patch", "delete", "options")
PATHS = {"/": ("get",), "/api/video": ALL, "/api/video/{id}/{segment}": ALL, "/{proxy+}": ALL}


def _import(target, function, paths):
    document = _document(_arn(target, function), paths)
    return target.client("apigateway").import_rest_api(
        body=json.dumps(document), parameters={"endpointConfigurationTypes": "REGIONAL"}
    )


def _arn(target, function):
    return target.client("lambda").get_function_configuration(FunctionName=function)["FunctionArn"]


def _deployed(target, function, paths=PATHS):
    api = _import(target, function, paths)["id"]
    target.client("apigateway").create_deployment(restApiId=api, stageName="live")
    return api


def _call(target, api, path, method="GET", *, headers=None, body=None):
    request = urllib.request.Request(
        f"{target.url}/_aws/execute-api/{api}/live{path}", method=method, headers=headers or {}, data=body
    )
    with urllib.request.urlopen(request) as answer:
        return answer, json.loads(answer.headers["X-Seen"])


@pytest.fixture(scope="module")
def function(corrected):
    return make_function(corrected, SOURCE)


@pytest.fixture(scope="module")
def api(corrected, function):
    return _deployed(corrected, function)


def test_the_bare_emulator_still_imports_an_empty_api(bare):
    function = make_function(bare, SOURCE)
    api = _import(bare, function, PATHS)["id"]
    assert [resource["path"] for resource in bare.client("apigateway").get_resources(restApiId=api)["items"]] == ["/"]


def test_the_bare_emulator_still_knows_no_put_rest_api(bare):
    api = bare.client("apigateway").create_rest_api(name="x")["id"]
    with pytest.raises(ClientError, match="NotFoundException"):
        bare.client("apigateway").put_rest_api(restApiId=api, mode="overwrite", body=b"{}")


@pytest.mark.parametrize(
    ("path", "resource", "parameters"),
    [
        ("/", "/", None),
        ("/api/video", "/api/video", None),
        ("/api/video/", "/api/video", None),
        ("/api/video/7/a%20b.ts", "/api/video/{id}/{segment}", {"id": "7", "segment": "a b.ts"}),
        ("/api/unknown", "/{proxy+}", {"proxy": "api/unknown"}),
        ("/api", "/{proxy+}", {"proxy": "api"}),
        ("/api/video/7/a/b/c", "/{proxy+}", {"proxy": "api/video/7/a/b/c"}),
    ],
)
def test_a_request_reaches_its_route(path, resource, parameters, corrected, api):
    _, seen = _call(corrected, api, path)
    assert (seen["resource"], seen["parameters"]) == (resource, parameters)


@pytest.mark.parametrize("method", [method.upper() for method in ALL])
def test_every_method_reaches_the_function(method, corrected, api):
    answer, seen = _call(corrected, api, "/api/video", method)
    assert seen["method"] == method
    assert answer.headers.get_all("Set-Cookie") == ["a=1", "b=2"]


def test_a_binary_body_arrives_in_base64(corrected, api):
    _, seen = _call(corrected, api, "/api/video", "POST", headers={"Content-Type": "video/MP2T"}, body=b"\x47\xff")
    assert seen["base64"] is True


def test_an_update_keeps_the_address_and_changes_the_routes(corrected, function):
    api = _deployed(corrected, function)
    gateway = corrected.client("apigateway")
    paths = {"/": ("get",), "/api/video": ("get",), "/api/new/{id}": ALL}
    document = _document(_arn(corrected, function), paths, title="renamed")
    gateway.put_rest_api(restApiId=api, mode="overwrite", body=json.dumps(document))
    assert gateway.get_rest_api(restApiId=api)["name"] == "renamed"
    found = {item["path"]: sorted(item.get("resourceMethods", {})) for item in _resources(gateway, api)}
    assert found == {
        "/": ["GET"],
        "/api": [],
        "/api/video": ["GET"],
        "/api/new": [],
        "/api/new/{id}": sorted(method.upper() for method in ALL),
    }
    assert _call(corrected, api, "/api/new/3")[1]["parameters"] == {"id": "3"}
    with pytest.raises(urllib.error.HTTPError, match="403"):
        _call(corrected, api, "/gone")


def _resources(gateway, api):
    return gateway.get_resources(restApiId=api, limit=500, embed=["methods"])["items"]


def test_who_may_not_change_an_api_cannot_import_one(corrected):
    with pytest.raises(ClientError, match="security token"):
        corrected.client("apigateway", key=("AKIAUNKNOWN000000000", "secret")).import_rest_api(body=b'{"paths": {}}')


def test_what_is_no_document_is_refused(corrected):
    with pytest.raises(ClientError, match="BadRequest"):
        corrected.client("apigateway").import_rest_api(body=b"no document")


PATCH = [{"op": "replace", "path": "/minimumCompressionSize", "value": ""}]


def test_the_bare_emulator_still_breaks_its_answers_after_chalices_patch(bare):
    api = bare.client("apigateway").create_rest_api(name="x")["id"]
    with pytest.raises(ValueError, match="invalid literal"):
        bare.client("apigateway").update_rest_api(restApiId=api, patchOperations=PATCH)


def test_chalices_patch_means_no_compression(corrected):
    gateway = corrected.client("apigateway")
    api = gateway.create_rest_api(name="x")["id"]
    assert "minimumCompressionSize" not in gateway.update_rest_api(restApiId=api, patchOperations=PATCH)
    sized = [{"op": "replace", "path": "/minimumCompressionSize", "value": "1024"}]
    assert gateway.update_rest_api(restApiId=api, patchOperations=sized)["minimumCompressionSize"] == 1024


FORGED = {"X-Forwarded-For": "203.0.113.9, 198.51.100.1"}


def test_the_bare_emulator_still_believes_the_clients_word_about_its_address(bare):
    api = bare.client("apigateway").create_rest_api(name="x")["id"]
    gateway = bare.client("apigateway")
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    function = make_function(bare, SOURCE)
    gateway.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    operation = _document(_arn(bare, function), {"/": ("get",)})["paths"]["/"]["get"]
    gateway.put_integration(
        restApiId=api,
        resourceId=root,
        httpMethod="GET",
        type="AWS_PROXY",
        integrationHttpMethod="POST",
        uri=operation["x-amazon-apigateway-integration"]["uri"],
    )
    gateway.create_deployment(restApiId=api, stageName="live")
    assert _call(bare, api, "/", headers=FORGED)[1]["ip"] == "203.0.113.9"


def test_the_address_of_a_client_is_the_sockets(corrected, api):
    """Limits by address would otherwise be a matter of politeness."""
    assert _call(corrected, api, "/api/video", headers=FORGED)[1]["ip"] == "127.0.0.1"


def _state_after_creation(target):
    function = make_function(target, SOURCE)
    return target.client("lambda").get_function_configuration(FunctionName=function)["State"]


def test_the_bare_emulator_still_lets_a_ready_function_wait(bare):
    assert _state_after_creation(bare) == "Pending"


def test_a_ready_function_says_so(corrected):
    """Each of Chalice's waits is 5 s long."""
    assert _state_after_creation(corrected) == "Active"
