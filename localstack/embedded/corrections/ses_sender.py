"""Restores: sending a mail is authorised on the identity it is sent from, and a policy may name the sender.

ministack 1.5.33 checks `ses:SendEmail` and `ses:SendRawEmail` against the resource `*`, which no policy that names an
identity allows, and knows no condition `ses:FromAddress`: a role with least privilege could not send (service
authorization reference, "Amazon SES").
"""

from __future__ import annotations

import email
import email.policy
import json
from base64 import b64decode
from email.utils import parseaddr
from typing import Any

_SENDS = ("SendEmail", "SendRawEmail", "SendTemplatedEmail")
_V2_SEND = "/v2/email/outbound-emails"


def install() -> None:
    """Name identity and sender where ministack names nothing."""
    _name_identity()
    _name_sender()


def _name_identity() -> None:
    from ministack.core import iam_actions  # noqa: PLC0415 - after the environment is set

    original = iam_actions.extract_resource_arn

    def with_sender(service: str, method: str, path: str, *rest: Any) -> str:  # noqa: ANN401 - as ministack calls it
        _headers, body, query_params, region, account_id = rest
        arn: str = original(service, method, path, *rest)
        sender = _sender(path, body, query_params) if service == "ses" and arn == "*" else ""
        return f"arn:aws:ses:{region}:{account_id}:identity/{_identity(sender)}" if sender else arn

    iam_actions.extract_resource_arn = with_sender


def _name_sender() -> None:
    from ministack.core import iam_actions  # noqa: PLC0415

    # what it finds joins what conditions are compared with; SES's second version is authorised elsewhere, without
    original = iam_actions.request_tag_context

    def with_sender(service: str, iam_action: str, body: bytes, params: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = original(service, iam_action, body, params)
        sender = _sender("", body, params) if service == "ses" else ""
        return found | ({"ses:fromaddress": sender} if sender else {})

    iam_actions.request_tag_context = with_sender


def _sender(path: str, body: bytes, query_params: dict[str, Any]) -> str:
    """Return the address that a request sends from; empty if it sends nothing."""
    if path.rstrip("/") == _V2_SEND:
        return _address(str(json.loads(body).get("FromEmailAddress", "")))
    if _one(query_params, "Action") not in _SENDS:
        return ""
    source = _one(query_params, "Source")
    raw = _one(query_params, "RawMessage.Data")
    if not source and raw:
        source = str(email.message_from_bytes(b64decode(raw), policy=email.policy.default)["From"])
    return _address(source)


def _one(query_params: dict[str, Any], name: str) -> str:
    value = query_params.get(name, "")
    return str(value[0] if isinstance(value, list) else value)


def _address(text: str) -> str:
    return parseaddr(text)[1]


def _identity(address: str) -> str:
    """Return the verified identity that covers an address: itself, or else its domain."""
    from ministack.services import ses  # noqa: PLC0415

    return address if address in ses._identities else address.rpartition("@")[2]  # noqa: SLF001
