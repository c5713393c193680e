"""What no function could handle waits as a dead letter; an operator sees it and gives it another chance."""

import json
import re
from collections import deque
from datetime import UTC, datetime, timedelta
from urllib.parse import quote_plus

import pytest
import time_machine
from botocore.exceptions import ClientError

from functions import aws
from functions.catalogue import deletion, reservation, store
from tests.queues import taken
from tests.unit import clients
from tests.unit.cli.conftest import DEAD
from tests.unit.cli.test_operating_page import PAGE
from tests.unit.executions import orders


def die(kind: str, message: object) -> None:
    aws.sqs().send_message(QueueUrl=aws.queue_url(DEAD[kind]), MessageBody=json.dumps(message))


def outcomes(told: dict) -> list[str]:
    return [letter["outcome"] for letter in told["dead_letters"]]


def lost_event(key: str, *, wrapped: bool) -> dict:
    s3 = {"bucket": {"name": "videoflix-uploads"}, "object": {"key": quote_plus(key), "sequencer": "0A"}}
    event = {"Records": [{"s3": s3}]}
    return {"requestContext": {"condition": "RetriesExhausted"}, "requestPayload": event} if wrapped else event


def test_the_operator_s_page_shows_the_outcome_that_is_printed(run, demo):
    die("ingest", lost_event("film.mp4", wrapped=True))
    [printed] = outcomes(run("redrive", "--dead-letters", "--json")[1])
    assert re.findall(r"^ingest +[0-9a-f-]{36} +(.+)$", PAGE, re.MULTILINE) == [printed]


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_lost_upload_event_is_handled_after_all(run, demo, wrapped):
    aws.s3().put_object(Bucket="videoflix-uploads", Key="Mein Film & Ö+.mp4", Body=b"film")
    die("ingest", lost_event("Mein Film & Ö+.mp4", wrapped=wrapped))
    code, told = run("redrive", "--dead-letters", "--json")
    assert (code, outcomes(told)) == (0, ["registered 1 uploads"])
    film = store.get(1)
    assert film
    assert film.source.key == "Mein Film & Ö+.mp4"
    assert taken(DEAD["ingest"]) == []
    assert orders() == [{"film_id": 1, "version": film.version, "execution": film.execution}]


def test_an_event_whose_film_was_registered_after_all_starts_nothing_twice(run, demo):
    aws.s3().put_object(Bucket="videoflix-uploads", Key="film.mp4", Body=b"film")
    for _ in range(2):
        die("ingest", lost_event("film.mp4", wrapped=True))
        run("redrive", "--dead-letters")
    assert len(orders()) == 1


def _expire() -> None:
    """Remove what has expired from the catalogue, as DynamoDB does."""
    table, dynamodb = "videoflix-local-catalogue", clients.client("dynamodb")
    now = datetime.now(UTC).timestamp()
    for item in dynamodb.scan(TableName=table)["Items"]:
        if "expires_at" in item and float(item["expires_at"]["N"]) <= now:
            dynamodb.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})


def test_a_letter_as_old_as_any_brings_no_deleted_film_back(run, demo):
    """Its file arrived when the film was gone, and became a film of the default owner's a week later."""
    film = reservation.reserve(reservation.Draft(owner_id=demo.id, size=4))
    deletion.delete(film.id)
    aws.s3().put_object(Bucket="videoflix-uploads", Key=film.source.key, Body=b"film")
    with time_machine.travel(datetime.now(UTC) + timedelta(days=14, hours=6)):
        _expire()
        die("ingest", lost_event(film.source.key, wrapped=True))
        assert run("redrive", "--dead-letters", "--json")[0] == 0
    assert list(store.all_films()) == []
    assert not aws.s3().list_objects_v2(Bucket="videoflix-uploads").get("Contents")


def test_a_mail_goes_back_to_its_queue_as_it_was(run):
    die("mail", {"kind": "activate", "to": "eva@example.com"})
    assert outcomes(run("redrive", "--dead-letters", "--json")[1]) == ["queued again"]
    assert taken("videoflix-local-mail") == [{"kind": "activate", "to": "eva@example.com"}]


def test_a_letter_that_fails_again_stays_and_holds_up_no_other(run, demo, monkeypatch):
    """Nothing behind it was ever tried, mails included."""
    answer = {"Error": {"Code": "400"}, "ResponseMetadata": {"HTTPStatusCode": 400}}

    def refuse(**_):
        raise ClientError(answer, "HeadObject")

    monkeypatch.setattr(aws.s3(), "head_object", refuse)
    die("ingest", lost_event("film.mp4", wrapped=True))
    die("mail", {"kind": "activate", "to": "eva@example.com"})
    code, told = run("redrive", "--dead-letters", "--json")
    assert (code, told["ok"]) == (1, False)
    assert outcomes(told) == ["AWS refused HeadObject: 400. It stays.", "queued again"]
    assert len(taken(DEAD["ingest"])) == 1


@pytest.mark.parametrize(
    "refused", ["AWS.SimpleQueueService.MessageNotInflight", "InvalidParameterValue", "ReceiptHandleIsInvalid"]
)
def test_work_that_takes_longer_than_letters_are_kept_from_others_is_told_of_and_goes_on(run, monkeypatch, refused):
    """After two minutes the first letter that failed ended it all, and nobody knew what had become of the others."""

    def expired(**_):
        raise ClientError({"Error": {"Code": refused}}, "ChangeMessageVisibility")

    monkeypatch.setattr(aws.sqs(), "change_message_visibility", expired)
    die("ingest", "nonsense")
    die("mail", {"kind": "activate", "to": "eva@example.com"})
    code, told = run("redrive", "--dead-letters", "--json")
    assert (code, outcomes(told)) == (1, ["not understood; it stays", "queued again"])


def test_a_queue_that_cannot_be_reached_is_told_of(run, monkeypatch):
    def refuse(**_):
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "ChangeMessageVisibility")

    monkeypatch.setattr(aws.sqs(), "change_message_visibility", refuse)
    die("ingest", "nonsense")
    code, told = run("redrive", "--dead-letters", "--json")
    assert (code, told["error"]) == (1, "AWS refused ChangeMessageVisibility: AccessDenied.")


@pytest.mark.parametrize("nonsense", ["text", {"version": "1"}, [], {"Records": [{"s3": {}}]}, {"requestPayload": []}])
def test_a_letter_that_nobody_understands_stays(run, nonsense):
    die("ingest", nonsense)
    code, told = run("redrive", "--dead-letters", "--json")
    assert (code, told["ok"], outcomes(told)) == (1, False, ["not understood; it stays"])
    assert taken(DEAD["ingest"]) == [nonsense]


class Letters:
    """More letters of one queue than moto holds in a moment, ten an answer; `hidden` is how many answers hide one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int, *, hidden: int) -> None:
        self._ids, self._hidden = deque(str(number) for number in range(number)), hidden
        self._out: deque[list[str]] = deque()
        monkeypatch.setattr(aws.sqs(), "receive_message", self.receive)
        for call in ("delete_message", "change_message_visibility"):
            monkeypatch.setattr(aws.sqs(), call, lambda **_: {})

    def receive(self, **asked: str) -> dict:
        if DEAD["mail"] in asked["QueueUrl"]:
            return {}
        if len(self._out) == self._hidden:
            self._ids.extend(self._out.popleft())
        self._out.append([self._ids.popleft() for _ in range(min(10, len(self._ids)))])
        sent = {"Attributes": {"SentTimestamp": "0"}, "ReceiptHandle": "r", "Body": "no event"}
        return {"Messages": [{"MessageId": name, **sent} for name in self._out[-1]]}


@pytest.mark.parametrize("hidden", [1_000, 50])
def test_more_letters_than_a_thousand_are_all_seen_and_each_is_tried_once(run, monkeypatch, hidden):
    """The others stayed, with exit code 0 and without a word. Many take longer than letters are kept from others."""
    Letters(monkeypatch, 1_001, hidden=hidden)
    assert len(run("redrive", "--json")[1]["dead_letters"]) == 1_001
    Letters(monkeypatch, 1_001, hidden=hidden)
    code, told = run("redrive", "--dead-letters", "--json")
    assert (code, outcomes(told)) == (1, ["not understood; it stays"] * 1_001)


def test_looking_takes_nothing_away_and_shows_no_mail(run):
    """The mail may hold the link that sets somebody's password."""
    die("mail", {"context": {"link": "https://example.com/secret"}})
    die("ingest", lost_event("film.mp4", wrapped=True))
    for arguments in (["redrive"], ["redrive", "--dead-letters", "--dry-run"], ["redrive"]):
        code, told = run(*arguments, "--json")
        assert (code, len(told["dead_letters"])) == (0, 2)
        assert "secret" not in json.dumps(told)
    _, text = run("redrive")
    assert "ingest" in text
    assert "secret" not in text
