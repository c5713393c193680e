"""What `make drill` says: which call met which fault, what was out of order, and what cannot be better."""

import pytest

from drill import page, results
from drill.faults import FAULTS, LIMITS, Call
from drill.results import Outcome, Results
from drill.suites import SUITES
from localstack.stack import ROOT

QUEUE = Call("api", "sqs", "SendMessage")
SES = Call("send_mail", "ses", "SendRawEmail")
KILLS = next(iter(SUITES))
FUNCTIONS = {"api": "videoflix-local", "send_mail": "videoflix-local-send_mail"}


def found(**cells: Outcome) -> Results:
    row = {fault.name: cells.get(fault.name.replace(" ", "_"), Outcome(True, ())) for fault in FAULTS}
    return Results(matrices={"a journey": {QUEUE: row}}, events={"it comes twice": ()}, suites={KILLS: True})


def test_what_is_in_order_is_marked_and_nothing_else_is_said() -> None:
    said = page.text(found())
    assert "### A journey" in said
    assert f"| {QUEUE} |{' ✓ |' * len(FAULTS)}" in said
    assert "| it comes twice | ✓ |" in said
    assert f"`{SUITES[KILLS]}` | ✓ |" in said
    assert f"{len(FAULTS)} faults in calls of AWS and 2 other drills: 0 out of order" in said
    assert "Out of order" not in said


def test_what_is_out_of_order_is_marked_and_told_and_counts() -> None:
    bad = found(reset=Outcome(True, ("a film is queued",)))
    bad.events["it comes late"] = ("1 dead letters",)
    bad.suites[KILLS] = False
    assert bad.wrong() == [f"{QUEUE}, reset: a film is queued", "it comes late: 1 dead letters", f"{KILLS}: failed"]
    assert "✗" in page.text(bad)
    assert all(f"- {each}" in page.text(bad) for each in bad.wrong())


def test_a_fault_that_never_happened_proves_nothing_and_is_not_marked_as_if() -> None:
    assert f"| {QUEUE} | - | ✓ |" in page.text(found(throttled=Outcome(False, ())))


def test_what_cannot_be_better_is_told_with_its_reason_and_does_not_count() -> None:
    limited = found(answer_lost=Outcome(True, ("a mail came 2 times",), "there is no token"))
    assert limited.wrong() == []
    assert f"- limit: {QUEUE}, answer lost: a mail came 2 times. there is no token." in page.text(limited)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_rule_meets_the_calls_of_one_function_only_and_ends(fault) -> None:
    rule = fault.rule(QUEUE, FUNCTIONS)
    assert (rule["service"], rule["operation"]) == ("sqs", "SendMessage")
    assert rule["headers"]["user-agent"] not in "app/videoflix-local-send_mail.", "the API's name begins all others'"
    assert rule["times"] >= 1


def test_an_outage_outlasts_the_client_of_each_service_and_not_the_queue_of_mails() -> None:
    (outage,) = [fault for fault in FAULTS if fault.name == "outage"]
    assert outage.rule(QUEUE, FUNCTIONS)["times"] > 4, "our clients try four times (functions/aws.py)"
    assert 1 < outage.rule(SES, FUNCTIONS)["times"] < 5, "SES is asked once, and the queue tries five times"


def test_a_part_that_is_run_again_takes_its_own_place_only(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(results, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(page, "PAGE", tmp_path / "page")
    bad = Outcome(True, ("a film is queued",))
    page.write(results.keep(found(reset=bad)))
    page.write(results.keep(Results(events={"it comes twice": ("1 dead letters",)})))
    again = (tmp_path / "page").read_text()
    assert f"- {QUEUE}, reset: a film is queued" in again
    assert "- it comes twice: 1 dead letters" in again
    page.write(results.keep(found()))
    assert "Out of order" not in (tmp_path / "page").read_text()


def test_each_limit_is_of_a_fault_that_there_is() -> None:
    assert {fault for _, fault in LIMITS} <= {fault.name for fault in FAULTS}


def test_each_suite_is_a_file_of_tests() -> None:
    assert [path for path in SUITES.values() if not (ROOT / path).is_file()] == []
