"""Whether load balancers and operators learn the truth."""

import boto3
import pytest

from tests.ports import free_ports
from tests.unit.conftest import ENVIRONMENT
from tests.unit.executions import started
from tests.unit.http.conftest import Api

MACHINE = ENVIRONMENT["TRANSCODE_MACHINE"]


def test_healthz_asks_nobody(environment, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process would be killed because a table is down."""
    monkeypatch.setattr("functions.readiness.check", None)
    for path in ("/healthz/", "/api/healthz"):
        answer = api.get(path)
        assert (answer.status_code, answer.body) == (200, b'{"ok":true}')


def test_readyz_is_ok_when_everything_answers(api: Api) -> None:
    for path in ("/readyz/", "/api/readyz"):
        answer = api.get(path)
        assert answer.status_code == 200
        assert answer.json_body["ok"] is True
        assert set(answer.json_body["dependencies"].values()) == {True}


@pytest.mark.parametrize(
    ("service", "remove", "down"),
    [
        ("dynamodb", {"delete_table": {"TableName": "videoflix-local-catalogue"}}, "catalogue_table"),
        ("dynamodb", {"delete_table": {"TableName": "videoflix-local-accounts"}}, "accounts_table"),
        ("s3", {"delete_bucket": {"Bucket": "videoflix-media"}}, "media_bucket"),
        ("s3", {"delete_bucket": {"Bucket": "videoflix-uploads"}}, "uploads_bucket"),
        ("secretsmanager", {"delete_secret": {"SecretId": "videoflix/local/token-keys"}}, "token_keys"),
        ("secretsmanager", {"delete_secret": {"SecretId": "videoflix/local/media-signer"}}, "media_signer"),
        ("sqs", {"delete_queue": {"QueueUrl": "videoflix-local-mail"}}, "mail_queue"),
        ("stepfunctions", {"delete_state_machine": {"stateMachineArn": MACHINE}}, "transcode_machine"),
    ],
)
def test_readyz_says_which_dependency_is_down(api: Api, service: str, remove: dict, down: str) -> None:
    client = boto3.client(service)
    for call, arguments in remove.items():
        getattr(client, call)(**arguments)
    answer = api.get("/readyz")
    assert answer.status_code == 503
    assert answer.json_body["ok"] is False
    assert [name for name, answers in answer.json_body["dependencies"].items() if not answers] == [down]
    assert answer.json_body["errors"] == {"non_field_errors": [f"Not ready: {down}."]}
    assert b"videoflix" not in answer.body, "names of resources are nobody's business"


def test_readyz_knows_when_step_functions_does_not_answer(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    (port,) = free_ports(1)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SFN", f"http://127.0.0.1:{port}")
    answer = api.get("/readyz")
    assert answer.status_code == 503
    assert [name for name, answers in answer.json_body["dependencies"].items() if not answers] == ["transcode_machine"]


def test_readyz_starts_nothing(api: Api) -> None:
    api.get("/readyz")
    assert started() == []
