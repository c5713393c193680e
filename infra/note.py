"""The note of a finished run: what was deployed. It lies in the artifacts bucket, so any machine can read it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace

from botocore.exceptions import ClientError

from infra import chalice_record, live, project
from infra.live import Resource
from infra.targets import DeployError, Target

_KEY = "deployment.json"


@dataclass(frozen=True)
class Note:
    """The note of a finished run.

    Attributes:
        fingerprint: Of everything that was deployed (code, templates, settings); empty while a run is not finished.
        functions: Digest of each function's configuration, by its name in Lambda.
        resources: Chalice's own record.
    """

    fingerprint: str
    functions: dict[str, str]
    resources: list[Resource]

    @property
    def rest_api(self) -> Resource:
        """Return Chalice's record of the API; empty if there is none."""
        return next((one for one in self.resources if one.get("resource_type") == "rest_api"), {})


def artifacts_bucket(target: Target) -> str:
    """Return the name that artifacts.yaml gives the bucket."""
    return f"videoflix-{target.stage}-artifacts-{target.account}"


def check_region(target: Target) -> None:
    """Refuse a stage that is deployed in another region: S3 would lead us to its note and its files all the same.

    Raises:
        DeployError: names the region, and what to do.
    """
    if target.endpoint:
        return  # an emulator has one region
    # a stage that was removed has kept its data
    for bucket in (artifacts_bucket(target), f"videoflix-{target.stage}-uploads-{target.account}"):
        region = _region(target, bucket)
        if region not in (target.region, None):
            raise DeployError(
                f"The stage {target.stage} of this account is in {region}, and AWS_REGION says {target.region}: names"
                f" of buckets and roles are one for all regions. Nothing was changed. Set AWS_REGION={region}, or use"
                f" another name for a stage here, such as STAGE={target.stage}2."
            )


def _region(target: Target, bucket: str) -> str | None:
    try:
        return str(target.client("s3").head_bucket(Bucket=bucket)["BucketRegion"])
    except ClientError as error:
        if error.response["Error"]["Code"] in live.MISSING:
            return None
        raise


def read(target: Target) -> Note | None:
    """Return the note of the last finished run; None if there is none that can be read."""
    try:
        body = target.client("s3").get_object(Bucket=artifacts_bucket(target), Key=_KEY)["Body"].read()
        return Note(**json.loads(body))
    except ClientError as error:
        if error.response["Error"]["Code"] in live.MISSING:
            return None
        raise
    except (TypeError, ValueError):
        return None  # of another version


def finish(target: Target, fingerprint: str) -> None:
    """Note that a run is finished."""
    names = [project.function_name(target.stage, function) for function in project.ROLES]
    _write(target, Note(fingerprint, live.functions(target, names), chalice_record.resources(target)))


def begin(target: Target, former: Note) -> None:
    """Note that a run is going on: until its end nobody may call the deployment whole."""
    _write(target, replace(former, fingerprint=""))


def forget_functions(target: Target) -> None:
    """Note that Chalice's part is gone: a removal that is interrupted goes on with the rest."""
    if former := read(target):
        _write(target, replace(former, fingerprint="", functions={}, resources=[]))


def _write(target: Target, note: Note) -> None:
    body = json.dumps(asdict(note), indent=1).encode()
    target.client("s3").put_object(Bucket=artifacts_bucket(target), Key=_KEY, Body=body)


def is_whole(target: Target, note: Note) -> bool:
    """Say whether what the note names is still there, as it was."""
    checks = (
        lambda: live.functions(target, list(note.functions)) == note.functions,
        lambda: live.api_exists(target, str(note.rest_api.get("rest_api_id"))),
        lambda: live.tables_exist(target),
        lambda: all(live.mapping_exists(target, one["event_uuid"]) for one in note.resources if "event_uuid" in one),
        lambda: all(live.notifies(target, one) for one in note.resources if one.get("resource_type") == "s3_event"),
    )
    with ThreadPoolExecutor(max_workers=len(checks)) as pool:
        return all(pool.map(lambda check: check(), checks))
