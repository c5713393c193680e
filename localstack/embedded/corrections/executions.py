"""Restores: an execution of Step Functions starts, stops and ends as on AWS, is remembered, and does not pile up.

What ministack 1.5.33 does instead:

- it waits 0.15 s before each execution's first step;
- a start that is repeated while the execution runs is refused, where AWS answers with that execution;
- an item of a Map has failed and none may, or the execution was stopped: all remaining items are run all the same, so
  that a long film encodes for an hour after it was given up;
- an execution that was stopped becomes `FAILED` when a step of it fails later;
- no end of an execution is saved before the stack stops: after `kill -9` every execution is called failed;
- executions and the items of their Maps are kept for ever, and saved whole each time. AWS forgets them after 90 days.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

_HEAD_START = 0.15  # seconds that ministack sleeps
_KEPT = 500  # executions that have ended, the newest
_MAPS = 5  # Maps that have ended, the newest, whose items are kept one by one

Execution = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]


def install(changed: Callable[[], None]) -> None:
    """Correct ministack's functions where they stand; `changed` is told of each start and end. Any thread calls it."""
    from ministack.services import stepfunctions  # noqa: PLC0415 - after the environment is set

    stepfunctions.time = SimpleNamespace(**vars(time) | {"sleep": _sleep})
    _start_again(stepfunctions)
    _end_once(stepfunctions)
    _leave_the_rest(stepfunctions)
    _tell_changes(stepfunctions, changed)


def _sleep(seconds: float) -> None:
    if seconds != _HEAD_START:
        time.sleep(seconds)


def _start_again(sfn: Any) -> None:  # noqa: ANN401 - ministack's module
    """Answer a repeated start as AWS does (API reference, StartExecution: same name, same input, still running)."""
    start = sfn._start_execution  # noqa: SLF001 - as everywhere in this file: there is no public way in

    def start_or_find(data: dict[str, Any]) -> Answer:
        _forget(sfn)
        answer: Answer = start(data)
        if answer[0] == 200 or not data.get("name"):  # noqa: PLR2004
            return answer
        machine = str(data.get("stateMachineArn", ""))
        found = sfn._executions.get(f"{machine.replace(':stateMachine:', ':execution:')}:{data['name']}")  # noqa: SLF001
        if not found or found["status"] != "RUNNING" or found["input"] != data.get("input", "{}"):
            return answer
        again: Answer = sfn.json_response({"executionArn": found["executionArn"], "startDate": found["startDate"]})
        return again

    sfn._start_execution = start_or_find  # noqa: SLF001


def _end_once(sfn: Any) -> None:  # noqa: ANN401 - ministack's module
    """Let an execution that was stopped stay so."""
    fail = sfn._fail_execution  # noqa: SLF001

    def fail_if_running(execution: Execution, error: str, cause: str) -> None:
        if execution["status"] == "RUNNING":
            fail(execution, error, cause)

    sfn._fail_execution = fail_if_running  # noqa: SLF001


def _leave_the_rest(sfn: Any) -> None:  # noqa: ANN401 - ministack's module
    """Start no further item of a Map that is lost already. Those that run are let to their end, as Lambda does."""
    run_item = sfn._run_sub_machine  # noqa: SLF001

    def run_if_wanted(states: Any, start_at: str, given: Any, execution: Execution, ctx: Any) -> Any:  # noqa: ANN401
        run = sfn._map_runs.get(execution.get("mapRunArn"))  # noqa: SLF001
        if run is not None and (_is_over(sfn, run) or _is_lost(run)):
            raise sfn._ExecutionError("States.Aborted", "The Map had ended before this item's turn came")  # noqa: SLF001
        return run_item(states, start_at, given, execution, ctx)

    sfn._run_sub_machine = run_if_wanted  # noqa: SLF001


def _is_over(sfn: Any, run: dict[str, Any]) -> bool:  # noqa: ANN401 - ministack's module
    execution = sfn._executions.get(run["executionArn"])  # noqa: SLF001
    return execution is None or execution["status"] != "RUNNING"


def _is_lost(run: dict[str, Any]) -> bool:
    tolerates = run["toleratedFailureCount"] or run["toleratedFailurePercentage"]
    return bool(run["itemCounts"]["failed"]) and not tolerates


def _tell_changes(sfn: Any, changed: Callable[[], None]) -> None:  # noqa: ANN401 - ministack's module
    emit = sfn._emit_execution_status_event  # noqa: SLF001 - called at each start and end, and nowhere else

    def emit_and_tell(execution: Execution) -> None:
        changed()
        emit(execution)

    sfn._emit_execution_status_event = emit_and_tell  # noqa: SLF001


def _forget(sfn: Any) -> None:  # noqa: ANN401 - ministack's module
    """Forget the oldest of what has ended."""
    executions = list(sfn._executions.items())  # noqa: SLF001 - oldest first
    ended = [arn for arn, one in executions if one["status"] != "RUNNING" and "mapRunArn" not in one]
    maps = [arn for arn, run in list(sfn._map_runs.items()) if _is_over(sfn, run)][:-_MAPS]  # noqa: SLF001
    items = [arn for arn, one in executions if one.get("mapRunArn") in maps]
    for arn in [*ended[:-_KEPT], *items]:
        sfn._executions.pop(arn, None)  # noqa: SLF001
    for arn in maps:
        sfn._map_runs.pop(arn, None)  # noqa: SLF001
