"""Whether each thing that we depend on answers (contract, section 7)."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from functions import aws, log
from functions.settings import Settings

_PATIENCE = 2  # seconds; a dependency that needs longer is no help to a viewer


def check(settings: Settings) -> dict[str, bool]:
    """Return whether each dependency, by its name, answered within two seconds."""
    checks = _checks(settings)
    with ThreadPoolExecutor(max_workers=len(checks)) as pool:
        return dict(zip(checks, pool.map(_answers, checks, checks.values()), strict=True))


def _checks(settings: Settings) -> Mapping[str, Callable[[], object]]:
    # calls that change nothing; on items that need not exist
    dynamodb, s3, sqs, machines = _client("dynamodb"), _client("s3"), _client("sqs"), _client("stepfunctions")
    secrets = _client("secretsmanager")
    nothing = {"pk": {"S": "readyz"}, "sk": {"S": "readyz"}}
    return {
        "accounts_table": lambda: dynamodb.get_item(TableName=settings.accounts_table, Key=nothing),
        "catalogue_table": lambda: dynamodb.get_item(TableName=settings.catalogue_table, Key=nothing),
        "uploads_bucket": lambda: s3.head_bucket(Bucket=settings.uploads_bucket),
        "media_bucket": lambda: s3.head_bucket(Bucket=settings.media_bucket),
        # not an execution: none is found where there is no machine, either
        "transcode_machine": lambda: machines.describe_state_machine(stateMachineArn=settings.transcode_machine),
        "mail_queue": lambda: sqs.get_queue_url(QueueName=settings.mail_queue),
        # their values: that they can be read is what a call with a token, and a playlist, depend on
        "token_keys": lambda: secrets.get_secret_value(SecretId=settings.token_keys_secret),
        "media_signer": lambda: secrets.get_secret_value(SecretId=settings.media_signer_secret),
    }


def _client(service: str) -> Any:  # noqa: ANN401 - five services, one shape of call each
    from botocore.config import Config  # noqa: PLC0415 - not before somebody asks

    return aws.session().create_client(
        service,
        config=Config(
            connect_timeout=_PATIENCE,
            read_timeout=_PATIENCE,
            retries={"total_max_attempts": 1},
            s3={"addressing_style": "path"},
        ),
    )


def _answers(name: str, ask: Callable[[], object]) -> bool:
    try:
        ask()
    except Exception:  # noqa: BLE001 - whatever is wrong, the answer is "not ready"; the log has the reason
        log.exception("dependency_down", dependency=name)
        return False
    return True
