"""What may happen to a call of AWS: each fault as a rule of microburst."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

# what each service says when it is asked too often, and the status that it comes with (API references, "Errors")
_THROTTLED = {
    "dynamodb": ("ProvisionedThroughputExceededException", 400),
    "s3": ("SlowDown", 503),
    "secretsmanager": ("ThrottlingException", 400),
    "ses": ("Throttling", 400),
    "sqs": ("ThrottlingException", 400),
    "stepfunctions": ("ThrottlingException", 400),
}
_MORE_THAN_A_CLIENT_TRIES = 5  # our clients try four times
_MORE_THAN_SES_IS_TRIED = 2  # its client tries once (functions/aws.py), and the queue five times


class Call(NamedTuple):
    """A call of AWS by one of our functions.

    Attributes:
        function: Its short name, e.g. `transcode`.
        service: As signatures name it, e.g. `dynamodb`.
        operation: E.g. `UpdateItem`.
    """

    function: str
    service: str
    operation: str

    def __str__(self) -> str:
        return f"{self.function}: {self.service} {self.operation}"


@dataclass(frozen=True)
class Fault:
    """A kind of fault.

    Attributes:
        name: Heads a column of the matrix.
        meaning: What happens, in a sentence.
        effect: The part of microburst's rule that does it.
    """

    name: str
    meaning: str
    effect: Mapping[str, Any]

    def rule(self, call: Call, functions: Mapping[str, str]) -> dict[str, Any]:
        """Return the rule that does it to a call; `functions` maps short names to those of the stack."""
        effect = dict(self.effect)
        if effect.get("error") == {"code": "throttled"}:
            code, status = _THROTTLED[call.service]
            effect["error"] = {"code": code, "status": status}
        if self.name == "outage" and call.service == "ses":
            effect["times"] = _MORE_THAN_SES_IS_TRIED
        return {"service": call.service, "operation": call.operation, **made_by(functions[call.function]), **effect}


def made_by(function: str) -> dict[str, Any]:
    """Return the matcher of a function's calls, which say its name and a full stop in the User-Agent."""
    return {"headers": {"user-agent": f"app/{function}."}}


FAULTS = (
    Fault("throttled", "refused once, as too much", {"error": {"code": "throttled"}, "times": 1}),
    Fault("reset", "the connection breaks once, before AWS heard of the call", {"reset": True, "times": 1}),
    Fault(
        "answer lost",
        "AWS did it, and the connection breaks before it says so, once",
        {"response": {"abort_bytes": 0}, "times": 1},
    ),
    Fault("times out", "held for two seconds, then 504, once", {"timeout_ms": 2000, "times": 1}),
    Fault(
        "outage",
        f"500, {_MORE_THAN_A_CLIENT_TRIES} times: more often than a client tries",
        {"error": {"code": "InternalError", "status": 500}, "times": _MORE_THAN_A_CLIENT_TRIES},
    ),
)


class Limit(NamedTuple):
    """What cannot be better.

    Attributes:
        excused: What is out of order then, as a regular expression of the whole sentence; anything else still counts.
        reason: Why it cannot be better.
    """

    excused: str
    reason: str


LIMITS = {
    (Call("send_mail", "ses", "SendRawEmail"), "answer lost"): Limit(
        r"a mail to \S+ came 2 times: .*",
        "SES has no idempotency token: a mail whose answer was lost is sent again, as one that comes twice is better"
        " than one that never comes (functions/mail/sending.py)",
    ),
}
"""What cannot be better where a call meets a fault."""
