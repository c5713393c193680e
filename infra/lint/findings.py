"""What each linter finds in a template."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import parliament
import pycfmodel
from cfnlint.api import lint_by_config
from cfnlint.config import ManualArgs
from cfripper.config.config import Config
from cfripper.rule_processor import RuleProcessor
from cfripper.rules import DEFAULT_RULES

from infra.lint import production


@dataclass(frozen=True)
class Finding:
    """One thing that a linter has against a template.

    Attributes:
        rule: The linter's name of its rule.
        where: `template/resource`, or `template:line`.
        text: What it says.
    """

    rule: str
    where: str
    text: str


def of(*paths: Path) -> Iterator[Finding]:
    """Yield what the linters find in the templates at `paths`."""
    invalid = list(_invalid(paths))
    yield from (finding for _, finding in invalid)
    refused = {path for path, _ in invalid}
    for path in paths:
        if path in refused:
            continue  # the others read only what CloudFormation would
        filled = production.filled(path.read_text(encoding="utf-8"))
        yield from _unsafe(path.stem, filled)
        yield from _unclear_policies(path.stem, filled)


def _invalid(paths: Sequence[Path]) -> Iterator[tuple[Path, Finding]]:
    """Yield what CloudFormation would refuse. All at once: loading the rules takes longer than a template."""
    for match in lint_by_config(ManualArgs(templates=[str(path) for path in paths])):
        path = Path(match.filename)
        yield path, Finding(str(match.rule.id), f"{path.stem}:{match.linenumber}", str(match.message))


def _unsafe(part: str, filled: dict[str, Any]) -> Iterator[Finding]:
    logging.getLogger("pycfmodel").setLevel(logging.ERROR)  # else it names each resource that it has no class for
    config = Config(rules=list(DEFAULT_RULES), stack_name=part, aws_account_id="123456789012")
    rules = RuleProcessor(*[rule(config) for rule in DEFAULT_RULES.values()])
    # no rule is about alarms, and pycfmodel refuses thresholds that are no whole numbers, which CloudFormation takes
    read = {name: one for name, one in filled["Resources"].items() if one["Type"] != "AWS::CloudWatch::Alarm"}
    result = rules.process_cf_template(pycfmodel.parse({**filled, "Resources": read}).resolve(), config)
    for error in result.exceptions:  # a rule that crashed has checked nothing
        yield Finding("cfripper", part, f"{type(error).__name__}: {error}")
    for failure in result.failures:
        for resource in sorted(failure.resource_ids or {""}):
            yield Finding(failure.rule, f"{part}/{resource}", failure.reason)


def _unclear_policies(part: str, filled: dict[str, Any]) -> Iterator[Finding]:
    for name, resource in filled["Resources"].items():
        for policy in _policies(resource["Properties"]):
            for finding in parliament.analyze_policy_string(json.dumps(policy)).findings:
                yield Finding(finding.issue, f"{part}/{name}", str(finding.detail))


def _policies(properties: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what a resource allows; trust policies have no resource, so parliament cannot read them."""
    if "PolicyDocument" in properties:
        yield properties["PolicyDocument"]
    for policy in properties.get("Policies", []):
        yield policy["PolicyDocument"]
