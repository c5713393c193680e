"""The page on AWS: what lies in its bucket after a deployment, and what browsers let it do."""

import json

import pytest

from infra import page, stacks
from localstack.stack import ROOT

TEMPLATE = (ROOT / "infra" / "page.yaml").read_text(encoding="utf-8")
API = "https://api.example.org"


@pytest.fixture
def bucket(account):
    s3 = account.client("s3")
    s3.create_bucket(Bucket="page", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return s3


def test_the_bucket_holds_every_file_with_its_type_and_where_the_api_is(bucket, prod):
    page.upload(prod, "page", API)
    index = bucket.get_object(Bucket="page", Key="index.html")
    assert index["ContentType"] == "text/html; charset=utf-8"
    assert index["CacheControl"] == "no-cache"
    config = json.loads(bucket.get_object(Bucket="page", Key="config.json")["Body"].read())
    assert config == {"api": API, "mailbox": False}


def test_only_what_changed_goes_up_and_what_is_gone_goes(bucket, prod):
    page.upload(prod, "page", API)
    assert page.upload(prod, "page", API) == []
    bucket.put_object(Bucket="page", Key="former.js", Body=b"x")
    assert page.upload(prod, "page", "https://other.example.org") == ["1 files of the page, 1 removed"]


def test_the_page_may_talk_to_the_api_and_to_storage_and_to_nobody_else(prod):
    policy = page.content_security_policy(prod, f"{API}/live", {"CloudFrontDomain": "d1.cloudfront.net"})
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["connect-src"] == f"'self' {API} https://d1.cloudfront.net https://s3.eu-central-1.amazonaws.com"
    assert rules["script-src"] == "'self'"
    assert len(policy) < 4096, "CloudFormation takes no longer parameter"
    assert not set(policy) & set('"\\\n'), "it stands in quotes in the function that sets it"


def test_the_policy_is_set_by_a_function_as_a_policy_of_headers_takes_less():
    resources = stacks.parse(TEMPLATE)["Resources"]
    configured = resources["Headers"]["Properties"]["ResponseHeadersPolicyConfig"]
    assert "ContentSecurityPolicy" not in configured["SecurityHeadersConfig"]
    assert 'headers["content-security-policy"] = { value: "${ContentSecurityPolicy}" }' in str(resources["Policy"])
    served = resources["Distribution"]["Properties"]["DistributionConfig"]["DefaultCacheBehavior"]
    assert "Policy" in str([each for each in served["FunctionAssociations"] if each["EventType"] == "viewer-response"])
