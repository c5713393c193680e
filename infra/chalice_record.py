"""Chalice's own record of what it deployed, put right from what really exists.

Chalice remembers ids in a file of the project. That file is lost with the machine, and is written only at the end of
a run: after an interrupted one Chalice would make a second API and fail on the queues' subscriptions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from infra import live, project
from infra.live import Resource
from infra.targets import Target


def resources(target: Target) -> list[Resource]:
    """Return what Chalice's record says; empty if there is none that can be read, or it is of another account."""
    try:
        found = list(json.loads(target.record.read_text(encoding="utf-8"))["resources"])
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return found if all(_is_here(target, one) for one in found) else []


def _is_here(target: Target, resource: Resource) -> bool:
    """Say whether a resource is in the stage's account and region, as far as it says where it is."""
    arn = str(resource.get("lambda_arn", ""))
    return not arn or arn.split(":")[3:5] == [target.region, target.account]


def write(target: Target, found: list[Resource]) -> None:
    """Give Chalice this record."""
    target.record.parent.mkdir(parents=True, exist_ok=True)
    record = {"resources": found, "schema_version": "2.0", "backend": "api"}
    fresh = target.record.with_suffix(".new")
    fresh.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    fresh.replace(target.record)  # in one step: the API's listener of the embedded stack reads it at any time


def adopt(target: Target, noted: list[Resource], gateway_stage: str) -> list[Resource]:
    """Put Chalice's record right from what exists, and return it.

    Kept of the old record: what cannot be looked up, and functions of former versions, which Chalice then removes.

    Args:
        target: The stage.
        noted: The record as the last finished run noted it, for a machine that has none.
        gateway_stage: Name of the API's stage in API Gateway.
    """
    known = resources(target) or noted
    found = {one["name"]: one for one in _discover(target, known, gateway_stage)}
    looked_up = ("lambda_function", "sqs_event", "rest_api")
    kept = [one for one in known if one.get("resource_type") not in looked_up and one.get("name") not in found]
    right = [*kept, *found.values()]
    if right:
        write(target, right)
    else:
        target.record.unlink(missing_ok=True)
    return right


def _discover(target: Target, known: list[Resource], gateway_stage: str) -> Iterator[Resource]:
    former = {one["name"] for one in known if one.get("resource_type") == "lambda_function"}
    for function in [*project.ROLES, *sorted(former - project.ROLES.keys())]:
        config = live.function(target, project.function_name(target.stage, function))
        if config is None:
            continue
        arn = config["FunctionArn"]
        yield {"name": function, "resource_type": "lambda_function", "lambda_arn": arn}
        yield from _subscriptions(target, function, arn)
    yield from _api(target, known, gateway_stage)


def _subscriptions(target: Target, function: str, arn: str) -> Iterator[Resource]:
    mappings = target.client("lambda").list_event_source_mappings(FunctionName=arn)["EventSourceMappings"]
    for mapping in mappings[:1]:  # a function of ours reads one queue
        queue = mapping["EventSourceArn"]
        yield {
            "name": f"{function}-sqs-event-source",
            "resource_type": "sqs_event",
            "queue_arn": queue,
            "event_uuid": mapping["UUID"],
            "queue": queue.rpartition(":")[2],
            "lambda_arn": arn,
        }


def _api(target: Target, known: list[Resource], gateway_stage: str) -> Iterator[Resource]:
    """Find the API that calls our function: the recorded one, else one that an interrupted run left."""
    gateway = target.client("apigateway")
    # by the function's name: the function itself may be what is gone
    function = f":{target.account}:function:{project.function_name(target.stage, 'api_handler')}/"
    recorded = next((one["rest_api_id"] for one in known if one.get("resource_type") == "rest_api"), "")
    pages = gateway.get_paginator("get_rest_apis").paginate()
    ids = [api["id"] for page in pages for api in page["items"] if api.get("name") == "videoflix"]
    ours = [one for one in ids if one == recorded] or [one for one in ids if _calls(gateway, one, function)]
    if ours:
        region = target.region
        yield {
            "name": "rest_api",
            "resource_type": "rest_api",
            "rest_api_id": ours[0],
            "rest_api_url": f"https://{ours[0]}.execute-api.{region}.amazonaws.com/{gateway_stage}/",
        }


def _calls(gateway: Any, api_id: str, function: str) -> bool:  # noqa: ANN401
    pages = gateway.get_paginator("get_resources").paginate(restApiId=api_id, embed=["methods"])
    return any(
        function in method.get("methodIntegration", {}).get("uri", "")
        for page in pages
        for resource in page["items"]
        for method in resource.get("resourceMethods", {}).values()
    )
