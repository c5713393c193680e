"""Remove a stage: `python -m infra.destroy --stage local|localstack|prod [--yes] [--state DIR]`.

On the stages of one machine everything goes. Elsewhere the stack of the data (tables, buckets, secrets) stays, under
CloudFormation's protection: deploying again finds every account and film.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra import chalice_record, chalice_run, command, environment, live, note, options, project, stacks
from infra.command import tell
from infra.stacks import Stack
from infra.targets import DeployError, Target

_PAGE = 1000  # objects that one call deletes


def destroy(target: Target, *, yes: bool) -> None:
    """Remove the stage, newest things first. What is gone already is passed over.

    Raises:
        DeployError: nobody agreed, the stage is in another region, or something could not be removed.
    """
    note.check_region(target)
    what = "everything, accounts and films too" if target.emulated else "functions, API and roles; the data stays"
    tell(f"The stage {target.stage} in the account {target.account} ({target.region}): {what}.")
    if not (yes or command.ask("Remove it?")):
        raise DeployError("Nothing was removed.")
    parts = {part: Stack(target, part, {}) for part in stacks.PARTS}
    _remove_with_bucket(parts["page"])
    _remove_functions(target, parts)
    _remove_stack(parts["engine"])
    _remove_layers(target)
    _remove_stack(parts["cdn"])
    _remove_signer_keys(target, parts["access"])
    _remove_stack(parts["access"])
    if target.emulated:
        _remove_data(parts["data"])
    else:
        tell(f"Kept: the stack {parts['data'].name}")
    _remove_with_bucket(parts["artifacts"])
    target.environment_file.unlink(missing_ok=True)
    shutil.rmtree(target.project, ignore_errors=True)
    tell(f"Gone: the stage {target.stage}")


def _remove_functions(target: Target, parts: dict[str, Stack]) -> None:
    stage = environment.config(target.stage)["stages"][target.stage]
    noted = note.read(target)
    if not chalice_record.adopt(target, noted.resources if noted else [], str(stage["api_gateway_stage"])):
        return
    outputs: dict[str, str] = {}
    for stack in parts.values():
        outputs |= stacks.outputs(stacks.describe(stack) or {})
    if outputs.keys() >= {*environment.FROM_OUTPUTS.values(), *project.ROLES.values(), "LayerArn"}:
        functions = environment.of(target, outputs)
        chosen = options.load(target, functions)
        project.stage(target, project.overlay(target, outputs, functions, chosen))
    chalice_run.delete(target, tell)
    note.forget_functions(target)


def _remove_layers(target: Target) -> None:
    """Remove the layer's former versions too: the stack knows only the last."""
    functions, name = target.client("lambda"), f"videoflix-{target.stage}-ffmpeg"
    for page in functions.get_paginator("list_layer_versions").paginate(LayerName=name):
        for version in page["LayerVersions"]:
            functions.delete_layer_version(LayerName=name, VersionNumber=version["Version"])


def _remove_signer_keys(target: Target, access: Stack) -> None:
    iam = target.client("iam")
    for user in _names(access, "AWS::IAM::User"):
        for key in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=user, AccessKeyId=key["AccessKeyId"])


def _remove_stack(stack: Stack) -> None:
    if stacks.describe(stack) is None:
        return
    stack.target.client("cloudformation").update_termination_protection(
        StackName=stack.name, EnableTerminationProtection=False
    )
    tell(f"Stack {stack.name}: delete")
    stacks.delete(stack)


def _remove_with_bucket(stack: Stack) -> None:
    """Remove the stack and what its bucket holds, which can be made again."""
    for bucket in _names(stack, "AWS::S3::Bucket"):
        _empty(stack.target, bucket)
    _remove_stack(stack)


def _remove_data(stack: Stack) -> None:
    """Remove the stack and what it would keep."""
    target = stack.target
    buckets, tables = _names(stack, "AWS::S3::Bucket"), _names(stack, "AWS::DynamoDB::Table")
    secrets, senders = _names(stack, "AWS::SecretsManager::Secret"), _names(stack, "AWS::SES::EmailIdentity")
    for bucket in buckets:
        _empty(target, bucket)
    _remove_stack(stack)
    for bucket in buckets:
        _unless_gone(target.client("s3").delete_bucket, Bucket=bucket)
    for table in tables:
        _unless_gone(target.client("dynamodb").delete_table, TableName=table)
    for secret in secrets:
        _unless_gone(target.client("secretsmanager").delete_secret, SecretId=secret, ForceDeleteWithoutRecovery=True)
    for sender in senders:
        _unless_gone(target.client("sesv2").delete_email_identity, EmailIdentity=sender)


def _names(stack: Stack, kind: str) -> list[str]:
    if stacks.describe(stack) is None:
        return []
    resources = stacks.parse(stack.body)["Resources"]
    found = stacks.physical_names(stack)
    return [found[logical] for logical, one in resources.items() if one["Type"] == kind and logical in found]


def _empty(target: Target, bucket: str) -> None:
    """Delete every version of every object."""
    s3 = target.client("s3")
    try:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, MaxKeys=_PAGE):
            found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            keys = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
            if keys:
                s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise


def _unless_gone(call: Any, **arguments: Any) -> None:  # noqa: ANN401 - a bound method of some client
    try:
        call(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] not in live.MISSING:
            raise


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m infra.destroy", description="Remove a stage.")
    parser.add_argument("--stage", required=True, help="local, localstack, prod or another name")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--state", type=Path, help="folder for what is kept on this machine (default: VIDEOFLIX_STATE)")
    options = parser.parse_args(arguments)
    return command.run(options.stage, options.state, lambda target: destroy(target, yes=options.yes))


if __name__ == "__main__":
    sys.exit(main())
