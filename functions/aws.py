"""The clients of AWS, made once per process and only when first used.

They are botocore's own: boto3's are the same with a way to transfer files, which a cold start need not import. botocore
reads `AWS_ENDPOINT_URL` itself, so the same code talks to AWS and to the local stacks.
"""

from __future__ import annotations

import functools
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from functions.settings import current

if TYPE_CHECKING:
    from botocore.session import Session
    from types_boto3_s3 import S3Client
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_ses import SESClient
    from types_boto3_sqs import SQSClient
    from types_boto3_stepfunctions import SFNClient


@functools.cache
def session() -> Session:
    """Return the session of all clients: one of their own would make each read the same descriptions of AWS again."""
    from botocore.config import Config  # noqa: PLC0415 - a cold start pays for it only when it talks to AWS
    from botocore.session import get_session  # noqa: PLC0415

    made = get_session()
    # botocore's words, but put together once: else it does that twice for each call
    application = made.get_config_variable("user_agent_appid")
    words = f"{made.user_agent()} app/{application}" if application else made.user_agent()
    made.set_default_client_config(Config(user_agent=words))
    return made


@functools.cache
def _client(  # the typed functions below name each client
    service: str, *, retries: int = 4, patience: int = 60, endpoint: str | None = None
) -> Any:  # noqa: ANN401
    from botocore.config import Config  # noqa: PLC0415 - as above

    # path-style: `*.localhost` does not resolve everywhere, and AWS still serves it
    return session().create_client(
        service,
        endpoint_url=endpoint,
        config=Config(
            s3={"addressing_style": "path"},
            # botocore still presigns with version 2 in us-east-1, which S3 refuses for buckets made since 2020
            signature_version="s3v4" if service == "s3" else None,
            retries={"mode": "standard", "max_attempts": retries},
            connect_timeout=patience,
            read_timeout=patience,
        ),
    )


def s3() -> S3Client:
    """Return the S3 client."""
    client: S3Client = _client("s3")
    return client


def public_s3() -> S3Client:
    """Return an S3 client that signs for the address at which people reach S3; it makes no calls itself."""
    endpoint = current().media_base_url or f"https://s3.{s3().meta.region_name}.amazonaws.com"
    client: S3Client = _client("s3", endpoint=endpoint)
    return client


def sqs() -> SQSClient:
    """Return the SQS client."""
    client: SQSClient = _client("sqs")
    return client


def ses() -> SESClient:
    """Return the SES client: version 1 of its API, as LocalStack's free edition has no other.

    It asks once and not for long: SES has no idempotency token, so a call that is repeated because its answer was
    lost would send a mail twice. The mail queue does the repeating, behind the ledger.
    """
    client: SESClient = _client("ses", retries=0, patience=10)
    return client


def stepfunctions() -> SFNClient:
    """Return the Step Functions client."""
    client: SFNClient = _client("stepfunctions")
    return client


def secrets() -> SecretsManagerClient:
    """Return the Secrets Manager client. It gives up within a call, which may ask for two secrets.

    Whoever has read keys lately can do with those.
    """
    client: SecretsManagerClient = _client("secretsmanager", retries=1, patience=4)
    return client


def is_outage(error: Exception) -> bool:
    """Whether AWS did not answer a call; else it did, and said that something is gone or not for us."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above

    if not isinstance(error, ClientError):
        return isinstance(error, BotoCoreError)
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or error.response["Error"]["Code"] == "ThrottlingException"


@functools.cache
def queue_url(name: str) -> str:
    """Return the URL of the SQS queue called `name`."""
    url: str = sqs().get_queue_url(QueueName=name)["QueueUrl"]
    return url


def enqueue(queue: str, message: dict[str, object], *, delay: int = 0) -> None:
    """Put `message` as JSON on the queue called `queue`, invisible for `delay` seconds (at most 900)."""
    sqs().send_message(QueueUrl=queue_url(queue), MessageBody=json.dumps(message), DelaySeconds=delay)
