"""What the event functions make of what S3 and SQS send them."""

import importlib
import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from chalice.test import Client

from functions import events, turns


def s3_event(*keys: str) -> dict:
    records = [
        {"s3": {"bucket": {"name": "videoflix-uploads"}, "object": {"key": key, "sequencer": f"0{number}"}}}
        for number, key in enumerate(keys)
    ]
    return {"Records": records}


@pytest.fixture
def entry(monkeypatch: pytest.MonkeyPatch):
    """Stand in for a domain function, and remember how it was called."""

    def stand_in(name: str, function: str, *, fails_on: object = None) -> list[tuple]:
        calls: list[tuple] = []

        def remember(*arguments: object) -> None:
            calls.append(arguments)
            if fails_on is not None and fails_on in arguments:
                raise RuntimeError("no")

        monkeypatch.setattr(events.wiring, name, SimpleNamespace(**{function: remember}), raising=False)
        return calls

    return stand_in


@pytest.fixture
def app(environment: pytest.MonkeyPatch):
    return importlib.import_module("app")


def test_every_record_of_an_s3_event_is_handled(app, entry) -> None:
    calls, event = entry("ingest", "on_record"), s3_event("a.mp4", "folder/b.mp4")
    app.ingest(event, None)
    assert calls == [(record,) for record in event["Records"]]


def test_a_bad_record_holds_up_no_good_one_and_is_delivered_again(app, entry) -> None:
    event = s3_event("a.mp4", "bad.mp4", "c.mp4")
    calls = entry("ingest", "on_record", fails_on=event["Records"][1])
    with pytest.raises(turns.TurnsError, match="1 of 3"):
        app.ingest(event, None)
    assert calls == [(record,) for record in event["Records"]]


def test_a_step_runs_under_the_invocations_name_and_ends_before_lambda_does(app, monkeypatch) -> None:
    calls = []

    def run(event: dict, invocation: object) -> dict:
        calls.append((event, invocation))
        return {"chunks": [0, 1]}

    steps = SimpleNamespace(run=run, Invocation=SimpleNamespace)
    monkeypatch.setattr(events.wiring, "steps", steps, raising=False)
    left = [900_000]
    context = SimpleNamespace(aws_request_id="r-1", get_remaining_time_in_millis=lambda: left[0])
    order = {"step": "prepare", "film": {"film_id": 7, "version": "abc", "execution": "film-7-abc-1"}}
    assert app.transcode(order, context) == {"chunks": [0, 1]}, "the state machine goes on with what a step answers"
    ((event, invocation),) = calls
    assert (event, invocation.worker) == (order, "r-1")
    assert 800 < invocation.deadline() < 900, "time has to be left to stop ffmpeg and to note why"
    left[0] = 1_000
    assert invocation.deadline() < 0


def test_what_a_step_raises_reaches_the_state_machine(app, entry) -> None:
    """It decides by the error whether to try again."""
    context = SimpleNamespace(aws_request_id="r-1", get_remaining_time_in_millis=lambda: 900_000)
    with pytest.raises(KeyError):
        app.transcode({"step": "prepare"}, context)
    with pytest.raises(KeyError):
        app.transcode({"step": "dance", "film": {"film_id": 7, "version": "v", "execution": "e"}}, context)


def test_the_clock_calls_the_watchdog(app, entry) -> None:
    calls = entry("watchdog", "sweep")
    with Client(app.app, stage_name="unit") as client:
        app.watchdog(client.events.generate_cw_event("aws.events", "Scheduled Event", {}, []), None)
    assert calls == [()]


def test_a_mail_that_fails_holds_up_no_other(app, entry) -> None:
    calls = entry("sending", "deliver", fails_on={"n": 1})
    records = [{"body": json.dumps({"n": number}), "receiptHandle": "h"} for number in range(3)]
    with pytest.raises(turns.TurnsError):
        app.send_mail({"Records": records}, None)
    assert calls == [({"n": 0},), ({"n": 1},), ({"n": 2},)]


def _lines(logged: Callable[[], str]) -> list[dict]:
    return [json.loads(line) for line in logged().splitlines()]


def test_a_mail_that_fails_is_named_as_the_outbox_and_the_dead_letters_name_it(app, entry, logged) -> None:
    mail = {"kind": "activate", "key": "activate-7-0a", "to": "a@example.com", "context": {"link": "https://x/secret"}}
    entry("sending", "deliver", fails_on=mail)
    with pytest.raises(turns.TurnsError):
        app.send_mail({"Records": [{"body": json.dumps(mail), "receiptHandle": "h", "messageId": "m-1"}]}, None)
    (line,) = _lines(logged)
    assert (line["event"], line["message_id"]) == ("mail_failed", "m-1")
    assert (line["kind"], line["key"]) == ("activate", "activate-7-0a")
    assert "example.com" not in logged()
    assert "secret" not in logged()


@pytest.mark.parametrize("body", ["no json", "[]", "{}", "7"])
def test_a_message_that_is_no_mail_is_named_as_the_dead_letters_name_it(app, entry, logged, body: str) -> None:
    entry("sending", "deliver", fails_on=None if body == "no json" else json.loads(body))
    with pytest.raises(turns.TurnsError):
        app.send_mail({"Records": [{"body": body, "receiptHandle": "h", "messageId": "m-1"}]}, None)
    assert [(line["event"], line["message_id"]) for line in _lines(logged)] == [("mail_failed", "m-1")]


def test_an_upload_that_fails_is_named_by_its_key_as_it_was_uploaded(app, entry, logged) -> None:
    event = s3_event("my+film+%C3%BC.mp4")
    entry("ingest", "on_record", fails_on=event["Records"][0])
    with pytest.raises(turns.TurnsError):
        app.ingest(event, None)
    assert [(line["event"], line["key"]) for line in _lines(logged)] == [("ingest_failed", "my film ü.mp4")]


def test_a_record_that_is_none_holds_up_no_other(app, entry, logged) -> None:
    event = {"Records": [*s3_event("a.mp4")["Records"], {"s3": None}]}
    calls = entry("ingest", "on_record", fails_on={"s3": None})
    with pytest.raises(turns.TurnsError, match="1 of 2"):
        app.ingest(event, None)
    assert len(calls) == 2
    assert [line["event"] for line in _lines(logged)] == ["ingest_failed"]


def test_the_functions_are_bound_to_the_stages_resources(app) -> None:
    sources = {source.name: source for source in app.app.event_sources}
    assert set(sources) == {"ingest", "watchdog", "send_mail"}
    assert (sources["ingest"].bucket, sources["ingest"].events) == ("videoflix-uploads", ["s3:ObjectCreated:*"])
    assert sources["send_mail"].queue == "videoflix-local-mail"
    assert sources["watchdog"].schedule_expression.to_string() == "rate(1 minute)"
    assert [function.name for function in app.app.pure_lambda_functions] == ["transcode"]
