"""What an operator reads of a deployment that has nothing to do."""

import pytest

from infra import deploy, follow_up, note, quotas, stacks, targets
from infra.deployment import Deployment
from infra.stacks import Action, StackPlan
from tests.unit.infra.conftest import OPERATOR, OUTPUTS

DOMAINS = {
    "API_BASE_URL": "https://api.example.org",
    "API_CERTIFICATE_ARN": "arn:aws:acm:eu-central-1:123456789012:certificate/0f1e2d3c",
    "PAGE_CERTIFICATE_ARN": "arn:aws:acm:us-east-1:123456789012:certificate/0f1e2d3c",
}
API = {"resource_type": "domain_name", "name": "api", "alias_domain_name": "d-1.execute-api.example.net"}
MADE = {**OUTPUTS, "PageDomain": "d2.cloudfront.net"}


@pytest.fixture
def unchanged(account, tmp_path, monkeypatch):
    """A stage with domains of its own, all of which is deployed and there."""
    target = targets.load("prod", tmp_path, {**OPERATOR, **DOMAINS})
    described = {"Outputs": [{"OutputKey": name, "OutputValue": value} for name, value in MADE.items()]}
    monkeypatch.setattr(stacks, "describe", lambda _stack: described)
    deployed = note.Note(Deployment(target, print)._fingerprint(), {}, [API])
    monkeypatch.setattr(note, "read", lambda _target: deployed)
    monkeypatch.setattr(note, "is_whole", lambda *_: True)
    monkeypatch.setattr(follow_up, "is_complete", lambda _stack: True)
    return target


def test_dns_records_are_told_again_though_nothing_changed(unchanged, monkeypatch, capsys):
    """Whoever missed them at the end of a quarter of an hour could not have them again."""
    monkeypatch.setattr(follow_up, "mail_records", lambda *_: ["a._domainkey.example.org CNAME a.dkim.example.net"])
    deploy.deploy(unchanged, plan_only=False, yes=False)
    assert capsys.readouterr().out.splitlines() == [
        "Nothing changed. The stage prod is at https://api.example.org/api/",
        "DNS: a._domainkey.example.org CNAME a.dkim.example.net",
        "DNS: api.example.org CNAME d-1.execute-api.example.net",
        "DNS: films.example.org CNAME d2.cloudfront.net",
    ]


def test_a_table_that_was_restored_is_something_to_do(unchanged, monkeypatch):
    """It lacks what CloudFormation had set, and a deployment that changed nothing would leave it so."""
    monkeypatch.setattr(quotas, "check", lambda *_: None)
    monkeypatch.setattr(stacks, "plan", lambda stack: StackPlan(stack, Action.NOTHING))
    for part in ("_data", "_cdn"):
        monkeypatch.setattr(Deployment, part, lambda one: one._stack("some", {}))
    assert Deployment(unchanged, print).plan().unchanged
    monkeypatch.setattr(follow_up, "is_complete", lambda _stack: False)
    said = []
    run = Deployment(unchanged, said.append)
    run.show(run.plan())
    assert said[-1].endswith("repair (something of the deployment is gone or was changed)")
