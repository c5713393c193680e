"""How API Gateway answers on AWS what it refuses itself: in the shape of the API's errors, and so that a page reads it.

This goes into the definition of the API that Chalice sends (AWS, "x-amazon-apigateway-gateway-responses object"). Each
deployment overwrites the API with that definition: what was put beside it would be gone until somebody put it again.
"""

from __future__ import annotations

import json
from typing import Any

from functions.errors import REQUEST_TOO_LARGE

_EXTENSION = "x-amazon-apigateway-gateway-responses"
# texts of our own: the gateway's may repeat what the caller sent
_TEXTS = {
    "DEFAULT_4XX": "The request was refused.",
    "DEFAULT_5XX": "The server could not answer. Try again later.",
    "REQUEST_TOO_LARGE": REQUEST_TOO_LARGE,
    "THROTTLED": "Request was throttled. Expected available in 1 seconds.",  # its bucket fills by the second
}


def define(origins: str) -> dict[str, Any]:
    """Return what the definition of the API is to hold of them.

    Args:
        origins: Of the frontends, separated by commas. A header of these answers is fixed, or copied from the request.
            Copied, the origin would let any page on the web read them with its visitor's cookies: there is nothing of
            the visitor in them, but which of the visitor's calls fail. So it is fixed, and the first origin reads them.
    """
    headers = {
        "Access-Control-Allow-Origin": origins.partition(",")[0],
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": "retry-after",
        "X-Content-Type-Options": "nosniff",
    }
    answers = {kind: _answer(text, headers) for kind, text in _TEXTS.items()}
    answers["THROTTLED"] = _answer(_TEXTS["THROTTLED"], headers | {"Retry-After": "1"})
    return {_EXTENSION: answers}


def _answer(text: str, headers: dict[str, str]) -> dict[str, Any]:
    return {
        "responseParameters": {f"gatewayresponse.header.{name}": f"'{value}'" for name, value in headers.items()},
        "responseTemplates": {"application/json": json.dumps({"errors": {"non_field_errors": [text]}})},
    }
