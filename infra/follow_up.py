"""What the templates ask for and an emulator's CloudFormation leaves out, set by the services' own calls.

Each step reads first and writes only what differs. So on AWS it changes nothing, but for what was made without
CloudFormation, such as a table that was restored.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from infra import live, project, stacks
from infra.stacks import Stack
from infra.targets import Target

Step = tuple[str, Callable[[], object]]
"""What is to be set, and how."""


def after_data(stack: Stack) -> list[str]:
    """Complete the stack of the data and return a line for each thing that had to be set."""
    done: list[str] = []
    for what, setting in _missing(stack):
        setting()
        done.append(what)
    return done


def is_complete(stack: Stack) -> bool:
    """Say whether the stack of the data lacks nothing; a table that was restored under its name does."""
    return next(_missing(stack), None) is None


def _missing(stack: Stack) -> Iterator[Step]:
    resources = stacks.parse(stack.body)["Resources"]
    names = stacks.physical_names(stack)
    for logical, resource in resources.items():
        steps = _STEPS.get(resource["Type"])
        if steps and logical in names:
            yield from steps(stack, names[logical], resource["Properties"])


def mail_identity(target: Target, address: str) -> list[str]:
    """Make the sender known to SES where the stack could not."""
    ses = target.client("ses")
    known = ses.get_identity_verification_attributes(Identities=[address])["VerificationAttributes"]
    if address in known:
        return []
    ses.verify_email_identity(EmailAddress=address)
    return [f"sender {address}"]


def knows_sender(target: Target, identity: str) -> bool:
    """Say whether SES knows a domain or an address already."""
    return bool(_identity(target, identity))


def _identity(target: Target, name: str) -> dict[str, Any]:
    try:
        return dict(target.client("sesv2").get_email_identity(EmailIdentity=name))
    except ClientError as error:
        if error.response["Error"]["Code"] in live.MISSING:
            return {}
        raise


def mail_records(target: Target, identity: str) -> list[str]:
    """Return the DNS records that a domain still needs before SES sends for it; none for an address."""
    if "@" in identity or target.endpoint:
        return []
    found = _identity(target, identity)
    if found.get("VerifiedForSendingStatus"):
        return []
    tokens = found.get("DkimAttributes", {}).get("Tokens", [])
    return [f"{token}._domainkey.{identity} CNAME {token}.dkim.amazonses.com" for token in tokens]


def _table(stack: Stack, name: str, properties: dict[str, Any]) -> Iterator[Step]:
    dynamodb = stack.target.client("dynamodb")
    wanted = properties["TimeToLiveSpecification"]
    found = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    if found.get("AttributeName") != wanted["AttributeName"]:
        yield (
            f"time to live of {name}",
            partial(dynamodb.update_time_to_live, TableName=name, TimeToLiveSpecification=wanted),
        )
    if not stack.protected:
        return
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    if backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") != "ENABLED":
        recovery = {"PointInTimeRecoveryEnabled": True}
        yield (
            f"point-in-time recovery of {name}",
            partial(dynamodb.update_continuous_backups, TableName=name, PointInTimeRecoverySpecification=recovery),
        )
    if not dynamodb.describe_table(TableName=name)["Table"].get("DeletionProtectionEnabled"):
        yield (
            f"deletion protection of {name}",
            partial(dynamodb.update_table, TableName=name, DeletionProtectionEnabled=True),
        )


def _bucket(stack: Stack, name: str, properties: dict[str, Any]) -> Iterator[Step]:
    s3 = stack.target.client("s3")
    rules = [_lifecycle_rule(rule) for rule in properties["LifecycleConfiguration"]["Rules"]]
    try:
        found = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchLifecycleConfiguration":
            raise
        found = []
    if [_essence(rule) for rule in found] != [_essence(rule) for rule in rules]:
        yield (
            f"lifecycle of {name}",
            partial(s3.put_bucket_lifecycle_configuration, Bucket=name, LifecycleConfiguration={"Rules": rules}),
        )


def _lifecycle_rule(rule: dict[str, Any]) -> dict[str, Any]:
    """Return a rule of a template as S3 itself takes it, which has other names for three things."""
    ours = {("ID" if key == "Id" else key): value for key, value in rule.items()} | {"Filter": {"Prefix": ""}}
    marker = ours.pop("ExpiredObjectDeleteMarker", None)
    return ours | ({"Expiration": {"ExpiredObjectDeleteMarker": marker}} if marker is not None else {})


def _essence(rule: dict[str, Any]) -> dict[str, Any]:
    """Return a rule without its filter: ours hold for all objects, which S3 can say in three ways."""
    return {key: value for key, value in rule.items() if key not in ("Filter", "Prefix")}


_STEPS: dict[str, Callable[[Stack, str, dict[str, Any]], Iterator[Step]]] = {
    "AWS::DynamoDB::Table": _table,
    "AWS::S3::Bucket": _bucket,
}


def after_access(target: Target, user: str, secret: str, *, rotate: bool = False) -> list[str]:
    """See to it that the secret holds a living access key of the user who signs media URLs.

    Args:
        target: The stage.
        user: Who signs.
        secret: Where the key is kept.
        rotate: Make a new key; the former one lives on until the next time, and so do the URLs that it signed.
    """
    iam, secrets = target.client("iam"), target.client("secretsmanager")
    kept = json.loads(secrets.get_secret_value(SecretId=secret)["SecretString"])
    keys = {one["AccessKeyId"]: one["Status"] for one in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]}
    current = kept.get("access_key_id")
    if keys.get(current) == "Active" and not rotate:
        return []
    # former ones, and those of an interrupted run, whose secret half nobody knows; a user has two keys at most
    for stray in keys.keys() - {current if rotate else None}:
        iam.delete_access_key(UserName=user, AccessKeyId=stray)
    made = iam.create_access_key(UserName=user)["AccessKey"]
    value = kept | {"access_key_id": made["AccessKeyId"], "secret_access_key": made["SecretAccessKey"]}
    secrets.put_secret_value(SecretId=secret, SecretString=json.dumps(value))
    return [f"access key of {user}"]


def after_functions(target: Target, dead_letters: str) -> list[str]:
    """Set what Chalice cannot: what becomes of the events that a function failed on."""
    wanted: dict[str, dict[str, Any]] = {
        "ingest": {
            "MaximumRetryAttempts": 2,  # Lambda's own most
            "MaximumEventAgeInSeconds": 21600,
            "DestinationConfig": {"OnFailure": {"Destination": dead_letters}},
        },
        "watchdog": {"MaximumRetryAttempts": 0},  # the next round comes within a minute, and does the same
    }
    return [line for function, config in wanted.items() for line in _event_config(target, function, config)]


def _event_config(target: Target, function: str, wanted: dict[str, Any]) -> Iterator[str]:
    functions = target.client("lambda")
    name = project.function_name(target.stage, function)
    try:
        found = functions.get_function_event_invoke_config(FunctionName=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        found = {}
    if not _contains(found, wanted):
        functions.put_function_event_invoke_config(FunctionName=name, **wanted)
        yield f"what becomes of events that {name} fails on"


def _contains(found: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Say whether all that is wanted stands there; Lambda answers with more."""
    return all(
        _contains(found.get(key, {}), value) if isinstance(value, dict) else found.get(key) == value
        for key, value in wanted.items()
    )
