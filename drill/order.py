"""Whether everything is in order after a drill: what is not, a sentence each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from drill.site import Site
from functions import aws
from functions.catalogue import reindexing, slots
from functions.operations import dead_letters, maintenance
from functions.settings import current
from localstack import mailbox
from tests.stack import eventually

_PATIENCE = 30.0  # seconds for what goes on behind the scenes: mails, slots


def faults_of(site: Site) -> list[str]:
    """Wait for rest and return what is out of order."""
    found = [*_unfinished(site), *_of_the_buckets(), *_of_the_index(), *_of_mails(site), *_of_accounts(site)]
    return [*found, *_dead_letters()]


def _unfinished(site: Site) -> Iterator[str]:
    """No film is pending, none holds a place among those that are encoded, no execution runs."""
    for record in site.records():
        if record["state"]["S"] != "ready":
            yield f"a film is {record['state']['S']}"
    if not _comes_true(lambda: not slots.taken()):
        yield f"{len(slots.taken())} places for encoding are still taken"
    if not _comes_true(lambda: not _executions()):
        yield "an execution still runs"
    if not _comes_true(lambda: not in_queue(current().mail_queue)):
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
    rows = site.rows(current().accounts_table)
    people = Counter(row["person_id"]["N"] for row in rows if row["sk"]["S"] == "person")
    owners = Counter(row["person_id"]["N"] for row in rows if row["sk"]["S"] == "address")
    if people != owners:
        yield f"{len(people)} people have {owners.total()} addresses of {len(owners)} people"


def _dead_letters() -> Iterator[str]:
    for kind in dead_letters.Kind:
        if count := in_queue(dead_letters.queue_name(kind)):
            yield f"{count} dead letters of {kind}"


def _executions() -> int:
    arn = current().transcode_machine
    return len(aws.stepfunctions().list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"])


def in_queue(name: str) -> int:
    """Return how many messages a queue holds, those in work included."""
    counts = aws.sqs().get_queue_attributes(
        QueueUrl=aws.queue_url(name),
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    )
    return sum(map(int, counts["Attributes"].values()))


def _comes_true(look: Callable[[], bool]) -> bool:
    try:
        eventually(lambda: look() or None, _PATIENCE)
    except AssertionError:
        return False
    return True
