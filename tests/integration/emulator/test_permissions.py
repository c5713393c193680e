"""Least privilege that works on AWS works here."""

import json
import uuid

import pytest
from botocore.exceptions import ClientError

SENDER = "from@example.com"
IDENTITY = f"arn:aws:ses:us-east-1:000000000000:identity/{SENDER}"
ONE_SENDER = {"Condition": {"StringEquals": {"ses:FromAddress": SENDER}}}


def _user_who_may_send(target, resource, condition):
    name = f"u-{uuid.uuid4().hex[:8]}"
    iam = target.client("iam")
    iam.create_user(UserName=name)
    statement = {"Effect": "Allow", "Action": ["ses:SendRawEmail", "ses:SendEmail"], "Resource": resource, **condition}
    iam.put_user_policy(
        UserName=name, PolicyName="send", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def _send(target, sender, resource=IDENTITY, **condition):
    target.client("ses").verify_email_identity(EmailAddress=SENDER)
    target.client("ses").verify_email_identity(EmailAddress="other@example.com")
    key = _user_who_may_send(target, resource, condition)
    raw = f"From: {sender}\r\nTo: a@example.com\r\nSubject: x\r\n\r\nwords"
    target.client("ses", key=key).send_raw_email(
        Source=sender, Destinations=["a@example.com"], RawMessage={"Data": raw}
    )


def test_the_bare_emulator_still_asks_for_every_identity(bare):
    with pytest.raises(ClientError, match="AccessDenied"):
        _send(bare, SENDER)


def test_who_may_send_from_one_identity_can_and_from_no_other(corrected):
    _send(corrected, SENDER)
    with pytest.raises(ClientError, match="AccessDenied"):
        _send(corrected, "other@example.com")


def test_the_bare_emulator_still_knows_no_sender(bare):
    with pytest.raises(ClientError, match="AccessDenied"):
        _send(bare, SENDER, "*", **ONE_SENDER)


def test_who_may_send_as_one_sender_can_and_as_no_other(corrected):
    _send(corrected, SENDER, "*", **ONE_SENDER)
    with pytest.raises(ClientError, match="AccessDenied"):
        _send(corrected, "other@example.com", "*", **ONE_SENDER)
