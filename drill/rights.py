"""Which rights of the functions (infra/access.yaml) no call on any drilled way asked for: there no fault was met."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from drill.faults import Call
from infra import project, stacks
from localstack.stack import ROOT

ROLES = {handler.removesuffix("_handler"): output.removesuffix("Arn") for handler, output in project.ROLES.items()}
"""Roles by the names of their functions."""
_OTHER_NAMES = {  # of the calls whose right has another name (Service Authorization Reference)
    "s3:HeadBucket": ["s3:ListBucket"],
    "s3:HeadObject": ["s3:GetObject"],
    "s3:ListObjectsV2": ["s3:ListBucket"],
    "s3:DeleteObjects": ["s3:DeleteObject"],
    "s3:CreateMultipartUpload": ["s3:PutObject"],
    "s3:CompleteMultipartUpload": ["s3:PutObject"],
    "s3:ListParts": ["s3:ListMultipartUploadParts"],
    # what our transactions hold
    "dynamodb:TransactWriteItems": [f"dynamodb:{what}Item" for what in ("Put", "Update", "Delete", "ConditionCheck")],
}
_LAMBDA_ITSELF = ("logs:", "sqs:ChangeMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
"""What begins the rights that the service uses in a function's name."""


def of_call(call: Call) -> list[str]:
    """Return the rights that a call asks for."""
    action = f"{'states' if call.service == 'stepfunctions' else call.service}:{call.operation}"
    return _OTHER_NAMES.get(action, [action])


def granted(function: str) -> set[str]:
    """Return the rights that a function has, by its own role and by the policies that it shares."""
    resources = _resources()
    role = resources[ROLES[function]]["Properties"]
    shared = [resources[each["Ref"]]["Properties"] for each in role.get("ManagedPolicyArns", [])]
    documents = [policy["PolicyDocument"] for policy in [*role["Policies"], *shared]]
    return {action for document in documents for said in document["Statement"] for action in _listed(said["Action"])}


def unused(calls: Iterable[Call]) -> Iterator[tuple[str, list[str]]]:
    """Yield functions with those of their rights that none of these calls asked for."""
    asked = {(call.function, right) for call in calls for right in of_call(call)}
    for function in ROLES:
        left = [right for right in sorted(granted(function)) if (function, right) not in asked]
        if ours := [right for right in left if not right.startswith(_LAMBDA_ITSELF)]:
            yield function, ours


@functools.cache
def _resources() -> Mapping[str, Any]:
    resources: Mapping[str, Any] = stacks.parse((ROOT / "infra" / "access.yaml").read_text(encoding="utf-8"))[
        "Resources"
    ]
    return resources


def _listed(action: str | list[str]) -> list[str]:
    return action if isinstance(action, list) else [action]
