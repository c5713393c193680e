"""What a stack keeps: through `make down`, through `kill -9`, and at another port."""

import dataclasses
import itertools
import json
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from localstack import process
from tests.processes import gone

from .conftest import Target, kill, make_table, new_stack, wait_for
from .functions_kit import UNPACKED_BY_NOBODY, invoke, make_function, zipped

WRITES_DOWN = """
import os, boto3
def handler(event, context):
    boto3.client("dynamodb").put_item(TableName="kept", Item={"pk": {"S": "from-function"}, "sk": {"S": str(event)}})
"""


def _fill_table_and_queue(target):
    """Make a table and a queue; answers the queue's URL."""
    make_table(target, pk="HASH", sk="RANGE")
    return target.client("sqs").create_queue(QueueName="kept")["QueueUrl"]


def _fill(target):
    """Put one thing of each kind that a film's way needs into the stack."""
    queue = _fill_table_and_queue(target)
    layer = zipped({"bin/tool": "#!/bin/sh\necho tool\n"}, {"bin/tool": 0o755})
    layer_arn = target.client("lambda").publish_layer_version(LayerName="kept", Content={"ZipFile": layer})
    name = make_function(
        target,
        "import subprocess\n"
        "def handler(event, context): return subprocess.run(['tool'], capture_output=True, text=True).stdout",
        Layers=[layer_arn["LayerVersionArn"]],
    )
    target.client("secretsmanager").create_secret(Name="kept", SecretString="secret words")
    target.client("sqs").send_message(QueueUrl=queue, MessageBody="a message")
    target.client("events").put_rule(Name="kept", ScheduleExpression="rate(5 minutes)")
    target.client("ses").verify_email_identity(EmailAddress="from@example.com")
    target.client("ses").send_email(
        Source="from@example.com",
        Destination={"ToAddresses": ["to@example.com"]},
        Message={"Subject": {"Data": "Kept"}, "Body": {"Text": {"Data": "words"}}},
    )
    s3 = target.client("s3")
    s3.create_bucket(Bucket="kept")
    s3.put_bucket_cors(
        Bucket="kept", CORSConfiguration={"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["http://a"]}]}
    )
    s3.put_object(Bucket="kept", Key="ü & + .txt", Body=b"bytes", Metadata={"title": "t"})
    api = target.client("apigateway").import_rest_api(
        body=json.dumps({"swagger": "2.0", "info": {"title": "kept", "version": "1"}, "paths": {"/a": {}}})
    )["id"]
    return name, api


def _check(target, name, api):
    assert invoke(target, name)[0] == "tool\n"
    assert target.client("secretsmanager").get_secret_value(SecretId="kept")["SecretString"] == "secret words"
    sqs = target.client("sqs")
    queue = sqs.get_queue_url(QueueName="kept")["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=queue, VisibilityTimeout=0)["Messages"]
    assert [message["Body"] for message in messages] == ["a message"]
    assert target.client("events").describe_rule(Name="kept")["ScheduleExpression"] == "rate(5 minutes)"
    assert [mail["Subject"] for mail in _mails(target)] == ["Kept"]
    s3 = target.client("s3")
    kept = s3.get_object(Bucket="kept", Key="ü & + .txt")
    assert (kept["Body"].read(), kept["Metadata"]) == (b"bytes", {"title": "t"})
    assert s3.get_bucket_cors(Bucket="kept")["CORSRules"][0]["AllowedOrigins"] == ["http://a"]
    paths = target.client("apigateway").get_resources(restApiId=api)["items"]
    assert sorted(resource["path"] for resource in paths) == ["/", "/a"]


def _mails(target):
    with urllib.request.urlopen(f"{target.url}/_ministack/ses/messages") as answer:
        return [mail for mails in json.load(answer)["messages"].values() for mail in mails]


def _items(target):
    found = target.client("dynamodb").scan(TableName="kept")["Items"]
    return {item["sk"]["S"]: item.get("value", {}).get("S") for item in found}


def _put(target, key, value):
    item = {"pk": {"S": "a"}, "sk": {"S": key}, "value": {"S": value}}
    target.client("dynamodb").put_item(TableName="kept", Item=item)


def test_everything_survives_a_kill_once_it_is_five_seconds_old(stack):
    target = Target(stack.aws_url, stack)
    name, api = _fill(target)
    _put(target, "first", "old")
    _put(target, "second", "to be deleted")
    time.sleep(5)
    _put(target, "first", "new")
    target.client("dynamodb").delete_item(TableName="kept", Key={"pk": {"S": "a"}, "sk": {"S": "second"}})
    time.sleep(5)
    kill(stack)
    process.start(stack)
    _check(target, name, api)
    assert _items(target) == {"first": "new"}


def test_no_item_outlives_the_message_that_was_sent_before_it(stack):
    """Else what says that a mail was ordered is kept, and the order is not: a kill would lose the mail."""
    target = Target(stack.aws_url, stack)
    queue = _fill_table_and_queue(target)
    sqs, folder = target.client("sqs"), stack.state / "emulator"

    def written(pattern):
        return max((file.stat().st_mtime_ns for file in folder.glob(pattern)), default=0)

    numbers = itertools.count(1)

    def send_until(condition):
        while not condition():
            sqs.send_message(QueueUrl=queue, MessageBody="a message")
            _put(target, "sent", str(next(numbers)))

    # once the table is kept, with all else, kill it after the next look, which is at the items
    send_until(lambda: written("dynamodb.json"))
    items = written("*.journal")
    send_until(lambda: written("*.journal") != items)
    kill(stack)
    process.start(stack)
    kept = target.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])
    assert int(kept["Attributes"]["ApproximateNumberOfMessages"]) >= int(_items(target)["sent"])


def test_a_message_that_a_killed_stack_had_received_is_received_again_at_once(stack):
    """Whoever was about to handle it died with the stack; a mail would wait for as long as its queue hides it."""
    target = Target(stack.aws_url, stack)
    sqs = target.client("sqs")
    queue = sqs.create_queue(QueueName="kept", Attributes={"VisibilityTimeout": "360"})["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="received")
    sqs.send_message(QueueUrl=queue, MessageBody="for later", DelaySeconds=360)
    received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in received] == ["received"]
    kept = stack.state / "emulator" / "sqs.json"
    wait_for(lambda: kept.exists() and received[0]["ReceiptHandle"] in kept.read_text())
    kill(stack)
    process.start(stack)
    again = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in again] == ["received"]


def test_everything_survives_down_and_up_at_another_port(stack):
    target = Target(stack.aws_url, stack)
    name, api = _fill(target)
    _put(target, "first", "value")
    process.stop(stack)
    moved = dataclasses.replace(new_stack(stack.state), state=stack.state)
    process.start(moved)
    try:
        _check(Target(moved.aws_url, moved), name, api)
        assert _items(Target(moved.aws_url, moved)) == {"first": "value"}
    finally:
        process.stop(moved)


def test_the_journal_is_folded_into_a_snapshot_at_the_end(stack):
    """Otherwise each start would play back all that ever happened."""
    target = Target(stack.aws_url, stack)
    _fill(target)
    _put(target, "first", "value")
    process.stop(stack)
    assert not list((stack.state / "emulator").glob("*.journal"))
    process.start(stack)
    assert _items(target) == {"first": "value"}


def test_an_accepted_invocation_is_carried_out_after_akill(stack):
    """An upload's event that was being handled when the machine lost power is handled after the next start."""
    target = Target(stack.aws_url, stack)
    target.client("s3").create_bucket(Bucket="done")
    marker = stack.state / "allowed"
    name = make_function(
        target,
        "import os, sys, time, urllib.request\n"
        "def handler(event, context):\n"
        "    print('begun', flush=True)\n"
        f"    while not os.path.exists({str(marker)!r}): time.sleep(0.05)\n"
        f"    open({str(marker)!r} + '.done', 'w').write(event['word'])\n",
    )
    target.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps({"word": "hello"}))
    kept = stack.state / "emulator" / "async-invocations.kept"
    wait_for(lambda: "hello" in kept.read_text() and json.loads((stack.state / "emulator/lambda.json").read_text()))
    kill(stack)
    marker.touch()
    process.start(stack)
    done = marker.with_name("allowed.done")
    wait_for(lambda: done.read_text() == "hello")
    wait_for(lambda: json.loads(kept.read_text()) == [])


def test_a_failing_invocation_ends_at_its_destination(corrected):
    """A film whose event cannot be handled must be found in the dead-letter queue."""
    name = make_function(corrected, "def handler(event, context): raise ValueError('never')")
    told = _told_of_failure(corrected, name, {"film": 7})
    assert (told["requestPayload"], told["responsePayload"]["errorType"]) == ({"film": 7}, "ValueError")


def test_an_invocation_that_the_emulator_cannot_carry_out_ends_there_too(corrected):
    name = make_function(corrected, "def handler(event, context): pass")
    corrected.client("lambda").update_function_code(FunctionName=name, ZipFile=UNPACKED_BY_NOBODY)
    told = _told_of_failure(corrected, name, {"film": 8})
    assert told["requestPayload"] == {"film": 8}
    assert "link" in told["responsePayload"]["errorMessage"]
    assert list((corrected.stack.state / "code").glob("new-*")) == [], "what was begun stays on the disk"


def _told_of_failure(target, name, event):
    """Call a function asynchronously; answers what its destination of failures is told."""
    sqs = target.client("sqs")
    queue = sqs.create_queue(QueueName=f"failures-{name}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    target.client("lambda").put_function_event_invoke_config(
        FunctionName=name, MaximumRetryAttempts=1, DestinationConfig={"OnFailure": {"Destination": arn}}
    )
    target.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event))
    message = wait_for(lambda: sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5).get("Messages"))[0]
    return json.loads(message["Body"])


def test_nothing_of_a_killed_stack_runs_on(stack):
    """A worker and the ffmpeg it started would otherwise encode for nobody."""
    target = Target(stack.aws_url, stack)
    name = make_function(
        target,
        "import subprocess, sys, time\n"
        "def handler(event, context):\n"
        "    child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "    print('child', child.pid, flush=True)\n"
        "    time.sleep(600)\n",
        Timeout=600,
    )
    target.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b"{}")
    log = stack.log_folder / "functions.log"
    wait_for(lambda: "child" in log.read_text())
    child = int(log.read_text().split("child ")[1].split()[0])
    kill(stack)
    wait_for(lambda: gone(child))


def test_a_stack_that_is_stopped_in_the_middle_of_a_call_ends_by_itself(stack):
    """A page that asks how a film is doing while somebody says `make down` would have it take 20 s, and a kill."""
    target = Target(stack.aws_url, stack)
    name = make_function(
        target,
        "import time\ndef handler(event, context):\n    print('begun', flush=True)\n    time.sleep(600)\n",
        Timeout=600,
    )
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(invoke, target, name)
        log = stack.log_folder / "functions.log"
        wait_for(lambda: "begun" in log.read_text())
        process.stop(stack)
        assert asked.exception() is not None
    assert not stack.record_file.exists(), "it was killed: its record is what it removes last"


def test_the_state_is_kept_while_tables_grow_and_stacks_are_deployed(stack):
    """A whole snapshot in the middle of many writes once stopped all later ones."""
    target = Target(stack.aws_url, stack)
    _fill(target)
    with ThreadPoolExecutor(4) as pool:
        writing = [pool.submit(_put_many, target, start) for start in range(0, 800, 200)]
        while not all(one.done() for one in writing):
            target.client("cloudformation").list_stacks()  # marks everything
    _put(target, "last", "value")
    wait_for(lambda: any(b'"last"' in path.read_bytes() for path in (stack.state / "emulator").glob("dynamodb*")))
    assert "Traceback" not in (stack.log_folder / "stack.log").read_text()
    kill(stack)
    process.start(stack)
    assert len(_items(target)) == 801


def _put_many(target, start):
    client = target.client("dynamodb")
    for number in range(start, start + 200):
        item = {"pk": {"S": f"p{number}"}, "sk": {"S": str(number)}, "value": {"S": "x" * 500}}
        client.put_item(TableName="kept", Item=item)
