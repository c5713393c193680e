"""The events that a film's way is made of reach their functions, before and after a restart."""

import json
import uuid

import pytest

from localstack import process

from .conftest import Target, wait_for
from .functions_kit import make_function

pytestmark = pytest.mark.long  # one waits a minute for a schedule

TELLS = """
import json, os, time, uuid
def handler(event, context):
    folder = os.environ["FOLDER"]
    begun = time.time()
    time.sleep(float(os.environ.get("SECONDS", "0")))
    path = os.path.join(folder, uuid.uuid4().hex)
    open(path + ".new", "w").write(json.dumps({"event": event, "begun": begun, "ended": time.time()}))
    os.rename(path + ".new", path + ".json")
"""


def _teller(target, folder, **variables):
    """Make a function that writes each event into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    name = make_function(target, TELLS, Timeout=30, Environment={"Variables": {"FOLDER": str(folder), **variables}})
    return name, target.client("lambda").get_function_configuration(FunctionName=name)["FunctionArn"]


def _told(folder, count=1):
    """Wait for `count` events and return what was told of all."""
    wait_for(lambda: len(list(folder.glob("*.json"))) >= count, seconds=30)
    return [json.loads(path.read_text()) for path in folder.glob("*.json")]


def test_an_upload_reaches_its_function_before_and_after_a_restart(stack, tmp_path):
    target, folder = Target(stack.aws_url, stack), tmp_path / "told"
    name, arn = _teller(target, folder)
    s3 = target.client("s3")
    s3.create_bucket(Bucket="uploads")
    target.client("lambda").add_permission(
        FunctionName=name,
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn="arn:aws:s3:::uploads",
    )
    rule = {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(
        Bucket="uploads", NotificationConfiguration={"LambdaFunctionConfigurations": [rule]}
    )
    s3.put_object(Bucket="uploads", Key="a film & + ü.mp4", Body=b"film")
    first = _told(folder)[0]["event"]["Records"][0]
    assert (first["eventSource"], first["s3"]["object"]["key"]) == ("aws:s3", "a+film+%26+%2B+%C3%BC.mp4")
    process.stop(stack)
    process.start(stack)
    s3.put_object(Bucket="uploads", Key="second.mp4", Body=b"film")
    # the first may be told twice: the stack may have been stopped before it noted that its function had ended
    wait_for(lambda: "second.mp4" in {told["event"]["Records"][0]["s3"]["object"]["key"] for told in _told(folder, 2)})


def test_a_queue_feeds_two_at_a_time_and_goes_on_after_a_restart(stack, tmp_path):
    """More than two films at once would only make each of them slower."""
    target, folder = Target(stack.aws_url, stack), tmp_path / "told"
    sqs = target.client("sqs")
    queue = sqs.create_queue(QueueName="films", Attributes={"VisibilityTimeout": "60"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    name, _ = _teller(target, folder, SECONDS="0.4")
    target.client("lambda").create_event_source_mapping(
        EventSourceArn=arn, FunctionName=name, BatchSize=1, ScalingConfig={"MaximumConcurrency": 2}
    )
    for number in range(6):
        sqs.send_message(QueueUrl=queue, MessageBody=str(number))
    told = _told(folder, 6)
    assert sorted(one["event"]["Records"][0]["body"] for one in told) == [str(number) for number in range(6)]
    at_once = [sum(other["begun"] <= one["begun"] < other["ended"] for other in told) for one in told]
    assert max(at_once) == 2
    process.stop(stack)
    process.start(stack)
    sqs.send_message(QueueUrl=queue, MessageBody="after")
    # the last of the six may be told twice: see above
    wait_for(lambda: "after" in {told["event"]["Records"][0]["body"] for told in _told(folder, 7)})


def test_a_schedule_fires_its_function_after_a_restart(stack, tmp_path):
    target, folder = Target(stack.aws_url, stack), tmp_path / "told"
    name, arn = _teller(target, folder)
    rule = target.client("events").put_rule(Name="each-minute", ScheduleExpression="rate(1 minute)")["RuleArn"]
    target.client("lambda").add_permission(
        FunctionName=name,
        StatementId=uuid.uuid4().hex,
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=rule,
    )
    target.client("events").put_targets(Rule="each-minute", Targets=[{"Id": "1", "Arn": arn}])
    process.stop(stack)
    process.start(stack)
    wait_for(lambda: list(folder.glob("*.json")), seconds=90)
    assert _told(folder)[0]["event"]["detail-type"] == "Scheduled Event"
