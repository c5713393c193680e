"""What the services are asked for after CloudFormation, and that nothing is asked for twice."""

import pytest
from botocore.exceptions import ClientError

from infra import follow_up, stacks
from infra.stacks import Stack
from infra.targets import Target

DEAD_LETTERS = "arn:aws:sqs:eu-central-1:123456789012:videoflix-prod-ingest-dead"


@pytest.fixture
def uploads(account):
    s3 = account.client("s3")
    s3.create_bucket(Bucket="uploads", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return s3


@pytest.fixture
def restored(account):
    """A table that DynamoDB made of a backup: without anything that CloudFormation set."""
    account.client("dynamodb").create_table(
        TableName="catalogue",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )


def data(target, monkeypatch, *, protected=True, **names):
    """The stack of the data, of which there is what has a name."""
    monkeypatch.setattr(stacks, "physical_names", lambda _stack: names)
    return Stack(target, "data", {}, protected=protected)


def test_a_table_that_was_restored_gets_back_what_its_backup_had_not(account, restored, monkeypatch):
    """Its films could be deleted by mistake, and no former state of them be had any more."""
    stack = data(account, monkeypatch, CatalogueTable="catalogue")
    assert not follow_up.is_complete(stack)
    assert follow_up.after_data(stack) == [
        "time to live of catalogue",
        "point-in-time recovery of catalogue",
        "deletion protection of catalogue",
    ]
    assert follow_up.is_complete(stack)


def test_looking_sets_nothing(account, restored, monkeypatch):
    stack = data(account, monkeypatch, CatalogueTable="catalogue")
    assert not follow_up.is_complete(stack)
    assert not follow_up.is_complete(stack)


def test_on_one_machine_a_table_is_complete_without_protection(account, restored, monkeypatch):
    stack = data(account, monkeypatch, protected=False, CatalogueTable="catalogue")
    assert follow_up.after_data(stack) == ["time to live of catalogue"]
    assert follow_up.is_complete(stack)


def test_a_bucket_forgets_what_the_template_says_in_s3s_own_words(account, uploads, monkeypatch):
    stack = data(account, monkeypatch, Uploads="uploads")
    assert follow_up.after_data(stack) == ["lifecycle of uploads"]
    rules = uploads.get_bucket_lifecycle_configuration(Bucket="uploads")["Rules"]
    former = next(rule for rule in rules if rule["ID"] == "forget-replaced-films")
    assert former["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert former["Expiration"] == {"ExpiredObjectDeleteMarker": True}
    assert follow_up.after_data(stack) == []


class Lambda:
    """What Lambda knows of functions' events; it answers with more than it was told."""

    def __init__(self):
        self.told = {}

    def get_function_event_invoke_config(self, FunctionName):  # noqa: N803 - boto3's names
        if FunctionName not in self.told:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": ""}}, "")
        config = self.told[FunctionName]
        return {
            "FunctionArn": FunctionName,
            **config,
            "DestinationConfig": {"OnSuccess": {}, **config.get("DestinationConfig", {})},
        }

    def put_function_event_invoke_config(self, FunctionName, **config):  # noqa: N803
        self.told[FunctionName] = config


@pytest.fixture
def functions(monkeypatch):
    known = Lambda()
    monkeypatch.setattr(Target, "client", lambda _self, _service: known)
    return known


def test_a_round_of_the_watchdog_that_failed_is_one_failure(prod, functions):
    """Lambda's own two retries would count three a round, and ring the alarm for two rounds of ten."""
    follow_up.after_functions(prod, DEAD_LETTERS)
    assert functions.told["videoflix-prod-watchdog"] == {"MaximumRetryAttempts": 0}


def test_upload_events_are_tried_thrice_and_then_kept(prod, functions):
    follow_up.after_functions(prod, DEAD_LETTERS)
    config = functions.told["videoflix-prod-ingest"]
    assert config["MaximumRetryAttempts"] == 2
    assert config["DestinationConfig"] == {"OnFailure": {"Destination": DEAD_LETTERS}}


def test_only_what_differs_is_set_again(prod, functions):
    assert len(follow_up.after_functions(prod, DEAD_LETTERS)) == 2
    assert follow_up.after_functions(prod, DEAD_LETTERS) == []
    functions.told["videoflix-prod-watchdog"] = {"MaximumRetryAttempts": 2}
    assert follow_up.after_functions(prod, DEAD_LETTERS) == [
        "what becomes of events that videoflix-prod-watchdog fails on"
    ]
