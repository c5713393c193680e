"""A request leaves a mail on the queue: quickly, and alike for every address."""

import json
import subprocess
import sys

import pytest

from functions import aws, settings
from functions.mail import outbox
from functions.mail.kinds import MailKind
from tests.unit.mail.conftest import CONTEXTS, LINK


def queued() -> list[dict]:
    url = aws.queue_url(settings.current().mail_queue)
    answer = aws.sqs().receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [json.loads(one["Body"]) for one in answer.get("Messages", [])]


def test_a_mail_waits_on_the_queue(tables: None) -> None:
    outbox.send(MailKind.ACTIVATE, to="ada@example.com", key="activate:1", context={"link": LINK})
    assert queued() == [{"kind": "activate", "to": "ada@example.com", "key": "activate:1", "context": {"link": LINK}}]


def test_nothing_looks_like_a_mail_of_the_same_length_and_holds_nothing(tables: None) -> None:
    """A watcher of the queue's sizes learns nothing, and no stranger's address is kept."""
    outbox.send(MailKind.NOTHING, to="nobody@example.com", key="reset:1", context={"link": LINK, "hours": "24"})
    [message] = queued()
    assert message["to"] == "-" * len("nobody@example.com")
    assert {name: len(text) for name, text in message["context"].items()} == {"link": len(LINK), "hours": 2}
    assert "example.com" not in json.dumps(message)
    assert LINK not in json.dumps(message)


def test_every_mail_has_its_line_also_one_to_nobody_and_no_line_says_to_whom(tables: None, logged) -> None:
    """What was queued can be followed by its key; a line for some only would be a trace of who has an account."""
    for kind in (MailKind.RESET_PASSWORD, MailKind.NOTHING):
        outbox.send(kind, to="ada@example.com", key=f"key of {kind}", context={"link": LINK})
    lines = [json.loads(line) for line in logged().splitlines()]
    assert [(line["event"], line["kind"], line["key"]) for line in lines] == [
        ("mail_queued", "reset_password", "key of reset_password"),
        ("mail_queued", "nothing", "key of nothing"),
    ]
    assert {name for line in lines for name in line} == {"at", "level", "event", "kind", "key"}


@pytest.mark.parametrize("kind", [kind for kind, context in CONTEXTS.items() if context])
def test_a_mail_that_could_not_be_written_is_refused_where_the_mistake_is(kind: MailKind, tables: None) -> None:
    with pytest.raises(ValueError, match="needs"):
        outbox.send(kind, to="ada@example.com", key="1", context={})
    assert queued() == []


@pytest.mark.parametrize("key", ["", "x" * 513])
def test_a_key_that_names_nothing_or_too_much_is_refused(key: str, tables: None) -> None:
    with pytest.raises(ValueError, match="key"):
        outbox.send(MailKind.PASSWORD_CHANGED, to="ada@example.com", key=key, context={})
    assert queued() == []


def test_the_outbox_costs_a_cold_start_no_heavy_import() -> None:
    """Every API request would pay for it."""
    program = (
        "import sys; from functions.mail import outbox; "
        "sys.exit(', '.join({'jinja2', 'boto3', 'botocore', 'pynamodb', 'email.message'} & sys.modules.keys()) or None)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
