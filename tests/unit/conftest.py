"""What unit tests share: settings in the environment, and the tables, queues and secrets that they name, in moto."""

import functools
import gc
import io
import json
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from functions import aws, log, settings
from infra import stacks
from tests.unit import moto_in_one_piece
from tests.unit.clients import client

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "STAGE": "local",
    "UPLOADS_BUCKET": "videoflix-uploads",
    "MEDIA_BUCKET": "videoflix-media",
    "ACCOUNTS_TABLE": "videoflix-local-accounts",
    "CATALOGUE_TABLE": "videoflix-local-catalogue",
    "TRANSCODE_MACHINE": "arn:aws:states:us-east-1:123456789012:stateMachine:videoflix-local-transcode",
    "MAIL_QUEUE": "videoflix-local-mail",
    "TOKEN_KEYS_SECRET": "videoflix/local/token-keys",
    "MEDIA_SIGNER_SECRET": "videoflix/local/media-signer",
    "API_BASE_URL": "http://127.0.0.1:8000",
    "FRONTEND_BASE_URL": "http://127.0.0.1:5500",
    "MEDIA_BASE_URL": "http://127.0.0.1:4566",
    "CORS_ALLOWED_ORIGINS": "http://127.0.0.1:5500",
    "COOKIE_SECURE": "false",
    "EXPOSE_ACTIVATION_TOKEN": "true",
    "BCRYPT_ROUNDS": "4",
    "MAIL_SENDER": "videoflix@videoflix.local",
    "DEFAULT_OWNER": "demo@videoflix.local",
    "PUBLISH_BY_DEFAULT": "true",
}


_OF_MOTO = {"tables", "account"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what calls AWS, in moto: `make quick` runs the others."""
    for item in items:
        if not _OF_MOTO.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.moto)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let the collector of garbage pass over what stays: modules and tests, a million objects, each time anew."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(autouse=True)
def _level_of_the_log() -> None:
    """Log all, also after a command of manage.py, which makes its process quiet."""
    log.set_level("INFO")


@pytest.fixture
def logged() -> Iterator[Callable[[], str]]:
    """Return a function that gives all that was logged, as it would stand in CloudWatch."""
    logger, lines = logging.getLogger("videoflix"), io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(logger.handlers[0].formatter)
    logger.addHandler(handler)
    yield lines.getvalue
    logger.removeHandler(handler)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch):
    """Let something happen once, right after `name` of `module` answered: between a read and the write it leads to."""

    def arrange(module, name, happen) -> None:
        original = getattr(module, name)

        def hooked(*args, **kwargs):
            answer = original(*args, **kwargs)
            monkeypatch.setattr(module, name, original)
            happen()
            return answer

        monkeypatch.setattr(module, name, hooked)

    return arrange


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Set the settings of a local stage; a test that changes one calls `settings.current.cache_clear()`."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    settings.current.cache_clear()
    yield monkeypatch
    settings.current.cache_clear()


@pytest.fixture
def tables(environment: pytest.MonkeyPatch) -> Iterator[None]:
    """Make everything that the stack's template makes and the domain calls, empty, in moto."""
    with moto_in_one_piece.fresh(make_resources):
        aws.queue_url.cache_clear()
        yield


def make_resources() -> None:
    """Make tables, queue, state machine, buckets and secrets, empty, wherever the environment's AWS is."""
    _make_tables()
    client("sqs").create_queue(QueueName=ENVIRONMENT["MAIL_QUEUE"])
    _make_machine()
    for bucket in ("UPLOADS_BUCKET", "MEDIA_BUCKET"):
        client("s3").create_bucket(Bucket=ENVIRONMENT[bucket])
    _make_secrets()


@functools.cache
def _tables_of_the_template() -> dict[str, dict[str, Any]]:
    text = (Path(__file__).parents[2] / "infra/data.yaml").read_text(encoding="utf-8")
    resources = stacks.parse(text)["Resources"]
    wanted = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    return {
        name: {key: value for key, value in resources[resource]["Properties"].items() if key in wanted}
        for name, resource in (("ACCOUNTS_TABLE", "AccountsTable"), ("CATALOGUE_TABLE", "CatalogueTable"))
    }


def _make_tables() -> None:
    """Make the tables with the keys and indexes that the deployment gives them."""
    dynamodb = client("dynamodb")
    for name, properties in _tables_of_the_template().items():
        dynamodb.create_table(TableName=ENVIRONMENT[name], BillingMode="PAY_PER_REQUEST", **properties)


def _make_machine() -> None:
    """Make the state machine. moto notes executions, as running and for ever; nothing is run."""
    client("stepfunctions").create_state_machine(
        name=ENVIRONMENT["TRANSCODE_MACHINE"].rpartition(":")[2],
        definition=json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}),
        roleArn="arn:aws:iam::123456789012:role/videoflix-local-engine",
    )


def _make_secrets() -> None:
    secrets = client("secretsmanager")
    secrets.create_secret(
        Name=ENVIRONMENT["TOKEN_KEYS_SECRET"], SecretString=json.dumps({"kid": "initial", "secret": "unit-test-" * 5})
    )
    secrets.create_secret(
        Name=ENVIRONMENT["MEDIA_SIGNER_SECRET"],
        SecretString=json.dumps({"access_key_id": "AKIAUNIT", "secret_access_key": "unit-test"}),
    )
