"""What is deployed, as the deployment itself knows it.

Chalice remembers ids in a file of the project. That file is lost with the machine, and is written only at the end of
a run: after an interrupted one Chalice would make a second API and fail on the queues' subscriptions. So before each
run the file is put right from what really exists.

`Deployment` is the note of a finished run. It lies in the artifacts bucket, so that any machine can tell whether
there is anything to do.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra import project
from infra.targets import Target

_NOTE = "deployment.json"
_MISSING = ("404", "NoSuchKey", "NoSuchBucket", "NotFoundException", "ResourceNotFoundException")
# what makes a function this function; ids and times that the service gives are left out
_ESSENCE = ("CodeSha256", "Environment", "Handler", "Layers", "MemorySize", "Role", "Runtime", "Timeout")

Resource = dict[str, Any]


@dataclass(frozen=True)
class Deployment:
    """The note of a finished run.

    Attributes:
        fingerprint: Of everything that was deployed (code, templates, settings).
        functions: Digest of each function's configuration, by its name in Lambda.
        resources: Chalice's own record.
    """

    fingerprint: str
    functions: dict[str, str]
    resources: list[Resource]

    @property
    def rest_api(self) -> Resource:
        """Return Chalice's record of the API; empty if there is none."""
        return next((one for one in self.resources if one.get("resource_type") == "rest_api"), {})


def artifacts_bucket(target: Target) -> str:
    """Return the name that artifacts.yaml gives the bucket."""
    return f"videoflix-{target.stage}-artifacts-{target.account}"


def read(target: Target) -> Deployment | None:
    """Return the note of the last finished run; None if there is none that can be read."""
    try:
        body = target.client("s3").get_object(Bucket=artifacts_bucket(target), Key=_NOTE)["Body"].read()
        return Deployment(**json.loads(body))
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:
            return None
        raise
    except (TypeError, ValueError):
        return None  # of another version


def write(target: Target, fingerprint: str) -> Deployment:
    """Note that a run is finished."""
    names = [project.function_name(target.stage, function) for function in project.ROLES]
    deployment = Deployment(fingerprint, functions(target, names), chalice_resources(target))
    body = json.dumps(asdict(deployment), indent=1).encode()
    target.client("s3").put_object(Bucket=artifacts_bucket(target), Key=_NOTE, Body=body)
    return deployment


def forget(target: Target) -> None:
    """Take the note away: from now until the end of the run nobody may call the deployment whole."""
    target.client("s3").delete_object(Bucket=artifacts_bucket(target), Key=_NOTE)


def functions(target: Target, names: list[str]) -> dict[str, str]:
    """Return a digest of each function that exists, by its name."""
    with ThreadPoolExecutor(max_workers=8) as pool:
        found = zip(names, pool.map(lambda name: _function(target, name), names), strict=True)
        return {name: _digest(config) for name, config in found if config}


def _digest(config: Mapping[str, Any]) -> str:
    essence = {key: config.get(key) for key in _ESSENCE}
    return hashlib.sha256(json.dumps(essence, sort_keys=True, default=str).encode()).hexdigest()


def _function(target: Target, name: str) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = target.client("lambda").get_function_configuration(FunctionName=name)
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:
            return None
        raise
    return found


def is_whole(target: Target, deployment: Deployment) -> bool:
    """Say whether what the note names is still there, as it was."""
    checks = (
        lambda: functions(target, list(deployment.functions)) == deployment.functions,
        lambda: _api_exists(target, str(deployment.rest_api.get("rest_api_id"))),
        lambda: _tables_exist(target),
        lambda: all(_mapping_exists(target, one["event_uuid"]) for one in deployment.resources if "event_uuid" in one),
        lambda: all(_notifies(target, one) for one in deployment.resources if one.get("resource_type") == "s3_event"),
    )
    with ThreadPoolExecutor(max_workers=len(checks)) as pool:
        return all(pool.map(lambda check: check(), checks))


def _exists(call: Any, **arguments: str) -> bool:  # noqa: ANN401 - a bound method of some client
    try:
        call(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:
            return False
        raise
    return True


def _api_exists(target: Target, api_id: str) -> bool:
    return _exists(target.client("apigateway").get_rest_api, restApiId=api_id)


def _tables_exist(target: Target) -> bool:
    describe = target.client("dynamodb").describe_table
    names = (f"videoflix-{target.stage}-{part}" for part in ("accounts", "catalogue"))
    return all(_exists(describe, TableName=name) for name in names)


def _mapping_exists(target: Target, uuid: str) -> bool:
    return _exists(target.client("lambda").get_event_source_mapping, UUID=uuid)


def _notifies(target: Target, resource: Resource) -> bool:
    try:
        found = target.client("s3").get_bucket_notification_configuration(Bucket=resource["bucket"])
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:
            return False
        raise
    arns = [one["LambdaFunctionArn"] for one in found.get("LambdaFunctionConfigurations", [])]
    return resource["lambda_arn"] in arns


def chalice_resources(target: Target) -> list[Resource]:
    """Return what Chalice's record says; empty if there is none that can be read."""
    try:
        return list(json.loads(target.record.read_text(encoding="utf-8"))["resources"])
    except (OSError, ValueError, KeyError, TypeError):
        return []


def write_chalice(target: Target, resources: list[Resource]) -> None:
    """Give Chalice this record."""
    target.record.parent.mkdir(parents=True, exist_ok=True)
    record = {"resources": resources, "schema_version": "2.0", "backend": "api"}
    fresh = target.record.with_suffix(".new")
    fresh.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    fresh.replace(target.record)  # in one step: the API's listener of the embedded stack reads it at any time


def adopt(target: Target, gateway_stage: str) -> list[Resource]:
    """Put Chalice's record right from what exists, and return it.

    Kept of the old record: what cannot be looked up, and functions of former versions, which Chalice then removes.
    """
    last = read(target)
    known = chalice_resources(target) or (last.resources if last else [])
    found = {one["name"]: one for one in _discover(target, known, gateway_stage)}
    looked_up = ("lambda_function", "sqs_event", "rest_api")
    kept = [one for one in known if one.get("resource_type") not in looked_up and one.get("name") not in found]
    resources = [*kept, *found.values()]
    if resources:
        write_chalice(target, resources)
    else:
        target.record.unlink(missing_ok=True)
    return resources


def _discover(target: Target, known: list[Resource], gateway_stage: str) -> Iterator[Resource]:
    former = {one["name"] for one in known if one.get("resource_type") == "lambda_function"}
    for function in [*project.ROLES, *sorted(former - project.ROLES.keys())]:
        config = _function(target, project.function_name(target.stage, function))
        if config is None:
            continue
        arn = config["FunctionArn"]
        yield {"name": function, "resource_type": "lambda_function", "lambda_arn": arn}
        yield from _subscriptions(target, function, arn)
        if function == "api_handler":
            yield from _api(target, arn, known, gateway_stage)


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


def _api(target: Target, function_arn: str, known: list[Resource], gateway_stage: str) -> Iterator[Resource]:
    """Find the API that calls our function: the recorded one, else one that an interrupted run left."""
    gateway = target.client("apigateway")
    recorded = next((one["rest_api_id"] for one in known if one.get("resource_type") == "rest_api"), "")
    pages = gateway.get_paginator("get_rest_apis").paginate()
    ids = [api["id"] for page in pages for api in page["items"] if api.get("name") == "videoflix"]
    ours = [one for one in ids if one == recorded] or [one for one in ids if _calls(gateway, one, function_arn)]
    if ours:
        region = target.region
        yield {
            "name": "rest_api",
            "resource_type": "rest_api",
            "rest_api_id": ours[0],
            "rest_api_url": f"https://{ours[0]}.execute-api.{region}.amazonaws.com/{gateway_stage}/",
        }


def _calls(gateway: Any, api_id: str, function_arn: str) -> bool:  # noqa: ANN401
    pages = gateway.get_paginator("get_resources").paginate(restApiId=api_id, embed=["methods"])
    return any(
        function_arn in method.get("methodIntegration", {}).get("uri", "")
        for page in pages
        for resource in page["items"]
        for method in resource.get("resourceMethods", {}).values()
    )
