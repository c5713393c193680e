"""How a stack's process starts and ends when something is not as it should be, and that nothing it took is lost."""

import json

import pytest

from localstack import process
from localstack.stack import StackError

from .conftest import Target


def _make_table(target):
    target.client("dynamodb").create_table(
        TableName="kept",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def _put(target, key):
    target.client("dynamodb").put_item(TableName="kept", Item={"pk": {"S": key}})


def _kept(target):
    pages = target.client("dynamodb").get_paginator("scan").paginate(TableName="kept")
    return {item["pk"]["S"] for page in pages for item in page["Items"]}


DAMAGES = {
    "an empty file": lambda _: b"",
    "half a file": lambda whole: whole[: len(whole) // 2],
    "no text": lambda _: b"\xff\xfe",
    "a newer format": lambda whole: json.dumps(json.loads(whole) | {"__ministack_format__": 99}).encode(),
    "another content": lambda whole: json.dumps(json.loads(whole) | {"payload": ["tables"]}).encode(),
}


def test_a_state_that_cannot_be_read_is_not_taken_for_an_empty_one(stack):
    """Else all accounts and films are overwritten with nothing, at the latest by the next `make down`."""
    target = Target(stack.aws_url, stack)
    _make_table(target)
    _put(target, "account")
    process.stop(stack)
    file = stack.state / "emulator" / "dynamodb.json"
    whole = file.read_bytes()
    for damage, made_of in DAMAGES.items():
        file.write_bytes(made_of(whole))
        with pytest.raises(StackError, match=r"dynamodb\.json cannot be read"):
            process.start(stack)
        assert file.read_bytes() == made_of(whole), damage
        assert not stack.is_running()
    file.write_bytes(whole)
    journal = file.with_name("dynamodb-9.journal")
    journal.write_bytes(b"\xff\xfe")
    with pytest.raises(StackError, match=r"dynamodb-9\.journal cannot be read"):
        process.start(stack)
    journal.unlink()
    process.start(stack)
    assert _kept(target) == {"account"}
