"""What a cold start loads: each in a process of its own, as a Lambda is."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.conftest import ENVIRONMENT

pytestmark = pytest.mark.slow  # starts interpreters

ROOT = Path(__file__).parents[3]
AWS_LIBRARIES = {"boto3", "botocore", "pynamodb"}
SIGNING_IN = {"jwt", "functions.accounts.tokens", "functions.accounts.signing_in", "functions.accounts.password_rules"}

_START = "import sys, json; import app; from unittest import mock; from functions import wiring\n"
_REPORT = "\nprint(json.dumps(sorted(sys.modules)))"


def loaded_by(code: str) -> set[str]:
    environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", _START + code + _REPORT],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_the_app_loads_no_library_that_only_some_need() -> None:
    """Every function's cold start would pay for it."""
    loaded = loaded_by("")
    assert loaded.isdisjoint(AWS_LIBRARIES | SIGNING_IN | {"bcrypt", "jinja2", "msgspec"})
    assert not [name for name in loaded if name.startswith(("functions.transcoding", "functions.catalogue."))]


_REQUEST = """
event = {
    "headers": {"accept": "*/*", "authorization": "Bearer x"}, "multiValueQueryStringParameters": None,
    "pathParameters": {"video_id": "7", "resolution": "480p"}, "stageVariables": None, "body": None,
    "requestContext": {"httpMethod": "GET", "resourcePath": "/api/video/{video_id}/{resolution}/index.m3u8"},
}
from moto import mock_aws
from functions.catalogue import store
person = mock.Mock(id=1, is_staff=False)
with mock_aws(), mock.patch("functions.http.identity.caller", return_value=person):
    with mock.patch.object(store, "get", return_value=None):
        assert app.app(event, None)["statusCode"] == 404
"""


def test_a_request_loads_nothing_of_the_transcoder() -> None:
    loaded = loaded_by(_REQUEST)
    assert not [name for name in loaded if name.startswith("functions.transcoding")]
    assert "cryptography" not in loaded, "only signing for CloudFront needs it"


def test_the_clients_of_aws_load_no_transfer_of_files() -> None:
    """boto3 brings it, and takes a fifteenth of a cold start to import."""
    loaded = loaded_by("from functions import aws; aws.s3(), aws.public_s3(), aws.secrets(), aws.sqs()")
    assert "botocore.client" in loaded
    assert loaded.isdisjoint({"boto3", "s3transfer"})


_A_TOKEN = """
from functions.accounts import tokens
from functions.errors import UnauthenticatedError
key = tokens.keys.Key("initial", b"unit-test-" * 5)
session = mock.Mock(person_id=1, sid="s", serial=1, rotated_at=1, expires_at=2_000_000_000)
keys = mock.Mock(**{"signing.return_value": key, "find.return_value": key})
sessions = mock.Mock(**{"find.return_value": None})
with mock.patch.multiple(tokens, keys=keys, sessions=sessions):
    try:
        tokens.authenticate(tokens.of(session).access)
    except UnauthenticatedError:
        assert sessions.find.called, "the signature was not accepted"
"""


def test_a_token_is_checked_without_loading_public_key_cryptography() -> None:
    """A tenth of a cold start, for algorithms that no token of ours may have."""
    loaded = loaded_by(_A_TOKEN)
    assert "jwt" in loaded
    assert "cryptography" not in loaded


def test_who_signs_for_cloudfront_finds_cryptography_after_a_token_was_checked() -> None:
    assert "cryptography.hazmat.primitives.asymmetric.ec" in loaded_by(
        f"{_A_TOKEN}import functions.delivery.cloudfront"
    )


_LIGHT = {"functions.transcoding", "functions.transcoding.dispatch", "functions.transcoding.ladder"}
_START_A_FILM = """
event = {
    "headers": {"accept": "*/*", "authorization": "Bearer x"}, "multiValueQueryStringParameters": {"res": ["480p"]},
    "pathParameters": {"video_id": "7"}, "stageVariables": None, "body": None,
    "requestContext": {"httpMethod": "POST", "resourcePath": "/api/video/{video_id}/transcode"},
}
from moto import mock_aws
from functions.http import films
from functions.operations import encoding
person, film = mock.Mock(id=1, is_staff=False), mock.Mock(id=7)
with mock_aws(), mock.patch("functions.http.identity.caller", return_value=person):
    with mock.patch.object(films, "changeable", return_value=film), mock.patch.object(encoding, "start") as start:
        with mock.patch.object(wiring.limits, "hit"):
            assert app.app(event, None)["statusCode"] == 202
assert start.called
"""


def test_a_film_is_started_without_loading_the_transcoder_proper() -> None:
    """The API has neither its layer nor its memory."""
    loaded = loaded_by(_START_A_FILM)
    assert {name for name in loaded if name.startswith("functions.transcoding")} == _LIGHT


_EVENTS = {
    "transcode": (
        "wiring.steps.run",
        """app.transcode({"step": "prepare", "film": {"film_id": 1, "version": "v", "execution": "e"}}, context)""",
    ),
    "ingest": (
        "wiring.ingest.on_object",
        """app.ingest({"Records": [{"s3": {"bucket": {"name": "b"}, "object": {"key": "k"}}}]}, context)""",
    ),
    "watchdog": ("wiring.watchdog.sweep", "app.watchdog(tick, context)"),
}
_GIVEN = """
context = mock.Mock(aws_request_id="r")
tick = dict.fromkeys(["version", "account", "region", "detail", "detail-type", "source", "time", "id", "resources"])
"""


@pytest.mark.parametrize("function", _EVENTS)
def test_work_on_films_loads_nothing_of_signing_in(function: str) -> None:
    """The transcoder would start later, and hold code that it has no right to use."""
    entry, call = _EVENTS[function]
    module, _, name = entry.rpartition(".")
    code = f"{_GIVEN}with mock.patch.object({module}, {name!r}) as entry:\n    {call}\nassert entry.called"
    loaded = loaded_by(code)
    assert any(name.startswith("functions.transcoding") for name in loaded)
    assert not loaded & (SIGNING_IN | {"jinja2"})
