"""Whether everything is in order after a drill: what is not, a sentence each."""

from __future__ import annotations

import functools
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

from drill.journeys import NO_FILM
from drill.site import Site
from functions import aws
from functions.accounts import people
from functions.catalogue import reindexing, slots
from functions.mail import rendering
from functions.mail.kinds import MailKind
from functions.operations import dead_letters, maintenance
from functions.settings import current
from localstack import mailbox
from localstack.mailbox import Mail
from tests.stack import eventually

# how a film can end, as timelines name it: the mail that tells of it, and the same in words
_ENDS: Final = {"ready": (MailKind.VIDEO_READY, "is ready"), "failed": (MailKind.VIDEO_FAILED, "has failed")}
_PATIENCE = 30.0  # seconds for what goes on behind the scenes: mails, slots


def faults_of(site: Site) -> list[str]:
    """Wait for rest and return what is out of order."""
    found = [*_unfinished(site), *_of_the_buckets(), *_of_the_index(), *_of_accounts(site)]
    mails = mailbox.read(site.stack.aws_url)
    return [*found, *of_mails(mails), *of_owners(map(_ended, site.records()), mails), *_dead_letters()]


def _unfinished(site: Site) -> Iterator[str]:
    """No film is pending or has failed, none holds a place among those that are encoded, no execution runs."""
    for record in site.records():
        title, state = record["title"]["S"], record["state"]["S"]
        if state != ("failed" if title.startswith(NO_FILM) else "ready"):
            yield f"“{title}” is {state}"
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


def of_mails(mails: Iterable[Mail]) -> Iterator[str]:
    """No mail came twice: the same words to the same address."""
    for (to, subject, _), times in Counter((mail.to, mail.subject, mail.text) for mail in mails).items():
        if times > 1:
            yield f"a mail to {to} came {times} times: {subject}"


class Ended(NamedTuple):
    """How a film ended.

    Attributes:
        title: Its title, which no other film has.
        owner: The owner's address; empty if nobody owns it.
        ends: `ready`, `failed`, or both if somebody tried again.
    """

    title: str
    owner: str
    ends: frozenset[str]


def of_owners(films: Iterable[Ended], mails: Iterable[Mail]) -> Iterator[str]:
    """Each film's owner was told how it ended, and nothing else. Whether a mail came twice is `of_mails`'s to say."""
    told = {(mail.to, mail.subject) for mail in mails}
    for film in films:
        for end, (kind, words) in _ENDS.items():
            is_told = (film.owner, _subject(kind, film.title)) in told
            if film.owner and is_told != (end in film.ends):
                yield f"the owner of “{film.title}” was {'' if is_told else 'not '}told that it {words}"


def _ended(record: dict[str, Any]) -> Ended:
    events = {entry["event"].partition(":")[0] for entry in json.loads(record["timeline"]["S"])}
    return Ended(record["title"]["S"], _address(int(record["owner_id"]["N"])), frozenset(events & _ENDS.keys()))


@functools.cache
def _address(person_id: int) -> str:
    person = people.get(person_id)
    return person.email if person else ""


@functools.cache
def _subject(kind: MailKind, title: str) -> str:
    return rendering.render(kind, {"title": title}).subject


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
