"""Who calls AWS says so: CloudTrail and the drill tell our functions apart by it."""

import json
import subprocess
import sys

import pytest

SAY = """
import json
from functions import aws, dynamodb
said = []
def sent(request, **_):
    said.append(request.headers["User-Agent"].decode())
    raise SystemExit
for client in (aws.sqs(), dynamodb.connection().client):
    client.meta.events.register("before-send", sent)
for call in (aws.sqs().list_queues, dynamodb.connection().client.list_tables):
    try:
        call()
    except SystemExit:
        pass
print(json.dumps(said))
"""


@pytest.mark.parametrize("application", ["", "videoflix-local-send_mail."])
def test_every_client_says_what_it_is_and_for_which_application(
    application: str, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("AWS_SDK_UA_APP_ID", application)
    done = subprocess.run([sys.executable, "-c", SAY], check=True, capture_output=True, text=True)
    queues, tables = json.loads(done.stdout)
    for said in (queues, tables):
        assert "Botocore/" in said
        assert "Python/" in said
        assert (f"app/{application}" in said.split()) == bool(application)
