"""Templates as CloudFormation would fill them in for a stage on AWS: no linter follows a reference by itself."""

from __future__ import annotations

import re
from typing import Any

from infra import stacks

_ACCOUNT, _REGION = "123456789012", "eu-central-1"
_HERE = f"{_REGION}:{_ACCOUNT}"
_FALSE = ("OnOneMachine",)  # every other condition holds in production
_VALUES: dict[str, str | list[str]] = {
    "AWS::AccountId": _ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": _REGION,
    "AWS::URLSuffix": "amazonaws.com",
    "Stage": "prod",
    "Protected": "true",
    "DeletionProtection": "true",
    "RequireTls": "true",
    "FrontendOrigins": ["https://films.example.org"],
    "MailIdentityName": "example.org",
    "MailSender": "films@example.org",
    "UploadsBucket": "videoflix-prod-uploads",
    "MediaBucket": "videoflix-prod-media",
    "AccountsTableArn": f"arn:aws:dynamodb:{_HERE}:table/videoflix-prod-accounts",
    "CatalogueTableArn": f"arn:aws:dynamodb:{_HERE}:table/videoflix-prod-catalogue",
    "MailQueueArn": f"arn:aws:sqs:{_HERE}:videoflix-prod-mail",
    "IngestDeadQueueArn": f"arn:aws:sqs:{_HERE}:videoflix-prod-ingest-dead",
    "DistributionArn": f"arn:aws:cloudfront::{_ACCOUNT}:distribution/E1",
}
_ARNS = {
    "AWS::IAM::Role": f"arn:aws:iam::{_ACCOUNT}:role/",
    "AWS::S3::Bucket": "arn:aws:s3:::",
    "AWS::SNS::Topic": f"arn:aws:sns:{_HERE}:",
    "AWS::SQS::Queue": f"arn:aws:sqs:{_HERE}:",
}
_INTRINSICS = ("Ref", "Sub", "GetAtt", "If")


def filled(text: str) -> dict[str, Any]:
    """Return the template `text` without its parameters and conditions."""
    parsed = stacks.parse(text)
    return {"Resources": _Filled(parsed["Resources"]).value(parsed["Resources"])}


class _Filled:
    """Fills in one template."""

    def __init__(self, resources: dict[str, Any]) -> None:
        self._resources = resources

    def value(self, node: Any) -> Any:  # noqa: ANN401 - whatever YAML holds
        if isinstance(node, list):
            found = (self.value(one) for one in node)
            return [one for one in found if one is not None]
        if not isinstance(node, dict):
            return node
        if len(node) == 1 and (name := next(iter(node))) in _INTRINSICS:
            return self._intrinsic(name, node[name])
        found = ((key, self.value(one)) for key, one in node.items())
        return {key: one for key, one in found if one is not None}

    def _intrinsic(self, name: str, argument: Any) -> Any:  # noqa: ANN401
        if name == "If":
            return self.value(argument[2 if argument[0] in _FALSE else 1])
        if name == "Ref":
            return self._ref(argument)
        if name == "GetAtt":
            logical, _, attribute = argument.partition(".")
            return self._attribute(logical, attribute)
        text, own = (argument, {}) if isinstance(argument, str) else argument
        known = {key: str(self.value(one)) for key, one in own.items()}
        return re.sub(r"\$\{([\w:.]+)\}", lambda found: known.get(found[1]) or self._named(found[1]), text)

    def _named(self, name: str) -> str:
        logical, dot, attribute = name.partition(".")
        return self._attribute(logical, attribute) if dot else str(self._ref(name))

    def _ref(self, name: str) -> str | list[str] | None:
        if name == "AWS::NoValue":
            return None
        return _VALUES.get(name, f"some-{name.lower()}")

    def _attribute(self, logical: str, attribute: str) -> str:
        kind = self._resources[logical]["Type"]
        return f"{_ARNS.get(kind, '')}some-{logical.lower()}" if attribute == "Arn" else f"some-{attribute.lower()}"
