"""Events that come twice, late and out of order, a mail server that is away, a wrong clock: what is wrong after it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drill import journeys, order
from drill.faults import made_by
from drill.site import FUNCTIONS, Site
from functions.catalogue import store
from functions.operations import dead_letters
from functions.settings import current
from localstack.stack import ROOT, STAGE
from tests.stack import eventually

_SENDING_FAILS = {"service": "ses", "error": {"code": "ServiceUnavailable", "status": 503}}
_TRIES = 5  # of the queue, before a mail is a dead letter (infra/data.yaml)


@dataclass(frozen=True)
class Drill:
    """Something that happens, and a function that makes it happen and yields what is wrong then."""

    name: str
    run: Callable[[Site, Path], Iterator[str]]


def _twice(site: Site, film: Path) -> Iterator[str]:
    journeys.drop(site, film, "twice")
    before = journeys.rest(site, "twice")
    event = _event(site, "twice.mp4", _sequencer(site, "twice"))
    for _ in range(3):
        if trouble := site.invoke("ingest", event):
            yield f"the repeated event failed: {trouble}"
    if journeys.rest(site, "twice") != before:
        yield "the repeated event changed the film"


def _at_once(site: Site, film: Path) -> Iterator[str]:
    journeys.drop(site, film, "at-once")
    event = _event(site, "at-once.mp4", _sequencer(site, "at-once"))
    with ThreadPoolExecutor(4) as pool:
        for trouble in pool.map(lambda _: site.invoke("ingest", event), range(4)):
            if trouble:
                yield f"an event beside others failed: {trouble}"
    journeys.rest(site, "at-once")
    count = sum(record["title"]["S"] == "at-once" for record in site.records())
    if count != 1:
        yield f"{count} films were made of one upload"


def _late(site: Site, _film: Path) -> Iterator[str]:
    """The event of an object that is gone again."""
    count = len(site.records())
    if trouble := site.invoke("ingest", _event(site, "never-there.mp4", "0A", size=1)):
        yield f"the late event failed: {trouble}"
    if len(site.records()) != count:
        yield "the late event made a film of nothing"


def _out_of_order(site: Site, film: Path) -> Iterator[str]:
    """The event of the upload before comes after that of the one that replaced it."""
    journeys.drop(site, film, "order")
    before = journeys.rest(site, "order")
    older = _event(site, "order.mp4", "00")
    if trouble := site.invoke("ingest", older):
        yield f"the older event failed: {trouble}"
    if journeys.rest(site, "order") != before:
        yield "the older event changed the film"


def _ses_away(site: Site, _film: Path) -> Iterator[str]:
    """SES is away for two tries: the queue brings the mail again."""
    site.proxy.set_rules([{**_SENDING_FAILS, **made_by(FUNCTIONS["send_mail"]), "times": 2}])
    journeys.Account().run(site, "ses-away")
    fired = len(site.proxy.fired())
    site.proxy.clear()
    if fired != 2:
        yield f"SES was asked {fired} times while it was away"


def _ses_gone(site: Site, _film: Path) -> Iterator[str]:
    """SES is away for longer than the queue tries: the mail waits as a dead letter until staff says "again"."""
    site.proxy.set_rules([{**_SENDING_FAILS, **made_by(FUNCTIONS["send_mail"])}])
    client, email = site.client(), "ses-gone@example.com"
    said = {"email": email, "password": journeys.PASSWORD, "confirmed_password": journeys.PASSWORD}
    if client.post("/api/register/", said).status != 201:
        yield "nobody can register while SES is away"
    eventually(lambda: order.in_queue(dead_letters.queue_name(dead_letters.Kind.MAIL)) or None, 120)
    tries = len(site.proxy.fired())
    site.proxy.clear()
    if tries != _TRIES:
        yield f"SES was asked {tries} times"
    for letter in dead_letters.waiting():
        dead_letters.retry(letter)
    site.mail(email, "Activate")


def _clock(site: Site, film: Path) -> Iterator[str]:
    """AWS finds that the clock of the functions is wrong (S3 and DynamoDB say it differently), then right again."""
    skewed = {
        "s3": {"code": "RequestTimeTooSkewed", "status": 403},
        "dynamodb": {"code": "InvalidSignatureException", "status": 400},
    }
    refused = [(service, function) for service in skewed for function in ("ingest", "transcode")]
    ids = site.proxy.set_rules(
        [
            {"service": service, **made_by(FUNCTIONS[function]), "error": skewed[service], "times": 1}
            for service, function in refused
        ]
    )
    journeys.drop(site, film, "clock")
    journeys.rest(site, "clock")
    fired = {each["rule_id"] for each in site.proxy.fired()}
    site.proxy.clear()
    for number, (service, function) in zip(ids, refused, strict=True):
        if number not in fired:
            yield f"no call of {service} by {function} was refused"


def _two_deployers(site: Site, _film: Path) -> Iterator[str]:
    """Two people deploy the same change at the same moment: one does it, the other hears so or does it again."""
    command = [sys.executable, "-m", "infra.deploy", "--stage", STAGE]
    environment = site.stack.environment | {"LOG_LEVEL": "WARNING"}
    both = [
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for _ in range(2)
    ]
    said = [each.communicate(timeout=300)[0] for each in both]
    if all(each.returncode for each in both):
        yield f"neither could deploy: {said[0][-200:]}"
    if any("Traceback" in each for each in said):
        yield "one of them broke instead of saying why it does not deploy"
    answer = site.client().get("/api/healthz/")
    if answer.status != 200:
        yield f"afterwards the API answers {answer.status}"


def _sequencer(site: Site, title: str) -> str:
    """Wait until the film is known; return the mark of order that S3 gave its upload."""
    record = eventually(lambda: site.film(title), 60)
    film = store.get(site.number(record))
    assert film
    return film.source.sequencer


def _event(site: Site, key: str, sequencer: str, size: int = 0) -> dict[str, Any]:
    """Return what S3 says of an object that was created."""
    if not size:
        size = site.aws("s3").head_object(Bucket=current().uploads_bucket, Key=key)["ContentLength"]
    described = {"key": key, "size": size, "eTag": "0" * 32, "sequencer": sequencer}
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
        "eventName": "ObjectCreated:Put",
        "s3": {"s3SchemaVersion": "1.0", "bucket": {"name": current().uploads_bucket}, "object": described},
    }
    return {"Records": [record]}


DRILLS = (
    Drill("an upload's event comes three times more, after the film is ready", _twice),
    Drill("an upload's event comes five times at once", _at_once),
    Drill("an event comes when its object is gone again", _late),
    Drill("the event of an earlier upload comes after that of a later one", _out_of_order),
    Drill("SES is away for two tries", _ses_away),
    Drill('SES is away for longer than the queue tries; staff says "again"', _ses_gone),
    Drill("two deploy the same change at the same moment", _two_deployers),
    Drill("AWS refuses a call for the clock that signed it", _clock),
)
