"""What the templates promise: names, keys, limits and rights. An emulator validates none of it, so this does."""

import functools
import json

from drill import rights
from drill.faults import Call
from infra import environment, project, stacks
from infra.targets import ROOT

TEMPLATES = sorted((ROOT / "infra").glob("*.yaml"))
CONFIG = json.loads((ROOT / ".chalice" / "config.json").read_text(encoding="utf-8"))
PURPOSES = {
    "ApiRole": {"dynamodb", "logs", "s3", "secretsmanager", "sqs", "states"},
    "IngestRole": {"dynamodb", "logs", "s3", "sqs", "states"},
    "TranscodeRole": {"dynamodb", "logs", "s3", "sqs", "states"},
    "WatchdogRole": {"dynamodb", "logs", "s3", "sqs", "states"},
    "MailRole": {"dynamodb", "logs", "ses", "sqs"},
    "MachineRole": {"lambda", "logs", "states"},
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
    """What a role or user may do, by itself and by the managed policies of our own that it has."""
    managed = [of_type("AWS::IAM::ManagedPolicy")[one["Ref"]] for one in role.get("ManagedPolicyArns", [])]
    documents = [policy["PolicyDocument"] for policy in [*role["Policies"], *managed]]
    return [s for document in documents for s in document["Statement"]]


def test_every_role_allows_what_its_function_is_for_and_nothing_else():
    roles = of_type("AWS::IAM::Role")
    assert {
        name: {action.split(":")[0] for s in statements(role) for action in listed(s["Action"])}
        for name, role in roles.items()
    } == PURPOSES
    assert set(project.ROLES.values()) == {f"{name}Arn" for name in roles} - {"MachineRoleArn"}


SEEN = json.loads((ROOT / "drill" / "results.json").read_text(encoding="utf-8"))["matrices"]
UNSEEN = {  # on no journey of the drill, or too late in one: whoever ends a film tells its owner and forgets the note
    Call(function, *call)
    for function in ("ingest", "transcode", "watchdog")
    for call in (("sqs", "GetQueueUrl"), ("sqs", "SendMessage"), ("dynamodb", "DeleteItem"))
}


def test_every_call_that_a_function_makes_is_allowed_by_its_role():
    """What is missing here would fail on a day that no test has seen."""
    calls = {Call(*call) for rows in SEEN.values() for *call, _ in rows}
    asked = {(call.function, right) for call in calls | UNSEEN for right in rights.of_call(call)}
    assert {(function, right) for function, right in asked if right not in rights.granted(function)} == set()
    assert {call.function for call in calls} == set(rights.ROLES)


def test_whoever_ends_a_film_may_tell_its_owner():
    """A file of no bytes fails when it arrives, an abandoned film in the watchdog."""
    for role in ("IngestRole", "TranscodeRole", "WatchdogRole"):
        sending = [s for s in statements(of_type("AWS::IAM::Role")[role]) if "sqs:SendMessage" in listed(s["Action"])]
        assert {"Ref": "MailQueueArn"} in [resource for s in sending for resource in listed(s["Resource"])], role


def test_no_right_is_a_wildcard():
    policies = [s for role in of_type("AWS::IAM::Role").values() for s in statements(role)]
    policies += [s for user in of_type("AWS::IAM::User").values() for s in statements(user)]
    for statement in policies:
        if statement.get("Sid") in ("DeliverLogs", "Send"):
            continue  # below
        assert statement["Effect"] == "Allow"
        assert not [action for action in listed(statement["Action"]) if "*" in action]
        for resource in listed(statement["Resource"]):
            named = resource.get("Ref") or resource["Sub"]
            # a star only behind a name: objects of a bucket, uploads that the server named, indexes, log streams
            ends = ("}/*", "}/api/*", "}/*/captions-*", "}/index/*", ":*", "-transcode/*")
            assert named.count("*") == 0 or named.endswith(ends), named
            assert "Stage" in named or "Bucket" in named or "Arn" in named, named


def test_only_the_state_machine_may_manage_log_deliveries_which_know_no_resource():
    """Step Functions asks for exactly these ("Logging using CloudWatch Logs"), and IAM takes no narrower resource."""
    (role,) = (
        name for name, role in of_type("AWS::IAM::Role").items() for s in statements(role) if s["Sid"] == "DeliverLogs"
    )
    assert role == "MachineRole"
    delivery = next(s for s in statements(of_type("AWS::IAM::Role")[role]) if s["Sid"] == "DeliverLogs")
    assert set(delivery["Action"]) == {
        *(f"logs:{verb}LogDelivery" for verb in ("Create", "Delete", "Get", "Update")),
        *(f"logs:Describe{what}" for what in ("LogGroups", "ResourcePolicies")),
        *("logs:ListLogDeliveries", "logs:PutResourcePolicy"),
    }


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


def test_the_transcoder_writes_no_row_of_the_accounts_but_the_minutes_that_it_counts():
    writes = [
        s for s in statements(of_type("AWS::IAM::Role")["TranscodeRole"])
        if s["Resource"] == {"Ref": "AccountsTableArn"} and "dynamodb:UpdateItem" in listed(s["Action"])
    ]  # fmt: skip
    assert [s["Condition"] for s in writes] == [
        {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["limit#encode-seconds#*"]}}
    ]


def test_the_mailer_sends_as_the_one_sender_to_whomever_ses_asks_the_right_for():
    """In the sandbox that is a confirmed recipient's identity, too, and nobody else may get mail there."""
    send = next(s for s in statements(of_type("AWS::IAM::Role")["MailRole"]) if s["Sid"] == "Send")
    assert send["Condition"] == {"StringEquals": {"ses:FromAddress": {"Ref": "MailSender"}}}
    assert send["Resource"]["Sub"].endswith(":${AWS::AccountId}:identity/*")


def test_the_signer_of_media_urls_may_read_media_and_nothing_else():
    (user,) = of_type("AWS::IAM::User").values()
    (statement,) = statements(user)
    assert statement["Action"] == "s3:GetObject"
    assert statement["Resource"] == {"Sub": "arn:${AWS::Partition}:s3:::${MediaBucket}/*"}


def test_no_bucket_is_ever_public_and_all_are_encrypted():
    buckets = of_type("AWS::S3::Bucket")
    assert len(buckets) == 4
    for bucket in buckets.values():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4
        assert "BucketEncryption" in bucket
        assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
        aborts = [rule.get("AbortIncompleteMultipartUpload") for rule in bucket["LifecycleConfiguration"]["Rules"]]
        assert any(aborts), "parts of interrupted uploads would be paid for for ever"


def test_of_a_deleted_upload_not_even_its_name_stays():
    """In a bucket with versions a deletion is a marker, which S3 keeps after all versions unless it is told."""
    (rule,) = [
        rule
        for rule in of_type("AWS::S3::Bucket")["Uploads"]["LifecycleConfiguration"]["Rules"]
        if "NoncurrentVersionExpiration" in rule
    ]
    assert rule["ExpiredObjectDeleteMarker"] is True
    assert not {"ExpirationInDays", "ExpirationDate", "TagFilters"} & rule.keys(), "S3 takes it without these alone"


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
        assert table["DeletionProtectionEnabled"] == {"If": ["DeletionProtection", True, False]}


def test_nothing_that_people_made_goes_with_a_stack():
    for name, one in resources("data").items():
        if one["Type"] in ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"):
            assert one["DeletionPolicy"] == "RetainExceptOnCreate", name
            assert one["UpdateReplacePolicy"] == "Retain", name


def test_a_domain_that_other_stages_may_send_for_stays_too():
    """It took a change of the DNS to prove it, and SES knows it once for all stages."""
    identity = resources("data")["MailIdentity"]
    assert identity["DeletionPolicy"] == "RetainExceptOnCreate"
    assert identity["UpdateReplacePolicy"] == "Retain"


def test_a_mail_stays_hidden_for_longer_than_its_function_may_run():
    """Else a second worker takes a mail that the first still sends."""
    for stage in CONFIG["stages"].values():
        timeout = stage["lambda_functions"]["send_mail"]["lambda_timeout"]
        assert of_type("AWS::SQS::Queue")["MailQueue"]["VisibilityTimeout"] > timeout


def test_messages_that_always_fail_end_in_a_dead_letter_queue_that_keeps_them_longest():
    queues = of_type("AWS::SQS::Queue")
    assert queues["MailQueue"]["RedrivePolicy"]["deadLetterTargetArn"] == {"GetAtt": "MailDeadQueue.Arn"}
    for name in ("MailDeadQueue", "IngestDeadQueue"):
        assert queues[name]["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_every_function_and_the_state_machine_have_logs_that_expire():
    names = {group["LogGroupName"]["Sub"] for group in of_type("AWS::Logs::LogGroup").values()}
    functions = {f"/aws/lambda/{project.function_name('${Stage}', function)}" for function in project.ROLES}
    assert names == functions | {"/aws/vendedlogs/states/videoflix-${Stage}-transcode"}
    assert all("RetentionInDays" in group for group in of_type("AWS::Logs::LogGroup").values())


def test_the_functions_are_given_names_that_the_templates_put_out():
    outputs = set()
    for template in TEMPLATES:
        outputs |= stacks.parse(template.read_text(encoding="utf-8"))["Outputs"].keys()
    assert outputs >= {*environment.FROM_OUTPUTS.values(), *project.ROLES.values(), "LayerArn"}
