"""Tables that hold something cannot be deleted, and those of a creation that fails can: else no later one succeeds."""

import pytest

from infra import stacks, targets
from infra.deployment import Deployment
from infra.stacks import Action, StackPlan


@pytest.fixture
def cloudformation(monkeypatch):
    """The stack's status, which a test says, and with which protection it was made."""
    there = {"status": "", "made": []}

    def apply(planned, _tell):
        there["made"].append(planned.stack.parameters["DeletionProtection"])
        there["status"] = "CREATE_COMPLETE"
        return {}

    monkeypatch.setattr(
        stacks, "describe", lambda _stack: {"StackStatus": there["status"]} if there["status"] else None
    )
    monkeypatch.setattr(stacks, "plan", lambda stack: StackPlan(stack, Action.UPDATE))
    monkeypatch.setattr(stacks, "apply", apply)
    monkeypatch.setattr(stacks, "physical_names", lambda _stack: {})
    return there


@pytest.mark.parametrize("status", ["", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"])
def test_tables_are_protected_as_soon_as_they_are_there(account, cloudformation, status):
    """DynamoDB deletes no protected table: the rollback would leave it, and the next creation find its name taken."""
    cloudformation["status"] = status
    stack = Deployment(account, lambda _text: None)._make_data()
    assert cloudformation["made"] == ["false", "true"]
    assert stack.parameters["DeletionProtection"] == "true"


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_tables_that_are_there_are_never_without(account, cloudformation, status):
    """Not of a stage of before this parameter either, and not after a run that ended between the two."""
    cloudformation["status"] = status
    Deployment(account, lambda _text: None)._make_data()
    assert cloudformation["made"] == ["true"]


def test_on_one_machine_nothing_is_protected(tmp_path, cloudformation):
    target = targets.load("localstack", tmp_path, {})
    Deployment(target, lambda _text: None)._make_data()
    assert cloudformation["made"] == ["false"]
