"""What exists in the account, asked of the services themselves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import ClientError

from infra.targets import Target

MISSING = ("404", "NoSuchKey", "NoSuchBucket", "NotFoundException", "ResourceNotFoundException")
# what makes a function this function; ids and times that the service gives are left out
_ESSENCE = ("CodeSha256", "Environment", "Handler", "Layers", "MemorySize", "Role", "Runtime", "Timeout")

Resource = dict[str, Any]
"""One entry of Chalice's record."""


def functions(target: Target, names: list[str]) -> dict[str, str]:
    """Return a digest of each function that exists, by its name in Lambda."""
    with ThreadPoolExecutor(max_workers=8) as pool:
        found = zip(names, pool.map(lambda name: function(target, name), names), strict=True)
        return {name: _digest(config) for name, config in found if config}


def _digest(config: Mapping[str, Any]) -> str:
    essence = {key: config.get(key) for key in _ESSENCE}
    return hashlib.sha256(json.dumps(essence, sort_keys=True, default=str).encode()).hexdigest()


def function(target: Target, name: str) -> Mapping[str, Any] | None:
    """Return the configuration of a function of Lambda; None if there is none."""
    try:
        found: Mapping[str, Any] = target.client("lambda").get_function_configuration(FunctionName=name)
    except ClientError as error:
        if error.response["Error"]["Code"] in MISSING:
            return None
        raise
    return found


def _exists(call: Any, **arguments: str) -> bool:  # noqa: ANN401 - a bound method of some client
    try:
        call(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] in MISSING:
            return False
        raise
    return True


def api_exists(target: Target, api_id: str) -> bool:
    """Say whether API Gateway knows the API."""
    return _exists(target.client("apigateway").get_rest_api, restApiId=api_id)


def tables_exist(target: Target) -> bool:
    """Say whether both tables are there."""
    describe = target.client("dynamodb").describe_table
    names = (f"videoflix-{target.stage}-{part}" for part in ("accounts", "catalogue"))
    return all(_exists(describe, TableName=name) for name in names)


def mapping_exists(target: Target, uuid: str) -> bool:
    """Say whether Lambda still reads the queue that the mapping names."""
    return _exists(target.client("lambda").get_event_source_mapping, UUID=uuid)


def notifies(target: Target, resource: Resource) -> bool:
    """Say whether the bucket of Chalice's record still tells its function of new objects."""
    try:
        found = target.client("s3").get_bucket_notification_configuration(Bucket=resource["bucket"])
    except ClientError as error:
        if error.response["Error"]["Code"] in MISSING:
            return False
        raise
    arns = [one["LambdaFunctionArn"] for one in found.get("LambdaFunctionConfigurations", [])]
    return resource["lambda_arn"] in arns
