"""The executions of the state machine that were started, as moto knows them: it starts them and runs nothing."""

import json
from typing import Any

from moto.stepfunctions.models import stepfunctions_backends

from functions import aws
from functions.settings import current


def started() -> list[dict[str, Any]]:
    """Return what each execution was told, first started first."""
    machines = aws.stepfunctions()
    found = machines.list_executions(stateMachineArn=current().transcode_machine)["executions"]
    found.sort(key=lambda execution: execution["startDate"])
    return [
        json.loads(machines.describe_execution(executionArn=execution["executionArn"])["input"]) for execution in found
    ]


def orders() -> list[dict[str, Any]]:
    """Return which films they were started for: `film_id`, `version` and `execution`."""
    return [order["film"] for order in started() if order["task"] == "film"]


def end(execution: str) -> None:
    """Have an execution end without a word, as when its stack is stopped."""
    arn = current().transcode_machine.replace(":stateMachine:", ":execution:")
    aws.stepfunctions().stop_execution(executionArn=f"{arn}:{execution}")


def forget() -> None:
    """Have Step Functions forget every execution, as an emulator does that was started anew."""
    _, _, _, region, account, *_ = current().transcode_machine.split(":")
    for machine in stepfunctions_backends[account][region].state_machines:
        machine.executions.clear()
