"""How a stack's process starts and ends when something is not as it should be, and that nothing it took is lost."""

import itertools
import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from localstack import process
from localstack.embedded.workers.pool import ENVIRONMENTS
from localstack.stack import StackError

from .conftest import Target, make_table, wait_for
from .functions_kit import invoke, make_function

HANGS = """
import time
def handler(event, context):
    print("begun", flush=True)
    time.sleep(600)
"""


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
    make_table(target, pk="HASH")
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
    for name in ("dynamodb-9.journal", "async-invocations.kept"):
        other = file.with_name(name)
        before = other.read_bytes() if other.exists() else b""
        other.write_bytes(b"\xff\xfe")
        with pytest.raises(StackError, match=f"{re.escape(name)} cannot be read"):
            process.start(stack)
        assert other.read_bytes() == b"\xff\xfe"
        other.write_bytes(before) if before else other.unlink()
    process.start(stack)
    assert _kept(target) == {"account"}


def test_what_a_stack_takes_while_it_is_stopped_is_kept_and_done(stack):
    """A film that S3 took would never be seen, an account that was made would be gone."""
    target = Target(stack.aws_url, stack)
    make_table(target, pk="HASH")
    hanging = make_function(target, HANGS, Timeout=600)
    marking = make_function(target, f"def handler(event, context): open(f'{stack.state}/done-{{event}}', 'w').close()")
    items, marks = [], []
    log = stack.log_folder / "functions.log"
    with ThreadPoolExecutor(2 * ENVIRONMENTS + 1) as pool:
        for _ in range(2 * ENVIRONMENTS):
            pool.submit(invoke, target, hanging)
        wait_for(lambda: log.read_text().count("begun") == ENVIRONMENTS)
        stopped = pool.submit(process.stop, stack)
        try:
            for number in itertools.count():
                _put(target, f"item-{number}")
                items.append(f"item-{number}")
                _begin(target, marking, number)
                marks.append(stack.state / f"done-{number}")
        except (BotoCoreError, ClientError):
            assert stopped.result()
    assert not stack.record_file.exists(), "it was killed: its record is what it removes last"
    assert log.read_text().count("begun") == ENVIRONMENTS, "calls that waited began when it was ending"
    process.start(stack)
    assert _kept(target) >= set(items)
    wait_for(lambda: all(mark.exists() for mark in marks))


def _begin(target, function, event):
    target.client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=str(event).encode())
