"""A target that exists nowhere: what the deployment decides before it talks to AWS."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import targets
from infra.targets import Target
from tests.unit import moto_in_one_piece

OUTPUTS = {
    "UploadsBucket": "made-uploads",
    "MediaBucket": "made-media",
    "AccountsTable": "made-accounts",
    "CatalogueTable": "made-catalogue",
    "TranscodeMachine": "arn:made:machine",
    "MailQueue": "made-mail",
    "TokenKeysSecret": "made/token-keys",
    "MediaSignerSecret": "made/media-signer",
    "ApiRoleArn": "arn:made:api",
    "IngestRoleArn": "arn:made:ingest",
    "TranscodeRoleArn": "arn:made:transcode",
    "WatchdogRoleArn": "arn:made:watchdog",
    "MailRoleArn": "arn:made:mail",
    "LayerArn": "arn:made:layer:7",
}
OPERATOR = {
    "AWS_REGION": "eu-central-1",
    "CORS_ALLOWED_ORIGINS": "https://films.example.org",
    "FRONTEND_BASE_URL": "https://films.example.org",
    "MAIL_SENDER": "films@example.org",
}


@pytest.fixture(autouse=True)
def no_env_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own `.env` out of the tests."""
    monkeypatch.setattr("localstack.stack.read_env_file", lambda _path: {})


@pytest.fixture
def local(tmp_path: Path) -> Target:
    """The stage of the embedded stack."""
    return targets.load("local", tmp_path, {})


@pytest.fixture
def prod(tmp_path: Path) -> Target:
    """A stage on AWS with everything set that an operator must set."""
    return targets.load("prod", tmp_path, OPERATOR)


@pytest.fixture
def account(prod: Target, monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    """That stage in an account of AWS in which there is nothing yet."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with moto_in_one_piece.fresh(lambda: None):
        yield prod
