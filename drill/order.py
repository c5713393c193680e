"""Whether everything is in order after a drill: what is not, a sentence each."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from drill.site import Site
from functions.catalogue import reindexing, slots
from functions.operations import maintenance
from localstack import mailbox
from localstack.stack import STAGE
from tests.stack import eventually

_PATIENCE = 30.0  # seconds for what goes on behind the scenes: mails, slots


def faults_of(site: Site, *, allowed: frozenset[str] = frozenset()) -> list[str]:
    """Wait for rest and return what is out of order.

    Args:
        site: The stack.
        allowed: Titles of films that may be `failed`.
    """
    found = [*_unfinished(site, allowed), *_of_the_buckets(), *_of_the_index(), *_of_mails(site), *_of_accounts(site)]
    return [*found, *_dead_letters(site)]


def _unfinished(site: Site, allowed: frozenset[str]) -> Iterator[str]:
    """No film is pending, none holds a place among those that are encoded, no execution runs."""
    for record in site.records():
        state, title = record["state"]["S"], record["title"]["S"]
        if state != "ready" and title not in allowed:
            yield f"a film is {state}"
    if not _comes_true(lambda: not slots.taken()):
        yield f"{len(slots.taken())} places for encoding are still taken"
    if not _comes_true(lambda: not _executions(site)):
        yield "an execution still runs"
    if not _comes_true(lambda: not in_queue(site, f"videoflix-{STAGE}-mail")):
        yield "mails still wait in the queue"


def _of_the_buckets() -> Iterator[str]:
    found = maintenance.scan()
    for count, what in (
        (len(found.broken), "ready films lack segments"),
        (len(found.missing), "films play nothing though encoding may help"),
        (len(found.unregistered), "uploads belong to no film"),
        (len(found.sources_missing), "films have lost their source"),
        (len(found.orphans), "objects belong to nobody"),
    ):
        if count:
            yield f"{count} {what}"


def _of_the_index() -> Iterator[str]:
    gaps = sum(gap is not None for gap in reindexing.gaps())
    if gaps:
        yield f"{gaps} films are not in the lists as their records say"


def _of_mails(site: Site) -> Iterator[str]:
    """No mail came twice: the same words to the same address."""
    mails = [(mail.to, mail.subject, mail.text) for mail in mailbox.read(site.stack.aws_url)]
    for (_, subject, _), times in Counter(mails).items():
        if times > 1:
            yield f"a mail came {times} times: {subject}"


def _of_accounts(site: Site) -> Iterator[str]:
    """Each address belongs to one person and each person has an address."""
    rows = site.rows(site.accounts)
    people = Counter(row["person_id"]["N"] for row in rows if row["sk"]["S"] == "person")
    owners = Counter(row["person_id"]["N"] for row in rows if row["sk"]["S"] == "address")
    if people != owners:
        yield f"{len(people)} people have {owners.total()} addresses of {len(owners)} people"


def _dead_letters(site: Site) -> Iterator[str]:
    for name in ("ingest-dead", "mail-dead"):
        if count := in_queue(site, f"videoflix-{STAGE}-{name}"):
            yield f"{count} dead letters in {name}"


def _executions(site: Site) -> int:
    machines = site.aws("stepfunctions")
    (arn,) = [each["stateMachineArn"] for each in machines.list_state_machines()["stateMachines"]]
    return len(machines.list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"])


def in_queue(site: Site, name: str) -> int:
    """Return how many messages a queue holds, those in work included."""
    queues = site.aws("sqs")
    url = queues.get_queue_url(QueueName=name)["QueueUrl"]
    asked = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    counts: dict[str, Any] = queues.get_queue_attributes(QueueUrl=url, AttributeNames=asked)["Attributes"]
    return sum(int(json.loads(count)) for count in counts.values())


def _comes_true(look: Callable[[], bool]) -> bool:
    try:
        eventually(lambda: look() or None, _PATIENCE)
    except AssertionError:
        return False
    return True
