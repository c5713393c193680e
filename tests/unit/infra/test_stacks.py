"""The plan tells the truth before anything is touched, and an earlier failure does not stand in the way."""

import dataclasses

import pytest
from botocore.exceptions import ClientError

from infra import stacks
from infra.stacks import Action, Stack
from infra.targets import DeployError


class CloudFormation:
    """CloudFormation with one stack, in whatever state a test says."""

    def __init__(self, statuses=(), body="", parameters=(), events=(), protected=False):
        self.statuses, self.body, self.parameters, self.events = list(statuses), body, parameters, events
        self.protected = protected
        self.resources = []
        self.calls = []

    def describe_stacks(self, StackName):  # noqa: N803 - boto3's names
        if not self.statuses:
            raise ClientError({"Error": {"Code": "ValidationError", "Message": f"{StackName} does not exist"}}, "")
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in self.parameters]
        outputs = [{"OutputKey": "ArtifactsBucket", "OutputValue": "made"}]
        found = {"StackStatus": status, "Parameters": given, "Outputs": outputs}
        return {"Stacks": [{**found, "EnableTerminationProtection": self.protected}]}

    def get_template(self, **_arguments):
        return {"TemplateBody": self.body}

    def describe_stack_events(self, **_arguments):
        return {"StackEvents": self.events}

    def get_paginator(self, _operation):
        return self

    def paginate(self, **_arguments):
        return [{"StackResourceSummaries": self.resources}]

    def update_termination_protection(self, EnableTerminationProtection, **_arguments):  # noqa: N803
        self.protected = EnableTerminationProtection

    def delete_stack(self, StackName):  # noqa: N803
        if self.protected:
            message = f"Stack [{StackName}] cannot be deleted while TerminationProtection is enabled"
            raise ClientError({"Error": {"Code": "ValidationError", "Message": message}}, "DeleteStack")
        self.calls.append("delete")
        self.statuses = []

    def create_stack(self, EnableTerminationProtection, **_arguments):  # noqa: N803
        self.calls.append("create")
        self.statuses = ["CREATE_COMPLETE"]
        self.protected = EnableTerminationProtection

    def update_stack(self, **_arguments):
        self.calls.append("update")


@dataclasses.dataclass(frozen=True)
class Target:
    cloudformation: CloudFormation
    stage: str = "local"

    def client(self, _service):
        return self.cloudformation


def stack(cloudformation, *, protected=False, **parameters):
    return Stack(Target(cloudformation), "artifacts", {"Stage": "local", **parameters}, protected=protected)


@pytest.fixture
def body():
    return stack(CloudFormation()).body


def nothing(_text):
    return None


def test_a_stack_that_is_not_there_is_to_be_created():
    assert stacks.plan(stack(CloudFormation())).action is Action.CREATE


def test_the_same_template_and_parameters_are_no_change(body):
    found = CloudFormation(["UPDATE_COMPLETE"], body, [("Stage", "local")])
    assert stacks.plan(stack(found)).action is Action.NOTHING


def test_a_changed_parameter_is_named(body):
    found = CloudFormation(["CREATE_COMPLETE"], body, [("Stage", "local"), ("RequireTls", "true")])
    planned = stacks.plan(stack(found, RequireTls="false"))
    assert (planned.action, planned.changes) == (Action.UPDATE, ("parameter RequireTls",))


def test_changed_resources_are_named(body):
    former = body.replace("ArtifactsPolicy:", "FormerPolicy:").replace("AES256", "aws:kms")
    planned = stacks.plan(stack(CloudFormation(["CREATE_COMPLETE"], former, [("Stage", "local")])))
    assert planned.action is Action.UPDATE
    assert set(planned.changes) == {"+ ArtifactsPolicy", "- FormerPolicy", "~ Artifacts"}


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "CREATE_FAILED", "REVIEW_IN_PROGRESS", "ROLLBACK_FAILED"])
def test_a_creation_that_failed_is_cleared_away_and_done_again(status, body):
    """CloudFormation itself refuses to update such a stack."""
    found = CloudFormation([status], body)
    planned = stacks.plan(stack(found))
    assert planned.action is Action.REPLACE
    assert stacks.apply(planned, nothing) == {"ArtifactsBucket": "made"}
    assert found.calls == ["delete", "create"]


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED"])
def test_the_protection_of_a_stack_that_never_came_to_be_does_not_keep_its_rest(status, body):
    """Else no later deployment of a stage on AWS could succeed once its first one had failed."""
    found = CloudFormation([status], body, protected=True)
    stacks.apply(stacks.plan(stack(found, protected=True)), nothing)
    assert found.calls == ["delete", "create"]
    assert found.protected, "the new one is in use"


def test_a_stack_that_was_in_use_stays_protected(body):
    """One whose deletion failed may hold what people made, and somebody protected it again."""
    found = CloudFormation(["DELETE_FAILED"], body, protected=True)
    with pytest.raises(DeployError, match="TerminationProtection"):
        stacks.apply(stacks.plan(stack(found, protected=True)), nothing)
    assert found.calls == []


def test_what_a_stack_could_not_make_is_not_its_own():
    """A bucket of somebody else that has the name already would be emptied with the stage."""
    found = CloudFormation(["ROLLBACK_COMPLETE"])
    found.resources = [
        {"LogicalResourceId": name, "PhysicalResourceId": name.lower(), "ResourceStatus": status}
        for name, status in (("Theirs", "CREATE_FAILED"), ("Gone", "DELETE_COMPLETE"), ("Ours", "CREATE_COMPLETE"))
    ]
    assert stacks.physical_names(stack(found)) == {"Ours": "ours"}


def test_what_an_interrupted_run_started_is_awaited(body):
    found = CloudFormation(["UPDATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"], body, [("Stage", "local")])
    assert stacks.plan(stack(found)).action is Action.NOTHING


def test_the_version_before_an_upgrade_that_was_rolled_back_can_be_deployed(body):
    """Its template and parameters are in force, and the stack keeps that status until something changes it."""
    found = CloudFormation(["UPDATE_ROLLBACK_COMPLETE"], body, [("Stage", "local")])
    planned = stacks.plan(stack(found))
    assert planned.action is Action.NOTHING
    assert stacks.apply(planned, nothing) == {"ArtifactsBucket": "made"}
    assert found.calls == []


def test_an_update_that_changes_nothing_leaves_a_stack_that_was_rolled_back(body, monkeypatch):
    """The templates' texts may differ where CloudFormation sees no change."""
    found = CloudFormation(["UPDATE_ROLLBACK_COMPLETE"], body + "# a comment\n", [("Stage", "local")])

    def refuse(**_arguments):
        answer = {"Error": {"Code": "ValidationError", "Message": "No updates are to be performed."}}
        raise ClientError(answer, "UpdateStack")

    monkeypatch.setattr(found, "update_stack", refuse)
    planned = stacks.plan(stack(found))
    assert planned.action is Action.UPDATE
    assert stacks.apply(planned, nothing) == {"ArtifactsBucket": "made"}


def test_a_stack_that_could_not_even_be_rolled_back_stops_the_deployment(body):
    found = CloudFormation(["UPDATE_ROLLBACK_FAILED"], body, [("Stage", "local")])
    with pytest.raises(DeployError, match="artifacts failed"):
        stacks.apply(stacks.plan(stack(found)), nothing)


def test_a_failure_names_the_resource_that_failed_first_and_none_of_an_earlier_run(body):
    def event(resource, status, reason=""):
        return {"LogicalResourceId": resource, "ResourceStatus": status, "ResourceStatusReason": reason}

    name = "videoflix-local-artifacts"
    events = [  # newest first, as CloudFormation tells them
        event(name, "UPDATE_ROLLBACK_COMPLETE"),
        event("ArtifactsPolicy", "UPDATE_FAILED", "Resource update cancelled"),
        event("Artifacts", "UPDATE_FAILED", "the bucket is somebody else's"),
        event(name, "UPDATE_IN_PROGRESS", "User Initiated"),
        event("Other", "CREATE_FAILED", "long ago"),
    ]
    found = CloudFormation(["UPDATE_ROLLBACK_COMPLETE"], body, events=events)
    with pytest.raises(DeployError, match=r"artifacts failed: Artifacts: the bucket is somebody else's"):
        stacks.apply(stacks.plan(stack(found, RequireTls="false")), nothing)
