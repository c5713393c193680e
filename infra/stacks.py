"""CloudFormation stacks: what a template would change, and making it so."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import yaml
from botocore.exceptions import ClientError

from infra.targets import ROOT, DeployError, Target

try:  # libyaml reads the same in a tenth of the time
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

_POLL = 0.1, 5.0  # seconds between questions, first and longest: emulators are done at once, AWS takes minutes
_PATIENCE = 3600.0  # seconds; a table's index may take long
PARTS = ("artifacts", "data", "access", "engine", "cdn", "page")  # in the order of their making
_STARTS = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS")
_MADE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
_ROLLED_BACK = "UPDATE_ROLLBACK_COMPLETE"
_NEVER_MADE = ("CREATE_FAILED", "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED")
_NOT_THERE = ("CREATE_FAILED", "DELETE_COMPLETE")  # of a resource: somebody else's, or gone
_DEAD = (*_NEVER_MADE, "DELETE_FAILED")


class Action(Enum):
    """What has to happen to a stack."""

    CREATE = "create"
    REPLACE = "create again (an earlier creation failed)"
    UPDATE = "update"
    NOTHING = "unchanged"


@dataclass(frozen=True)
class Stack:
    """A template with its parameters.

    Attributes:
        part: Name of the template in this folder, without its ending.
        parameters: Values by name; those not given keep the template's default.
        protected: Whether CloudFormation shall refuse to delete it.
    """

    target: Target
    part: str
    parameters: Mapping[str, str]
    protected: bool = False

    @property
    def name(self) -> str:
        """Return the stack's name."""
        return f"videoflix-{self.target.stage}-{self.part}"

    @property
    def body(self) -> str:
        """Return the template's text."""
        return (ROOT / "infra" / f"{self.part}.yaml").read_text(encoding="utf-8")


@dataclass(frozen=True)
class StackPlan:
    """What would happen to a stack, and why."""

    stack: Stack
    action: Action
    changes: tuple[str, ...] = ()


class _Loader(SafeLoader):
    """Reads a template; `!Ref` and the like become plain values, which is enough to compare them."""


def _tagged(loader: SafeLoader, suffix: str, node: yaml.Node) -> object:
    if isinstance(node, yaml.ScalarNode):
        return {suffix: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)  # noqa: S101 - YAML has no fourth kind
    return {suffix: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _tagged)


def parse(body: str) -> dict[str, Any]:
    """Parse a template's text (YAML or JSON)."""
    value: dict[str, Any] = yaml.load(body, _Loader)  # noqa: S506 - a SafeLoader
    return value


def plan(stack: Stack) -> StackPlan:
    """Compare a stack with what is deployed; changes nothing."""
    found = _settled(stack)
    if found is None:
        return StackPlan(stack, Action.CREATE, (f"{len(parse(stack.body)['Resources'])} resources",))
    if found["StackStatus"] in _DEAD:
        return StackPlan(stack, Action.REPLACE, (found["StackStatus"],))
    deployed = {p["ParameterKey"]: p.get("ParameterValue", "") for p in found.get("Parameters", [])}
    changes = [f"parameter {key}" for key, value in stack.parameters.items() if deployed.get(key) != value]
    body = stack.target.client("cloudformation").get_template(StackName=stack.name)["TemplateBody"]
    if body != stack.body:
        changes += _differences(body if isinstance(body, dict) else parse(body), parse(stack.body))
    return StackPlan(stack, Action.UPDATE if changes else Action.NOTHING, tuple(changes))


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    before, after = old.get("Resources", {}), new["Resources"]
    return (
        [f"+ {name}" for name in after.keys() - before.keys()]
        + [f"- {name}" for name in before.keys() - after.keys()]
        + [f"~ {name}" for name in after.keys() & before.keys() if before[name] != after[name]]
    ) or ["text of the template"]


def apply(planned: StackPlan, tell: Callable[[str], None]) -> dict[str, str]:
    """Do what was planned and return the stack's outputs.

    Raises:
        DeployError: CloudFormation refused, or a resource failed; the message says which.
    """
    stack = planned.stack
    wanted = _MADE if _change(planned) else (*_MADE, _ROLLED_BACK)  # what was in force before a failed update still is
    found = _settled(stack, tell)
    if found is None or found["StackStatus"] not in wanted:
        raise DeployError(f"The stack {stack.name} failed: {_reason(stack)}")
    return outputs(found)


def _change(planned: StackPlan) -> bool:
    """Begin what was planned; False: there is nothing to change."""
    stack = planned.stack
    cloudformation = stack.target.client("cloudformation")
    try:
        if planned.action is Action.REPLACE:
            _clear_away(stack)
        if planned.action in (Action.CREATE, Action.REPLACE):
            cloudformation.create_stack(**_request(stack), EnableTerminationProtection=stack.protected)
        elif planned.action is Action.UPDATE:
            cloudformation.update_stack(**_request(stack))
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise DeployError(f"CloudFormation refused the stack {stack.name}: {error}") from error
        return False
    return planned.action is not Action.NOTHING


def _clear_away(stack: Stack) -> None:
    """Delete what is left of a stack. One that never came to be loses its protection: nothing of it was ever used."""
    cloudformation = stack.target.client("cloudformation")
    found = describe(stack) or {}
    if found.get("EnableTerminationProtection") and found["StackStatus"] in _NEVER_MADE:
        cloudformation.update_termination_protection(StackName=stack.name, EnableTerminationProtection=False)
    cloudformation.delete_stack(StackName=stack.name)
    _settled(stack)


def delete(stack: Stack) -> None:
    """Delete the stack and wait until it is gone.

    Raises:
        DeployError: a resource could not be deleted.
    """
    if _settled(stack) is None:
        return
    stack.target.client("cloudformation").delete_stack(StackName=stack.name)
    if _settled(stack) is not None:
        raise DeployError(f"The stack {stack.name} could not be deleted: {_reason(stack)}")


def outputs(described: Mapping[str, Any]) -> dict[str, str]:
    """Return the outputs of a described stack."""
    return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}


def describe(stack: Stack) -> dict[str, Any] | None:
    """Return what CloudFormation says of the stack; None if there is none."""
    try:
        found = stack.target.client("cloudformation").describe_stacks(StackName=stack.name)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    alive = [one for one in found if one["StackStatus"] != "DELETE_COMPLETE"]
    return dict(alive[0]) if alive else None


def is_made(stack: Stack) -> bool:
    """Say whether the stack is there and holds what may be in use: not one whose creation failed."""
    found = _settled(stack)
    return found is not None and found["StackStatus"] not in _DEAD


def physical_names(stack: Stack) -> dict[str, str]:
    """Return what the stack's resources are really called, by their names in the template."""
    cloudformation = stack.target.client("cloudformation")
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack.name)
    return {
        found["LogicalResourceId"]: found["PhysicalResourceId"]
        for page in pages
        for found in page["StackResourceSummaries"]
        if found.get("PhysicalResourceId") and found["ResourceStatus"] not in _NOT_THERE
    }


def _settled(stack: Stack, tell: Callable[[str], None] | None = None) -> dict[str, Any] | None:
    """Wait until nothing is in progress, ours or of an interrupted run."""
    pause, longest = _POLL
    deadline = time.monotonic() + _PATIENCE
    told = ""
    while True:
        found = describe(stack)
        status = found["StackStatus"] if found else ""
        if not status.endswith("_IN_PROGRESS") or status == "REVIEW_IN_PROGRESS":
            return found
        if time.monotonic() > deadline:
            raise DeployError(f"The stack {stack.name} is still {status} after an hour.")
        if tell and status != told and told:
            tell(f"  {stack.name}: {status}")
        told = status
        time.sleep(pause)
        pause = min(pause * 1.5, longest)


def _request(stack: Stack) -> dict[str, Any]:
    return {
        "StackName": stack.name,
        "TemplateBody": stack.body,
        "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in stack.parameters.items()],
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "Tags": [{"Key": "videoflix:stage", "Value": stack.target.stage}],
    }


def _reason(stack: Stack) -> str:
    """Return the first failure of the last change: what follows it are consequences."""
    failures = []
    for event in stack.target.client("cloudformation").describe_stack_events(StackName=stack.name)["StackEvents"]:
        status = event.get("ResourceStatus", "")
        if event["LogicalResourceId"] == stack.name and status in _STARTS:
            break  # newest first: older ones belong to an earlier change
        if status.endswith("_FAILED"):
            failures.append(f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}")
    found = describe(stack)
    status = str(found.get("StackStatusReason") or found["StackStatus"]) if found else "it is gone"
    return failures[-1] if failures else status
