"""The API's and the page's addresses, and who may use the AWS one."""

import http.client
import json

import pytest

from localstack import process
from localstack.stack import StackError

from .conftest import Target, new_stack, running
from .functions_kit import make_function


def _ask(port, method, path, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body=body, headers=names)
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    finally:
        connection.close()


ECHO = """
import json
def handler(event, context):
    facts = {"path": event["path"], "query": event["queryStringParameters"], "size": len(event["body"] or "")}
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(facts)}
"""


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    """A stack with a catch-all API, deployed the way Chalice leaves it behind."""
    with running(new_stack(tmp_path_factory.mktemp("listeners"))) as target:
        arn = target.client("lambda").get_function_configuration(FunctionName=make_function(target, ECHO))[
            "FunctionArn"
        ]
        uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
        integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": uri}
        operation = {"responses": {}, "x-amazon-apigateway-integration": integration}
        document = {"info": {"title": "x"}, "paths": {"/{proxy+}": {"x-amazon-apigateway-any-method": operation}}}
        gateway = target.client("apigateway")
        api = gateway.import_rest_api(body=json.dumps(document))["id"]
        gateway.create_deployment(restApiId=api, stageName="live")
        target.stack.environment_file.write_text("CORS_ALLOWED_ORIGINS=http://page.example\nMEDIA_BUCKET=films\n")
        record = target.stack.project / ".chalice" / "deployed" / "local.json"
        record.parent.mkdir(parents=True)
        url = f"https://{api}.execute-api.us-east-1.amazonaws.com/live/"
        resource = {"resource_type": "rest_api", "name": "rest_api", "rest_api_id": api, "rest_api_url": url}
        record.write_text(json.dumps({"resources": [resource]}))
        yield target.stack


def test_before_a_deployment_the_api_says_so_in_the_contracts_envelope(corrected):
    status, headers, body = _ask(corrected.stack.api_port, "GET", "/api/video/")
    assert (status, list(json.loads(body)["errors"])) == (503, ["non_field_errors"])
    assert headers["retry-after"]


def test_any_path_reaches_the_deployed_api_whatever_its_id(deployed):
    status, _, body = _ask(deployed.api_port, "POST", "/api/a%20b/?q=1&r=%C3%BC", body="words")
    assert status == 200
    assert json.loads(body) == {"path": "/api/a b/", "query": {"q": "1", "r": "ü"}, "size": 5}


@pytest.mark.parametrize("host", ["videoflix-media.localhost", "abcd1234.execute-api.localhost", "evil.example"])
def test_a_claimed_host_leads_nowhere_else(host, deployed):
    status, _, body = _ask(deployed.api_port, "GET", "/api/x", Host=host)
    assert (status, json.loads(body)["path"]) == (200, "/api/x")


def test_ten_megabytes_pass_and_one_byte_more_is_refused_with_a_way_out(deployed):
    limit = 10 * 1024 * 1024
    assert _ask(deployed.api_port, "POST", "/api/x", body=b"x" * limit)[0] == 200
    status, headers, body = _ask(
        deployed.api_port, "POST", "/api/x", body=b"x" * (limit + 1), Origin="http://page.example"
    )
    assert status == 413
    assert "/api/video/" in json.loads(body)["errors"]["non_field_errors"][0]
    assert headers["access-control-allow-origin"] == "http://page.example"


def test_a_body_of_unknown_length_is_refused_while_it_arrives(deployed):
    def endless():
        for _ in range(200):
            yield b"x" * 65536

    status, headers, _ = _ask(deployed.api_port, "POST", "/api/x", body=endless(), Origin="http://other.example")
    assert status == 413
    assert "access-control-allow-origin" not in headers


def test_the_page_comes_with_its_types_and_is_not_sent_twice(corrected):
    port = corrected.stack.web_port
    status, headers, body = _ask(port, "GET", "/")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"<html" in body
    assert _ask(port, "GET", "/", If_None_Match=headers["etag"])[0] == 304
    assert _ask(port, "HEAD", "/")[2] == b""
    assert _ask(port, "GET", "/css/base.css")[1]["content-type"] == "text/css; charset=utf-8"
    assert _ask(port, "GET", "/mailbox?to=ada%40example.com")[1]["location"] == "/mailbox/?to=ada%40example.com"
    assert _ask(port, "POST", "/")[0] == 405


@pytest.mark.parametrize(
    "path", ["/../app.py", "/%2e%2e/app.py", "//etc/passwd", "/.git/config", "/a\\..\\..\\x", "/%00"]
)
def test_nothing_outside_of_the_pages_folder_is_served(path, corrected):
    assert _ask(corrected.stack.web_port, "GET", path)[0] == 404


def test_the_page_learns_its_apis_address_and_may_talk_to_nobody_else(corrected):
    stack = corrected.stack
    status, _, body = _ask(stack.web_port, "GET", "/config.json")
    assert (status, json.loads(body)["api"]) == (200, stack.api_url)
    policy = _ask(stack.web_port, "GET", "/")[1]["content-security-policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self'"
    assert rules["connect-src"].split() == ["'self'", stack.api_url, stack.aws_url]
    assert rules["media-src"].split() == ["'self'", "blob:", "data:", stack.api_url, stack.aws_url]
    own, *hashes = rules["style-src"].split()
    assert own == "'self'"
    assert hashes
    assert all(each.startswith("'sha256-") for each in hashes), "nothing inline but what is known"


def test_a_page_opened_at_localhost_moves_to_where_its_cookies_are(corrected):
    port = corrected.stack.web_port
    link = "/pages/auth/activate.html?uid=MQ&token=a%2Bb"
    for path in ("/mailbox/", link):
        status, headers, _ = _ask(port, "GET", path, Host=f"localhost:{port}")
        assert (status, headers["location"]) == (307, f"http://127.0.0.1:{port}{path}")


def test_an_address_that_begins_with_two_slashes_leads_to_no_other_host(corrected):
    status, headers, _ = _ask(corrected.stack.web_port, "GET", "//studio")
    assert (status, headers["location"]) == (308, "/studio/")


def test_the_mailbox_page_gets_the_mails(corrected):
    assert json.loads(_ask(corrected.stack.web_port, "GET", "/mails.json")[2]) is not None


SIGNED_BY_NOBODY = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test/20260101/us-east-1/sqs/aws4_request"
CREATE = "Action=CreateQueue&QueueName=made-by-a-page&Version=2012-11-05"


def test_a_foreign_page_cannot_change_anything_in_the_emulated_account(bare, corrected):
    """The emulator's key is `test` for everybody: without this any open page could send with it."""
    request = {"body": CREATE, "Content_Type": "application/x-www-form-urlencoded", "Origin": "https://evil.example"}
    bare_port = int(bare.url.rpartition(":")[2])
    assert _ask(bare_port, "POST", SIGNED_BY_NOBODY, **request)[0] == 200
    assert _ask(corrected.stack.aws_port, "POST", SIGNED_BY_NOBODY, **request)[0] == 403
    own = request | {"Origin": corrected.stack.web_url}
    assert _ask(corrected.stack.aws_port, "POST", SIGNED_BY_NOBODY, **own)[0] == 200


@pytest.mark.parametrize("key", [SIGNED_BY_NOBODY, "/?AWSAccessKeyId=test"])
@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", ""])
def test_no_picture_and_no_link_changes_anything_in_the_emulated_account(site, key, bare, corrected):
    """Neither sends an `Origin`. A link that was opened from a mail even counts as typed: `none`."""
    address, headers = f"{key}&{CREATE}", {"Sec_Fetch_Site": site}
    for method in ("GET", "HEAD"):
        assert _ask(int(bare.url.rpartition(":")[2]), method, address, **headers)[0] == 200
        assert _ask(corrected.stack.aws_port, method, address, **headers)[0] == 403


def test_the_apis_address_is_no_way_around_that(deployed):
    """The emulator takes it for an API's only if it names one."""
    for path in ("/_aws/execute-api/", "/_aws/execute-api/x", "/_aws/execute-api//x/y"):
        address = f"{path}{SIGNED_BY_NOBODY[1:]}&{CREATE}"
        assert _ask(deployed.aws_port, "POST", address, Origin="https://evil.example")[0] == 403, path


def test_an_api_says_itself_which_pages_it_answers(deployed):
    foreign = {"Origin": "https://evil.example", "Sec_Fetch_Site": "cross-site"}
    assert _ask(deployed.api_port, "POST", "/api/x", **foreign)[0] == 200
    assert _ask(deployed.api_port, "GET", "/api/x", **foreign)[0] == 200


@pytest.fixture(scope="module")
def pictures(deployed):
    """The stack's ports, and the paths of a picture in the media bucket and of one in another."""
    s3 = Target(deployed.aws_url).client("s3")
    for bucket in ("films", "papers"):
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="1/poster.jpg", Body=b"a picture")
    key = SIGNED_BY_NOBODY[1:].replace("/sqs/", "/s3/")
    return deployed, f"/films/1/poster.jpg{key}", f"/papers/1/poster.jpg{key}"


@pytest.mark.parametrize("site", ["cross-site", "same-site", "same-origin"])
def test_pages_of_any_site_show_media_and_see_nothing_else(site, pictures):
    stack, media, other = pictures
    for method in ("GET", "HEAD"):
        assert _ask(stack.aws_port, method, media, Sec_Fetch_Site=site)[0] == 200
        for path in (other, "/_ministack/health", media.replace("1/poster.jpg", "")):
            assert _ask(stack.aws_port, method, path, Sec_Fetch_Site=site)[0] == 403, path
    assert _ask(stack.aws_port, "DELETE", media, Sec_Fetch_Site=site)[0] == 403


@pytest.mark.parametrize("headers", [{}, {"Sec_Fetch_Site": "none"}, {"Origin": "http://page.example"}])
def test_programs_people_and_the_stacks_own_pages_read_everything(headers, pictures):
    stack, media, other = pictures
    for path in (media, other, "/_ministack/health"):
        assert _ask(stack.aws_port, "GET", path, **headers)[0] == 200, path


def test_another_machines_name_does_not_lead_here(corrected):
    """DNS rebinding: a page whose own host name suddenly means 127.0.0.1."""
    assert _ask(corrected.stack.aws_port, "GET", "/_ministack/health", Host="evil.example:4566")[0] == 403


def test_the_api_port_can_be_borrowed_and_is_given_back(deployed):
    process.control(deployed, "release-api")
    with pytest.raises(ConnectionRefusedError):
        _ask(deployed.api_port, "GET", "/api/x")
    process.control(deployed, "take-api")
    assert _ask(deployed.api_port, "GET", "/api/x")[0] == 200


def test_only_who_can_read_the_state_folder_controls_the_stack(deployed):
    assert _ask(deployed.aws_port, "POST", "/_videoflix/stop", x_videoflix_control="guess")[0] == 403
    assert deployed.record_file.stat().st_mode & 0o077 == 0
    with pytest.raises(StackError, match="no-such-command"):
        process.control(deployed, "no-such-command")
