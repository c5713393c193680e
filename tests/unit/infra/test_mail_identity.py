"""SES knows a domain once in an account and region: the stage that made it has it, others of the same domain use it."""

import json

import pytest

from infra import quotas
from infra.deployment import Deployment


@pytest.fixture
def ses(account):
    return account.client("sesv2")


def asks_for_an_identity(target, monkeypatch):
    """Whether the plan lets CloudFormation make what SES sends for."""
    monkeypatch.setattr(quotas, "check", lambda *_: None)
    (data,) = (one.stack for one in Deployment(target, lambda _text: None).plan().stacks if one.stack.part == "data")
    return data.parameters["ManageMailIdentity"] == "true"


def make_data_stack(target, identity):
    """Make a stack that made the identity. moto makes none; of its resources, a bucket is called as one says."""
    made = {"MailIdentity": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": identity}}}
    target.client("cloudformation").create_stack(
        StackName=f"videoflix-{target.stage}-data", TemplateBody=json.dumps({"Resources": made})
    )


def test_the_first_stage_makes_the_domain_known(account, monkeypatch):
    assert asks_for_an_identity(account, monkeypatch)


def test_a_second_stage_of_the_same_domain_uses_what_is_known(ses, account, monkeypatch):
    """CloudFormation would stop: the identity exists already."""
    ses.create_email_identity(EmailIdentity="example.org")
    assert not asks_for_an_identity(account, monkeypatch)


def test_the_stage_that_made_it_keeps_it(ses, account, monkeypatch):
    """Without it in the template its next deployment would drop it."""
    make_data_stack(account, "example.org")
    ses.create_email_identity(EmailIdentity="example.org")
    assert asks_for_an_identity(account, monkeypatch)


def test_a_stage_that_changes_to_a_domain_of_another_uses_that_one(ses, account, monkeypatch):
    make_data_stack(account, "former.example.org")
    ses.create_email_identity(EmailIdentity="example.org")
    assert not asks_for_an_identity(account, monkeypatch)
