"""What the templates promise: names, keys, limits and rights. An emulator validates none of it, so this does."""

import functools
import json
from pathlib import Path

import pytest
from cfnlint.api import lint_file

from infra import environment, project, stacks
from infra.targets import ROOT

TEMPLATES = sorted((ROOT / "infra").glob("*.yaml"))
CONFIG = json.loads((ROOT / ".chalice" / "config.json").read_text(encoding="utf-8"))
PURPOSES = {
    "ApiRole": {"dynamodb", "logs", "s3", "secretsmanager", "sqs"},
    "IngestRole": {"dynamodb", "logs", "s3", "sqs"},
    "TranscodeRole": {"dynamodb", "logs", "s3", "sqs"},
    "WatchdogRole": {"dynamodb", "logs", "s3", "sqs"},
    "MailRole": {"dynamodb", "logs", "ses", "sqs"},
}


@functools.cache
def resources(part):
    return stacks.parse((ROOT / "infra" / f"{part}.yaml").read_text(encoding="utf-8"))["Resources"]


def of_type(kind):
    return {
        name: one["Properties"]
        for path in TEMPLATES
        for name, one in resources(path.stem).items()
        if one["Type"] == kind
    }


def listed(value):
    return value if isinstance(value, list) else [value]


def statements(role):
    return [s for policy in role["Policies"] for s in policy["PolicyDocument"]["Statement"]]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_cloudformation_would_take_the_template(template: Path):
    assert [f"{match.rule.id} line {match.linenumber}: {match.message}" for match in lint_file(template)] == []


def test_every_role_allows_what_its_function_is_for_and_nothing_else():
    roles = of_type("AWS::IAM::Role")
    assert {
        name: {action.split(":")[0] for s in statements(role) for action in listed(s["Action"])}
        for name, role in roles.items()
    } == PURPOSES
    assert set(project.ROLES.values()) == {f"{name}Arn" for name in roles}


def test_no_right_is_a_wildcard():
    policies = [s for role in of_type("AWS::IAM::Role").values() for s in statements(role)]
    policies += [s for one in of_type("AWS::IAM::ManagedPolicy").values() for s in one["PolicyDocument"]["Statement"]]
    policies += [s for user in of_type("AWS::IAM::User").values() for s in statements(user)]
    for statement in policies:
        assert statement["Effect"] == "Allow"
        assert not [action for action in listed(statement["Action"]) if "*" in action]
        for resource in listed(statement["Resource"]):
            named = resource.get("Ref") or resource["Sub"]
            # a star only behind a name: objects of a bucket, uploads that the server named, indexes, log streams
            assert named.count("*") == 0 or named.endswith(("}/*", "}/api/*", "}/*/captions-*", "}/index/*", ":*")), (
                named
            )
            assert "Stage" in named or "Bucket" in named or "Arn" in named or "MailSender" in named, named


def test_the_api_writes_uploads_only_under_keys_that_the_server_chose_and_of_media_only_captions():
    """Else somebody who takes the API over could replace any film's source (contract, section 5), or its segments."""
    writes = [
        (name, statement["Resource"]["Sub"])
        for name, role in of_type("AWS::IAM::Role").items()
        for statement in statements(role)
        if "s3:PutObject" in listed(statement["Action"])
    ]
    assert writes == [
        ("ApiRole", "arn:${AWS::Partition}:s3:::${MediaBucket}/*/captions-*"),
        ("ApiRole", "arn:${AWS::Partition}:s3:::${UploadsBucket}/api/*"),
        ("IngestRole", "arn:${AWS::Partition}:s3:::${MediaBucket}/*/captions-*"),
        ("TranscodeRole", "arn:${AWS::Partition}:s3:::${MediaBucket}/*"),
    ]


def test_only_the_api_reads_secrets():
    readers = [
        name
        for name, role in of_type("AWS::IAM::Role").items()
        if any("secretsmanager" in action for s in statements(role) for action in listed(s["Action"]))
    ]
    assert readers == ["ApiRole"]


def test_the_mailer_touches_only_its_own_rows_of_the_accounts():
    ledger = next(s for s in statements(of_type("AWS::IAM::Role")["MailRole"]) if s["Sid"] == "Ledger")
    assert ledger["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["mail#*"]}}


def test_the_signer_of_media_urls_may_read_media_and_nothing_else():
    (user,) = of_type("AWS::IAM::User").values()
    (statement,) = statements(user)
    assert statement["Action"] == "s3:GetObject"
    assert statement["Resource"] == {"Sub": "arn:${AWS::Partition}:s3:::${MediaBucket}/*"}


def test_no_bucket_is_ever_public_and_all_are_encrypted():
    buckets = of_type("AWS::S3::Bucket")
    assert len(buckets) == 3
    for bucket in buckets.values():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4
        assert "BucketEncryption" in bucket
        assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
        aborts = [rule.get("AbortIncompleteMultipartUpload") for rule in bucket["LifecycleConfiguration"]["Rules"]]
        assert any(aborts), "parts of interrupted uploads would be paid for for ever"


def test_every_bucket_refuses_plain_http_where_there_is_https():
    guarded = {policy["Bucket"]["Ref"] for policy in of_type("AWS::S3::BucketPolicy").values()}
    assert guarded == of_type("AWS::S3::Bucket").keys()


def test_players_that_send_cookies_may_read_media():
    """For the origin * S3 leaves Allow-Credentials out, and the player fails."""
    for bucket in ("Media", "Uploads"):
        (rule,) = of_type("AWS::S3::Bucket")[bucket]["CorsConfiguration"]["CorsRules"]
        assert rule["AllowedOrigins"] == {"Ref": "FrontendOrigins"}


def test_tables_expire_their_items_and_are_protected():
    for table in of_type("AWS::DynamoDB::Table").values():
        assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["DeletionProtectionEnabled"] == {"If": ["Protected", True, False]}


def test_nothing_that_people_made_goes_with_a_stack():
    for name, one in resources("data").items():
        if one["Type"] in ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"):
            assert one["DeletionPolicy"] == "RetainExceptOnCreate", name
            assert one["UpdateReplacePolicy"] == "Retain", name


@pytest.mark.parametrize(("queue", "function"), [("TranscodeQueue", "transcode"), ("MailQueue", "send_mail")])
def test_a_message_stays_hidden_for_longer_than_its_function_may_run(queue, function):
    """Else a second worker takes a film that the first still encodes."""
    for stage in CONFIG["stages"].values():
        timeout = stage["lambda_functions"][function]["lambda_timeout"]
        assert of_type("AWS::SQS::Queue")[queue]["VisibilityTimeout"] > timeout


def test_messages_that_always_fail_end_in_a_dead_letter_queue_that_keeps_them_longest():
    queues = of_type("AWS::SQS::Queue")
    for name in ("Transcode", "Mail"):
        assert queues[f"{name}Queue"]["RedrivePolicy"]["deadLetterTargetArn"] == {"GetAtt": f"{name}DeadQueue.Arn"}
        assert queues[f"{name}DeadQueue"]["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_every_function_has_a_log_that_expires():
    names = {group["LogGroupName"]["Sub"] for group in of_type("AWS::Logs::LogGroup").values()}
    assert names == {f"/aws/lambda/{project.function_name('${Stage}', function)}" for function in project.ROLES}
    assert all("RetentionInDays" in group for group in of_type("AWS::Logs::LogGroup").values())


def test_the_functions_are_given_names_that_the_templates_put_out():
    outputs = set()
    for template in TEMPLATES:
        outputs |= stacks.parse(template.read_text(encoding="utf-8"))["Outputs"].keys()
    assert outputs >= {*environment.FROM_OUTPUTS.values(), *project.ROLES.values(), "LayerArn"}
