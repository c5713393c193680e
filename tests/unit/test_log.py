"""Lines of the log are JSON, belong together by the facts they share, and carry metrics that CloudWatch reads."""

import io
import json
import logging
import re
import threading
import time
from pathlib import Path

import pytest

from functions import log, settings


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch):
    """What is logged from now on, read."""
    log.info("first")  # the handler is made at first use
    stream = io.StringIO()
    ours = [each for each in logging.getLogger("videoflix").handlers if type(each) is logging.StreamHandler]
    (handler,) = ours
    monkeypatch.setattr(handler, "stream", stream)

    def read() -> list[dict]:
        return [json.loads(line) for line in stream.getvalue().splitlines()]

    read.text = lambda: stream.getvalue().removesuffix("\n")
    return read


def test_an_event_is_one_line_of_json_with_its_facts(lines) -> None:
    log.info("film_ready", film_id=7, title="Ü\n<b>")
    log.warning("film_failed", code="broken")
    (ready, failed) = lines()
    assert (ready["level"], ready["event"], ready["film_id"], ready["title"]) == ("INFO", "film_ready", 7, "Ü\n<b>")
    assert ready["at"].endswith("Z")
    assert (failed["level"], failed["code"]) == ("WARNING", "broken")


@pytest.mark.parametrize(
    "sign", ["\u2028", "\u2029", "\x85", "\x7f", "\x9b2J", "\u202e", "\u2066", "\x1b", "\r\n", "\0"]
)
def test_nothing_that_is_logged_begins_a_line_or_commands_a_terminal(lines, sign: str) -> None:
    """A key or a title is its uploader's: other ends of lines, and text that runs backwards, are escaped."""
    log.info("upload_registered", key=f"a{sign}b")
    (line,) = lines()
    assert line["key"] == f"a{sign}b"
    assert not set(sign.strip("2J")) & set(lines.text())


def test_all_that_a_step_logs_names_its_execution(lines, environment) -> None:
    """An operator follows one film from its event to its publication by one search."""
    with log.bound(execution="film-7-1-a-1", step="encode"):
        with log.bound(step="audit", chunk=3):
            log.info("inside")
        log.warning("outside")
        log.metrics("measured", made_bytes=1)
    log.info("after")
    inside, outside, measured, after = lines()
    assert (inside["execution"], inside["step"], inside["chunk"]) == ("film-7-1-a-1", "audit", 3)
    assert (outside["execution"], outside["step"], "chunk" in outside) == ("film-7-1-a-1", "encode", False)
    assert measured["execution"] == "film-7-1-a-1"
    assert not {"execution", "step", "chunk"} & set(after)


def test_facts_are_unbound_also_when_the_step_raises(lines) -> None:
    with pytest.raises(KeyError), log.bound(step="encode"):
        raise KeyError("x")
    log.info("after")
    assert "step" not in lines()[0]


def test_an_exception_is_logged_with_its_cause_and_the_bound_facts(lines) -> None:
    with log.bound(film_id=7):
        try:
            int("x")
        except ValueError:
            log.exception("watchdog_failed")
    (line,) = lines()
    assert (line["level"], line["film_id"]) == ("ERROR", 7)
    assert "ValueError" in line["exception"]


def test_what_another_thread_logs_is_not_told_of_this_ones_film(lines) -> None:
    with log.bound(film_id=7):
        other = threading.Thread(target=log.info, args=("elsewhere",))
        other.start()
        other.join()
    assert "film_id" not in lines()[0]


def test_metrics_follow_the_embedded_metric_format(lines, environment) -> None:
    """AWS, "Specification: Embedded metric format": what is malformed is a line of log and no metric, silently."""
    with log.bound(film_id=7, step="encode"):
        log.metrics("chunk_made", encode_seconds=1.5, stored_bytes=2000, chunks=3)
    (line,) = lines()
    emf = line["_aws"]
    assert set(emf) == {"Timestamp", "CloudWatchMetrics"}
    assert isinstance(emf["Timestamp"], int)
    assert abs(emf["Timestamp"] / 1000 - time.time()) < 600
    (directive,) = emf["CloudWatchMetrics"]
    assert set(directive) == {"Namespace", "Dimensions", "Metrics"}
    assert 1 <= len(directive["Namespace"]) <= 1024
    assert {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]} == {
        "encode_seconds": "Seconds",
        "stored_bytes": "Bytes",
        "chunks": "Count",
    }
    for dimensions in directive["Dimensions"]:
        assert len(dimensions) <= 30
        assert all(isinstance(line[name], str) for name in dimensions), "a dimension is a text at the line's top"
    for metric in directive["Metrics"]:
        assert isinstance(line[metric["Name"]], int | float), "a value is a number at the line's top"
    assert (line["event"], line["film_id"]) == ("chunk_made", 7)


def test_what_differs_for_each_film_is_no_dimension(lines, environment) -> None:
    """Each new value of a dimension is a metric of its own, which costs every month."""
    with log.bound(film_id=7, execution="film-7-1-a-1"):
        log.metrics("film_ready", ready_seconds=3)
    assert lines()[0]["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["event"]]


def test_each_stage_s_metrics_are_where_its_alarms_are(lines, environment) -> None:
    """One account may hold several stages: a film of staging's was counted among those of prod."""
    environment.setenv("STAGE", "staging")
    settings.current.cache_clear()
    log.metrics("film_ready", ready_seconds=3)
    engine = (Path(__file__).parents[2] / "infra/engine.yaml").read_text(encoding="utf-8")
    (namespace,) = set(re.findall(r'MetricNamespace: !Sub "([^"]+)"', engine))
    assert lines()[0]["_aws"]["CloudWatchMetrics"][0]["Namespace"] == namespace.replace("${Stage}", "staging")


def test_lines_below_the_level_are_not_written(lines) -> None:
    log.set_level("WARNING")
    try:
        log.info("quiet")
        log.warning("loud")
    finally:
        log.set_level("INFO")
    assert [line["event"] for line in lines()] == ["loud"]
