"""What `make drill` says: which call met which fault, what was out of order, and what cannot be better."""

import pytest

from drill import page, results
from drill.faults import FAULTS, LIMITS, Call
from drill.parts import MATRICES, PARTS
from drill.results import Outcome, Results
from drill.suites import SUITES

QUEUE = Call("api", "sqs", "SendMessage")
SES = Call("send_mail", "ses", "SendRawEmail")
TWICE = "a mail to ada@example.com came 2 times: Activate your Videoflix account"
KILLS = next(iter(SUITES))
FUNCTIONS = {"api": "videoflix-local", "send_mail": "videoflix-local-send_mail"}


def found(**cells: Outcome) -> Results:
    row = {fault.name: cells.get(fault.name.replace(" ", "_"), Outcome(True, ())) for fault in FAULTS}
    ran = dict.fromkeys(PARTS, "today")
    return Results({"film": {QUEUE: row}}, events={"it comes twice": ()}, suites={KILLS: True}, ran=ran)


def test_what_is_in_order_is_marked_and_nothing_else_is_said() -> None:
    said = page.text(found())
    assert "### A film's way from the bucket to the screen (part `film`)" in said
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


def test_a_fault_that_never_happened_proves_nothing_and_is_not_in_order() -> None:
    missed = found(throttled=Outcome(False, ()))
    assert f"| {QUEUE} | - | ✓ |" in page.text(missed)
    assert missed.wrong() == [f"{QUEUE}, throttled: {results.NOT_REACHED}"]


def test_what_is_wrong_is_marked_though_the_fault_never_happened() -> None:
    assert Outcome(False, ("a film is queued",)).mark == "✗"


def test_a_way_on_which_no_call_was_seen_is_not_in_order() -> None:
    assert Results({"film": {}}).wrong() == [f"{MATRICES['film']}: no call of AWS was seen"]


def test_what_cannot_be_better_is_told_with_its_reason_and_does_not_count() -> None:
    limited = found()
    limited.matrices["film"][SES] = {
        fault.name: Outcome.of(SES, fault.name, [TWICE] if fault.name == "answer lost" else [], reached=True)
        for fault in FAULTS
    }
    assert limited.wrong() == []
    reason = LIMITS[SES, "answer lost"].reason
    assert f"- limit: {SES}, answer lost: {TWICE}. {reason}." in page.text(limited)


def test_a_limit_excuses_what_it_is_about_and_nothing_else() -> None:
    outcome = Outcome.of(SES, "answer lost", [TWICE, "“A film” is queued"], reached=True)
    assert (outcome.wrong, outcome.excused, outcome.mark) == (("“A film” is queued",), (TWICE,), "✗")


@pytest.mark.parametrize(
    ("fault", "wrong"), [("answer lost", TWICE.replace("2", "3")), ("reset", TWICE), ("answer lost", f"and {TWICE}")]
)
def test_a_limit_is_of_one_fault_and_one_sentence(fault: str, wrong: str) -> None:
    assert Outcome.of(SES, fault, [wrong], reached=True).wrong == (wrong,)


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
    page.write(results.keep(Results(events={"it comes twice": ("1 dead letters",)}, ran={"events": "tomorrow"})))
    again = (tmp_path / "page").read_text()
    assert f"- {QUEUE}, reset: a film is queued" in again
    assert "- it comes twice: 1 dead letters" in again
    assert again.count("Run: tomorrow.") == 1
    assert again.count("Run: today.") == 2, "the other parts are as old as they are"
    page.write(results.keep(found()))
    assert "Out of order" not in (tmp_path / "page").read_text()


def test_ways_that_nobody_goes_any_more_are_forgotten(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(results, "KEPT", tmp_path / "kept")
    results.keep(Results({"film": {}, "a way of old": {}}, ran={"film": "today", "a way of old": "today"}))
    assert set(results.keep(Results()).matrices) == {"film"}


def test_a_part_that_was_never_run_is_named_as_such() -> None:
    assert "Not run yet: `film`, " in page.text(Results())
    assert "Not run yet" not in page.text(found())


def test_the_page_is_the_one_of_the_kept_results() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.text(results.kept())


def test_each_limit_is_of_a_fault_that_there_is() -> None:
    assert {fault for _, fault in LIMITS} <= {fault.name for fault in FAULTS}


def test_rights_that_no_way_used_are_named_and_those_that_one_used_are_not() -> None:
    said = page.text(found())
    (api,) = [line for line in said.splitlines() if line.startswith("- api: ")]
    assert "states:StartExecution" in api
    assert QUEUE.operation not in api
    assert "logs:" not in said, "Lambda writes logs, whatever the function calls"
