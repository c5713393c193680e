"""A stage is deployed, deployed again, changed, broken and repaired, as an operator would see it. In this order."""

import json
import os
import re
import shutil
import stat
import urllib.request

from functions import settings
from localstack.stack import ROOT
from tests.integration.deploy.conftest import change

MARK = {"pk": {"S": "deploy-test"}, "sk": {"S": "row"}}
ONE_MORE_ALARM = """
  OneMore:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: one-more
      Namespace: AWS/Lambda
      MetricName: Errors
      Statistic: Sum
      Period: 300
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
"""


def alarms(site):
    return {one["AlarmName"] for one in site.client("cloudwatch").describe_alarms()["MetricAlarms"]}


def test_a_plan_changes_nothing(site):
    assert "+ stack videoflix-local-data: create" in site.deploy("--plan")
    assert site.client("cloudformation").list_stacks()["StackSummaries"] == []


def test_a_fresh_deployment_answers(site):
    assert "Done. The stage local is at" in site.deploy()
    assert site.ask() == {"ok": True}
    assert site.ask("/readyz/")["ok"] is True


def test_the_environment_file_is_whole_and_private(site):
    path = site.stack.state / "local.env"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    values = site.values()
    assert settings.load(values).uploads_bucket == "videoflix-uploads"
    assert values["AWS_ENDPOINT_URL"] == site.stack.aws_url
    assert site.ask(base=values["VIDEOFLIX_GATEWAY_URL"]) == {"ok": True}


def test_what_the_emulators_cloudformation_drops_is_set(site):
    for table in ("accounts", "catalogue"):
        found = site.client("dynamodb").describe_time_to_live(TableName=f"videoflix-local-{table}")
        assert found["TimeToLiveDescription"]["AttributeName"] == "expires_at"
    for bucket in ("uploads", "media"):
        rules = site.client("s3").get_bucket_lifecycle_configuration(Bucket=f"videoflix-{bucket}")["Rules"]
        assert any("AbortIncompleteMultipartUpload" in rule for rule in rules)
    events = site.client("lambda").get_function_event_invoke_config
    found = events(FunctionName="videoflix-local-ingest")
    assert found["DestinationConfig"]["OnFailure"]["Destination"].endswith(":videoflix-local-ingest-dead")
    assert events(FunctionName="videoflix-local-watchdog")["MaximumRetryAttempts"] == 0


def test_the_state_machine_runs_the_deployed_function_as_widely_as_this_machine_can(site):
    found = site.client("stepfunctions").describe_state_machine(stateMachineArn=site.values()["TRANSCODE_MACHINE"])
    states = json.loads(found["definition"])["States"]
    assert states["Chunks"]["MaxConcurrency"] == os.cpu_count()
    assert states["Prepare"]["Resource"].endswith(":function:videoflix-local-transcode")
    assert found["roleArn"].endswith("role/videoflix-local-engine")


def test_the_token_key_was_made_and_is_long_enough(site):
    """32 bytes at least (RFC 7518, section 3.2)."""
    secret = site.client("secretsmanager").get_secret_value(SecretId="videoflix/local/token-keys")["SecretString"]
    assert '"kid"' in secret
    assert len(secret) > 64


def test_deploying_again_does_nothing(site):
    functions = site.client("lambda")
    before = functions.get_function_configuration(FunctionName="videoflix-local")["LastModified"]
    assert site.deploy().startswith("Nothing changed.")
    assert functions.get_function_configuration(FunctionName="videoflix-local")["LastModified"] == before


def test_a_changed_function_is_deployed_and_every_address_and_row_stays(site):
    site.client("dynamodb").put_item(TableName="videoflix-local-accounts", Item=MARK)
    before, key = site.apis(), site.client("secretsmanager").get_secret_value(SecretId="videoflix/local/token-keys")
    change(site)
    assert "~ functions and API: deploy (code, templates or settings changed)" in site.deploy()
    assert site.ask() == {"ok": True, "mark": "changed"}
    assert site.apis() == before
    assert "Item" in site.client("dynamodb").get_item(TableName="videoflix-local-accounts", Key=MARK)
    after = site.client("secretsmanager").get_secret_value(SecretId="videoflix/local/token-keys")
    assert after["SecretString"] == key["SecretString"], "everybody would be logged out"


def test_the_former_version_deployed_again_is_back_and_every_address_and_row_stays(site):
    """A rollback is nothing else: the former tag, deployed (docs/deploying.md)."""
    engine, health = site.root / "infra" / "engine.yaml", site.root / "functions" / "http" / "health.py"
    engine.write_text(engine.read_text().replace("\nOutputs:", ONE_MORE_ALARM + "\nOutputs:"))
    before = site.apis()
    assert "+ OneMore" in site.deploy()
    assert "one-more" in alarms(site)
    shutil.copyfile(ROOT / "infra" / "engine.yaml", engine)
    shutil.copyfile(ROOT / "functions" / "http" / "health.py", health)
    assert "- OneMore" in site.deploy()
    assert site.ask() == {"ok": True}
    assert "one-more" not in alarms(site)
    assert site.apis() == before
    assert "Item" in site.client("dynamodb").get_item(TableName="videoflix-local-accounts", Key=MARK)


def test_a_function_that_somebody_deleted_is_made_again(site):
    site.client("lambda").delete_function(FunctionName="videoflix-local")
    assert "repair" in site.deploy()
    assert site.ask()["ok"] is True
    assert len(site.apis()) == 1


def test_a_function_that_somebody_changed_is_put_right(site):
    functions = site.client("lambda")
    functions.update_function_configuration(FunctionName="videoflix-local-ingest", Timeout=1)
    assert "repair" in site.deploy()
    assert functions.get_function_configuration(FunctionName="videoflix-local-ingest")["Timeout"] == 60


def test_another_number_of_chunks_at_once_reaches_the_machine_in_place(site):
    """A new machine would forget which executions there were, and encode a film twice."""
    (site.root / ".env").write_text("CHUNKS_AT_ONCE=7\n")
    said = site.deploy()
    (site.root / ".env").unlink()
    assert "~ stack videoflix-local-engine: update (parameter ChunksAtOnce)" in said
    found = site.client("stepfunctions").describe_state_machine(stateMachineArn=site.values()["TRANSCODE_MACHINE"])
    assert json.loads(found["definition"])["States"]["Chunks"]["MaxConcurrency"] == 7


def test_a_signing_key_that_was_deleted_is_made_anew(site):
    iam, user = site.client("iam"), "videoflix-local-media-signer"
    (key,) = iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
    iam.delete_access_key(UserName=user, AccessKeyId=key["AccessKeyId"])
    (site.root / ".env").write_text("LOG_LEVEL=WARNING\n")  # some change, so that there is something to do
    assert "Set: access key" in site.deploy()
    (key,) = iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
    secret = site.client("secretsmanager").get_secret_value(SecretId="videoflix/local/media-signer")["SecretString"]
    assert key["AccessKeyId"] in secret


def test_addresses_that_were_handed_out_live_on_when_another_key_signs(site):
    site.client("s3").put_object(Bucket="videoflix-media", Key="1/v/480p/000.ts", Body=b"a segment")
    before = signed(site)
    site.deploy("--rotate-media-key")
    after = signed(site)
    key_ids = {re.search(r"(?:AWSAccessKeyId|Credential)=([^%&]+)", url)[1] for url in (before, after)}
    assert len(key_ids) == 2
    for url in (before, after):
        with urllib.request.urlopen(url) as answer:
            assert answer.read() == b"a segment"


def signed(site):
    secret = site.client("secretsmanager").get_secret_value(SecretId="videoflix/local/media-signer")["SecretString"]
    key = json.loads(secret)
    s3 = site.client("s3", aws_access_key_id=key["access_key_id"], aws_secret_access_key=key["secret_access_key"])
    return s3.generate_presigned_url("get_object", Params={"Bucket": "videoflix-media", "Key": "1/v/480p/000.ts"})


def test_another_machine_finds_the_deployment_without_its_files(site):
    """What Chalice remembers in a file is lost with the machine; a second API would be the result."""
    (site.stack.state / "local" / "project" / ".chalice" / "deployed" / "local.json").unlink()
    (site.stack.state / "local.env").unlink()
    before = site.apis()
    assert site.deploy().startswith("Nothing changed.")
    assert site.values()["VIDEOFLIX_GATEWAY_URL"].endswith(f"/{before[0]}/live")
    (site.stack.state / "local" / "project" / ".chalice" / "deployed" / "local.json").unlink()
    (site.root / ".env").unlink()
    assert "deploy (code, templates or settings changed)" in site.deploy()
    assert site.apis() == before
