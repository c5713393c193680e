"""DynamoDB's calls go straight to moto's own actions, and not as HTTP that botocore writes and moto takes apart.

Three quarters of the unit tests' time was spent in that: signing, headers, JSON both ways, each checked against the
service's description. What an action does and answers is the same. Errors still take the long way, as their bodies
differ. Every other service is called as before, and tests/integration talk HTTP to a whole stack.
"""

import functools
from typing import Any

from botocore.client import BaseClient
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.dynamodb.responses import DynamoHandler
from werkzeug.exceptions import HTTPException

from tests.unit import moto_history

_long_way = BaseClient._make_api_call


def install() -> None:
    """Take the short way from now on."""
    BaseClient._make_api_call = _call


def _call(client: Any, operation: str, arguments: dict[str, Any]) -> Any:
    service = client.meta.service_model.service_name
    moto_history.of_this_process.note(service, operation)
    if service != "dynamodb":
        return _long_way(client, operation, arguments)
    handler = DynamoHandler()
    handler.region, handler.current_account = client.meta.region_name, DEFAULT_ACCOUNT_ID
    handler.body = handler.params = _copied(arguments)
    handler.headers = {"X-Amz-Target": f"DynamoDB_20120810.{operation}"}
    try:
        result = getattr(handler, _method(operation))()
    except (ServiceException, HTTPException) as error:
        raise _as_botocore_says_it(client, operation, handler, error) from error
    answer: dict[str, Any] = _copied(result.result or {})
    answer["ResponseMetadata"] = {"HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0}
    return answer


@functools.cache
def _method(operation: str) -> str:
    return camelcase_to_underscores(operation)


def _as_botocore_says_it(client: Any, operation: str, handler: DynamoHandler, error: Exception) -> Exception:
    if isinstance(error, HTTPException):
        status, headers, body = error.code, {}, error.description
    else:
        status, headers, body = handler.serialized(ActionResult(error))
    model = client.meta.service_model.operation_model(operation)
    raw = {"status_code": status, "headers": headers, "body": body.encode() if isinstance(body, str) else body}
    parsed = client._response_parser.parse(raw, model.output_shape)
    code = parsed["Error"].get("QueryErrorCode") or parsed["Error"]["Code"]
    if shape := model.service_model.shape_for_error_code(code):
        parsed.update(client._response_parser.parse(raw, shape))  # why a transaction was cancelled, and the like
    return client.exceptions.from_code(code)(parsed, operation)


def _copied(value: Any) -> Any:
    """Copy what JSON can hold, and bytes: neither side sees what the other does to its own afterwards."""
    if type(value) is dict:
        return {key: _copied(each) for key, each in value.items()}
    if type(value) is list:
        return [_copied(each) for each in value]
    return value
