"""Each function may do its work and nothing else, as the emulator enforces it."""

import json

import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def deployed(site):
    site.deploy()
    site.client("s3").put_object(Bucket="videoflix-uploads", Key="probe", Body=b"a film that somebody uploaded")
    site.client("s3").put_object(Bucket="videoflix-media", Key="1/v/480p/000.ts", Body=b"a segment")
    attempt(site.client("stepfunctions"), START)
    return site


UPLOAD = ("s3", "get_object", {"Bucket": "videoflix-uploads", "Key": "probe"})
MEDIA = ("s3", "get_object", {"Bucket": "videoflix-media", "Key": "1/v/480p/000.ts"})
PUBLISH = ("s3", "put_object", {"Bucket": "videoflix-media", "Key": "2/v/480p/000.ts", "Body": b"x"})
KEEP_CAPTIONS = (
    "s3",
    "put_object",
    {"Bucket": "videoflix-media", "Key": "2/captions-0123456789abcdef/de.vtt", "Body": b"x"},
)
REPLACE_UPLOAD = ("s3", "put_object", {"Bucket": "videoflix-uploads", "Key": "probe", "Body": b"x"})
UPLOAD_UNDER_OUR_KEY = ("s3", "put_object", {"Bucket": "videoflix-uploads", "Key": "api/1/random", "Body": b"x"})
DELETE_REPLACED = ("s3", "delete_object", {"Bucket": "videoflix-uploads", "Key": "api/1/former"})
TOKEN_KEYS = ("secretsmanager", "get_secret_value", {"SecretId": "videoflix/local/token-keys"})
SIGNER = ("secretsmanager", "get_secret_value", {"SecretId": "videoflix/local/media-signer"})
KEY = {"pk": {"S": "mail#test"}, "sk": {"S": "state"}}
READ_ACCOUNT = ("dynamodb", "get_item", {"TableName": "videoflix-local-accounts", "Key": KEY})
WRITE_ACCOUNT = ("dynamodb", "put_item", {"TableName": "videoflix-local-accounts", "Item": KEY})
READ_FILM = ("dynamodb", "get_item", {"TableName": "videoflix-local-catalogue", "Key": KEY})
WRITE_FILM = ("dynamodb", "put_item", {"TableName": "videoflix-local-catalogue", "Item": KEY})
SCAN = ("dynamodb", "scan", {"TableName": "videoflix-local-accounts"})
LIST_FILMS = (
    "dynamodb",
    "query",
    {
        "TableName": "videoflix-local-catalogue",
        "IndexName": "by_created",
        "KeyConditionExpression": "shelf = :shelf",
        "ExpressionAttributeValues": {":shelf": {"S": "all#published#ready"}},
    },
)
SEND = (
    "ses",
    "send_raw_email",
    {
        "Source": "no-reply@videoflix.local",
        "Destinations": ["someone@example.org"],
        "RawMessage": {"Data": b"From: no-reply@videoflix.local\nTo: someone@example.org\nSubject: x\n\nx"},
    },
)
MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:videoflix-local-transcode"
EXECUTION = f"{MACHINE.replace(':stateMachine:', ':execution:')}:some-film"
START = ("stepfunctions", "start_execution", {"stateMachineArn": MACHINE, "name": "some-film", "input": "{}"})
WATCH = ("stepfunctions", "describe_execution", {"executionArn": EXECUTION})
STOP = ("stepfunctions", "stop_execution", {"executionArn": EXECUTION})
FIND_ENGINE = ("stepfunctions", "describe_state_machine", {"stateMachineArn": MACHINE})
START_OTHER = ("stepfunctions", "start_execution", {**START[2], "stateMachineArn": f"{MACHINE}-of-others"})
AS_SOMEBODY_ELSE = ("ses", "send_raw_email", {**SEND[2], "Source": "root@videoflix.local"})

ALLOWED = {
    "api": [
        MEDIA,
        UPLOAD_UNDER_OUR_KEY,
        KEEP_CAPTIONS,
        TOKEN_KEYS,
        SIGNER,
        READ_ACCOUNT,
        WRITE_ACCOUNT,
        READ_FILM,
        WRITE_FILM,
        LIST_FILMS,
        FIND_ENGINE,
        START,
        WATCH,
    ],
    "ingest": [UPLOAD, DELETE_REPLACED, KEEP_CAPTIONS, READ_ACCOUNT, READ_FILM, WRITE_FILM, START],
    "transcode": [UPLOAD, PUBLISH, MEDIA, READ_ACCOUNT, READ_FILM, WRITE_FILM, START, WATCH],
    "watchdog": [READ_ACCOUNT, READ_FILM, WRITE_FILM, START, WATCH],
    "mail": [READ_ACCOUNT, WRITE_ACCOUNT, SEND],
}
REFUSED = {
    "api": [PUBLISH, REPLACE_UPLOAD, SCAN, SEND, START_OTHER, STOP],
    "ingest": [
        MEDIA,
        PUBLISH,
        REPLACE_UPLOAD,
        UPLOAD_UNDER_OUR_KEY,
        TOKEN_KEYS,
        SIGNER,
        WRITE_ACCOUNT,
        SEND,
        WATCH,
        STOP,
    ],
    "transcode": [
        REPLACE_UPLOAD,
        UPLOAD_UNDER_OUR_KEY,
        DELETE_REPLACED,
        TOKEN_KEYS,
        SIGNER,
        WRITE_ACCOUNT,
        SCAN,
        SEND,
        STOP,
    ],
    "watchdog": [PUBLISH, KEEP_CAPTIONS, REPLACE_UPLOAD, TOKEN_KEYS, SIGNER, WRITE_ACCOUNT, SEND, STOP],
    "mail": [
        UPLOAD,
        DELETE_REPLACED,
        MEDIA,
        TOKEN_KEYS,
        SIGNER,
        READ_FILM,
        WRITE_FILM,
        SCAN,
        AS_SOMEBODY_ELSE,
        START,
        WATCH,
    ],
}


def attempt(client, call):
    _service, method, arguments = call
    try:
        return getattr(client, method)(**arguments)
    except client.exceptions.ClientError as error:
        if "ExecutionAlreadyExists" not in str(error):  # it was allowed to ask
            raise


@pytest.mark.parametrize("role", sorted(ALLOWED))
def test_a_role_is_enough_for_its_work(deployed, role):
    for call in ALLOWED[role]:
        attempt(deployed.as_role(role, call[0]), call)


@pytest.mark.parametrize("role", sorted(REFUSED))
def test_a_role_is_not_enough_for_anything_else(deployed, role):
    for call in REFUSED[role]:
        with pytest.raises(ClientError) as caught:
            attempt(deployed.as_role(role, call[0]), call)
        assert caught.value.response["Error"]["Code"].startswith("AccessDenied"), call


def test_whoever_signs_media_urls_sees_media_and_nothing_else(deployed):
    secret = deployed.client("secretsmanager").get_secret_value(SecretId="videoflix/local/media-signer")
    key = json.loads(secret["SecretString"])
    s3 = deployed.client("s3", aws_access_key_id=key["access_key_id"], aws_secret_access_key=key["secret_access_key"])
    assert attempt(s3, MEDIA)["Body"].read() == b"a segment"
    for call in (UPLOAD, PUBLISH, ("s3", "list_objects_v2", {"Bucket": "videoflix-media"})):
        with pytest.raises(ClientError, match="AccessDenied"):
            attempt(s3, call)
