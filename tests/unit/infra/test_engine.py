"""The state machine that encodes films, as Step Functions would read it."""

import importlib
import json
import re

import pytest

from infra import environment, options, project, stacks, targets
from infra.stacks import Stack
from infra.targets import ROOT
from tests.unit.infra.conftest import OPERATOR

TEMPLATE = (ROOT / "infra" / "engine.yaml").read_text(encoding="utf-8")
MACHINE = stacks.parse(TEMPLATE)["Resources"]["Machine"]["Properties"]
FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:videoflix-prod-transcode"


@pytest.fixture(scope="module")
def definition():
    """The definition with everything put in, as CloudFormation puts it in."""
    text, values = MACHINE["DefinitionString"]["Sub"]
    for name, value in {**values, "Function": FUNCTION, "ChunksAtOnce": "150"}.items():
        text = text.replace(f"${{{name}}}", value)
    assert "${" not in text
    return json.loads(text)


@pytest.fixture(scope="module")
def tasks(definition):
    chunk = definition["States"]["Chunks"]["ItemProcessor"]["States"]
    return {name: one for name, one in {**definition["States"], **chunk}.items() if one["Type"] == "Task"}


@pytest.mark.slow
def test_step_functions_would_take_the_definition(definition):
    """cfn-lint reads a definition only where it is plain, without what CloudFormation puts in."""
    properties = {
        "RoleArn": "arn:aws:iam::123456789012:role/videoflix-prod-engine",
        "DefinitionString": json.dumps(definition),
    }
    template = {"Resources": {"Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}
    lint = importlib.import_module("cfnlint.api").lint  # here, or each worker would spend seconds on importing it
    assert [f"{match.rule.id}: {match.message}" for match in lint(json.dumps(template), regions=["eu-central-1"])] == []


def test_every_step_runs_the_one_function_and_says_which_step_it_is(tasks):
    assert {one["Resource"] for one in tasks.values()} == {FUNCTION}
    named = {name: one["Parameters"]["step"] for name, one in tasks.items()}
    assert named == {
        "Poster": "poster",
        "Prepare": "prepare",
        "Encode": "encode",
        "Publish": "publish",
        "GiveUp": "give_up",
    }
    assert all(one["Parameters"]["film.$"] == "$.film" for one in tasks.values())


def test_whatever_fails_is_given_up_and_giving_up_ends_as_failed(definition):
    """A film whose failure nobody writes down would be in work for ever."""
    states = definition["States"]
    for name in ("Prepare", "Chunks", "Publish"):
        (catch,) = states[name]["Catch"]
        assert catch == {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "GiveUp"}, name
    assert states["GiveUp"]["Next"] == "Failed"
    assert states["Failed"]["Type"] == "Fail"


def test_what_may_pass_is_tried_again_more_often_than_what_nobody_expected(tasks):
    for name, one in tasks.items():
        tries = {error: retrier["MaxAttempts"] for retrier in one["Retry"] for error in retrier["ErrorEquals"]}
        assert tries["Lambda.TooManyRequestsException"] > tries["PassingError"] > tries["States.ALL"] == 2, name
        assert one["Retry"][-1]["ErrorEquals"] == ["States.ALL"], "Step Functions wants it alone and last"
        assert all(retrier["BackoffRate"] > 1 for retrier in one["Retry"])


def test_no_step_is_cut_off_before_its_function(tasks):
    for stage in environment.config("prod")["stages"].values():
        timeout = stage["lambda_functions"]["transcode"]["lambda_timeout"]
        assert {one["TimeoutSeconds"] for one in tasks.values()} == {timeout + 10}


def test_more_than_forty_chunks_run_at_once(definition):
    """An inline Map stops at forty, whatever its MaxConcurrency says."""
    chunks = definition["States"]["Chunks"]
    assert chunks["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    assert chunks["MaxConcurrency"] == 150
    assert not [name for name in chunks if name.startswith("Tolerated")], "a film with a hole is no film"


def test_the_answers_of_many_chunks_do_not_outgrow_what_a_state_may_hold(definition):
    """256 KB: two thousand chunks of a long film that answered 150 bytes each would end it."""
    assert definition["States"]["Chunks"]["ItemProcessor"]["States"]["Encode"]["OutputPath"] is None


def test_functions_find_the_machine_by_the_name_that_plain_chalice_knows(local, prod):
    assert MACHINE["StateMachineName"] == {"Sub": "videoflix-${Stage}-transcode"}
    for target in (local, prod):
        arn = environment.of(target)["TRANSCODE_MACHINE"]
        assert arn.endswith(f":stateMachine:videoflix-{target.stage}-transcode")
        assert project.function_name(target.stage, "transcode") == arn.rpartition(":")[2]


def test_the_engine_is_made_after_what_it_needs_and_before_the_functions_that_start_it():
    assert stacks.PARTS.index("engine") > stacks.PARTS.index("data")
    parameters = stacks.parse(Stack(None, "engine", {}).body)["Parameters"]
    assert {name for name, one in parameters.items() if "Default" not in one} == {
        "Stage",
        "ChunksAtOnce",
        "MonthlyBudget",
    }


def test_somebody_can_hear_of_what_fails_is_lost_or_has_gone_silent():
    resources = stacks.parse(TEMPLATE)["Resources"]
    alarms = [one["Properties"] for one in resources.values() if one["Type"] == "AWS::CloudWatch::Alarm"]
    assert {alarm["AlarmName"]["Sub"].removeprefix("videoflix-${Stage}-") for alarm in alarms} == {
        *("films-fail", "films-time-out", "uploads-lost", "mails-lost"),
        *("mails-bounce", "mails-unwanted", "api-fails", "api-crashes", "api-throttled"),
        *("watchdog-silent", "watchdog-fails"),
    }
    assert all(alarm["AlarmActions"] == [{"Ref": "Alarms"}] for alarm in alarms)
    names = {one["Properties"].get("QueueName", {}).get("Sub") for one in _queues().values()}
    watched = {d["Value"]["Sub"] for alarm in alarms for d in alarm.get("Dimensions", []) if d["Name"] == "QueueName"}
    assert watched <= names, "an alarm on a queue that does not exist never rings"


@pytest.mark.parametrize(
    ("alarm", "rate", "threshold"),
    [("MailsBounce", "Reputation.BounceRate", 0.05), ("MailsUnwanted", "Reputation.ComplaintRate", 0.001)],
)
def test_somebody_hears_before_ses_stops_sending_for_the_account(alarm: str, rate: str, threshold: float):
    """SES counts both for the account as a whole: with a dimension there would be no such metric."""
    rings = stacks.parse(TEMPLATE)["Resources"][alarm]["Properties"]
    assert (rings["Namespace"], rings["MetricName"], rings["Threshold"]) == ("AWS/SES", rate, threshold)
    assert "Dimensions" not in rings


def test_somebody_hears_of_a_bill_before_it_is_too_high():
    resources = stacks.parse(TEMPLATE)["Resources"]
    budget = resources["Budget"]["Properties"]
    assert budget["Budget"]["BudgetLimit"] == {"Amount": {"Ref": "MonthlyBudget"}, "Unit": "USD"}
    rings = budget["NotificationsWithSubscribers"]
    assert [(one["Notification"]["NotificationType"], one["Notification"]["Threshold"]) for one in rings] == [
        ("ACTUAL", 80),
        ("FORECASTED", 100),
    ]
    told = [subscriber for one in rings for subscriber in one["Subscribers"]]
    assert told == [{"SubscriptionType": "SNS", "Address": {"Ref": "Alarms"}}] * 2


def test_the_topic_takes_what_alarms_and_budget_of_this_account_say_and_nobody_elses():
    policy = stacks.parse(TEMPLATE)["Resources"]["AlarmsPolicy"]["Properties"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert policy["Topics"] == [{"Ref": "Alarms"}]
    assert statement["Principal"] == {"Service": ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"]}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_the_budget_is_the_operators(prod, tmp_path):
    assert options.load(prod, environment.of(prod)).monthly_budget == "100"
    mine = targets.load("prod", tmp_path, {**OPERATOR, "MONTHLY_BUDGET": "40"})
    assert options.load(mine, environment.of(mine)).monthly_budget == "40"


@pytest.mark.parametrize(
    ("counted", "logged", "by"),
    [
        (
            "RequestsFailed",
            'log.exception("request_failed"',
            "http/routing.py",
        ),  # answered with 500: Lambda counts none
        ("FilmsFailed", 'tell("film_failed"', "transcoding/notify.py"),
    ],
)
def test_what_an_alarm_counts_in_the_logs_is_what_the_functions_log_there(counted: str, logged: str, by: str):
    resources = [one["Properties"] for one in stacks.parse(TEMPLATE)["Resources"].values()]
    filters = [one for one in resources if "FilterPattern" in one]
    (metric,) = {one["MetricTransformations"][0]["MetricNamespace"]["Sub"] for one in filters}
    mine = [one for one in filters if one["MetricTransformations"][0]["MetricName"] == counted]
    assert mine
    assert all(re.search(r'\$\.event = "(\w+)"', one["FilterPattern"])[1] in logged for one in mine)
    assert logged in (ROOT / "functions" / by).read_text(encoding="utf-8")
    assert [one["Namespace"]["Sub"] for one in resources if one.get("MetricName") == counted] == [metric]
    groups = {one["LogGroupName"]["Sub"] for one in mine}
    data = stacks.parse((ROOT / "infra" / "data.yaml").read_text(encoding="utf-8"))["Resources"].values()
    assert groups <= {one["Properties"]["LogGroupName"]["Sub"] for one in data if one["Type"] == "AWS::Logs::LogGroup"}


def _queues():
    resources = stacks.parse((ROOT / "infra" / "data.yaml").read_text(encoding="utf-8"))["Resources"]
    return {name: one for name, one in resources.items() if one["Type"] == "AWS::SQS::Queue"}
