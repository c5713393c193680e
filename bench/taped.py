"""What benchmarks of the API have in common: its handler is called as API Gateway calls it, and AWS answers at once.

No network and no emulator: each call is run once against moto, its raw AWS calls and their answers are kept, and from
then on those answers are given back. So what is measured is this process's CPU time (`time.process_time`) of the whole
way through app.py, and of the floors in the same run. Call and floor take turns, so that a busy machine disturbs both
alike, and of each the fastest tenth is what counts: other programs only ever add to a processor's time.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import botocore.client
import botocore.hooks
import yaml
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core.models import botocore_stubber

EMAIL, PASSWORD = "demo@videoflix.local", "Demo123!"
ACCOUNTS, CATALOGUE = "videoflix-bench-accounts", "videoflix-bench-catalogue"
_QUEUE, _KEYS, _SIGNER = "videoflix-bench-mail", "videoflix/bench/token-keys", "videoflix/bench/media-signer"
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "STAGE": "bench",
    "UPLOADS_BUCKET": "videoflix-bench-uploads",
    "MEDIA_BUCKET": "videoflix-bench-media",
    "ACCOUNTS_TABLE": ACCOUNTS,
    "CATALOGUE_TABLE": CATALOGUE,
    "TRANSCODE_MACHINE": "arn:aws:states:us-east-1:000000000000:stateMachine:videoflix-bench-transcode",
    "MAIL_QUEUE": _QUEUE,
    "TOKEN_KEYS_SECRET": _KEYS,
    "MEDIA_SIGNER_SECRET": _SIGNER,
    "API_BASE_URL": "http://127.0.0.1:8000",
    "MAIL_SENDER": "no-reply@videoflix.local",
    "BCRYPT_ROUNDS": "12",
}


class RawCall(NamedTuple):
    """A call of AWS as botocore's client was asked for it."""

    client: Any
    operation: str
    arguments: dict[str, Any]

    def __call__(self) -> None:
        """Make it again; that a condition does not hold is an answer, too."""
        with contextlib.suppress(ClientError):
            self.client._make_api_call(self.operation, self.arguments)  # noqa: SLF001 - see Recorder.tape


@dataclass
class Tape:
    """Something to run, the raw calls of AWS that it makes, and their answers, which it gets from now on."""

    run: Callable[[], object]
    recorder: Recorder
    calls: list[RawCall] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    given: int = 0

    def __call__(self) -> None:
        """Run it again."""
        self._replay(self.run)

    def floor(self) -> None:
        """Make the same raw calls and nothing else."""
        self._replay(self._call_all)

    @property
    def answered(self) -> int:
        """Bytes that AWS answered."""
        return sum(len(answer.content) for answer in self.answers)

    def _call_all(self) -> None:
        for call in self.calls:
            call()

    def _replay(self, run: Callable[[], object]) -> None:
        self.recorder.playing, self.given = self, 0
        try:
            run()
        finally:
            self.recorder.playing = None

    def next_answer(self) -> Any:  # noqa: ANN401 - botocore's
        """Return what AWS answered here."""
        answer = self.answers[self.given]
        self.given += 1
        return answer


class Recorder:
    """Stands between botocore and moto."""

    def __init__(self) -> None:
        self.playing: Tape | None = None
        self._recording: Tape | None = None

    def tape(self, run: Callable[[], object]) -> Tape:
        """Run once against moto, and keep what it asks of AWS; but not the keys, which a process reads now and then."""
        client_class: Any = botocore.client.BaseClient
        make = client_class._make_api_call  # noqa: SLF001 - what both PynamoDB and boto3's methods end in
        tape = Tape(run, self)

        def noting(client: Any, operation: str, arguments: dict[str, Any]) -> Any:  # noqa: ANN401
            if operation != "GetSecretValue":
                tape.calls.append(RawCall(client, operation, arguments))
            return make(client, operation, arguments)

        client_class._make_api_call, self._recording = noting, tape  # noqa: SLF001
        try:
            run()
        finally:
            client_class._make_api_call, self._recording = make, None  # noqa: SLF001
        return tape

    def answer(self, event_name: str, request: Any, **_: Any) -> Any:  # noqa: ANN401 - botocore's hook
        """Stand in for moto's own stub."""
        keys = event_name.endswith(".GetSecretValue")
        if self.playing is not None and not keys:
            return self.playing.next_answer()
        answer = botocore_stubber(event_name, request=request)
        if self._recording is not None and not keys:
            self._recording.answers.append(answer)
        return answer


def _milliseconds(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return (time.process_time() - start) * 1000


def fastest(times: int, *runs: Callable[[], object]) -> list[float]:
    """Return what the fastest tenth of the runs of each took at most, in milliseconds of CPU; some more only warm."""
    gc.collect()
    gc.freeze()  # or the collector would go through all that moto holds, at our expense
    rounds = [[_milliseconds(run) for run in runs] for _ in range(times + times // 10)]
    return [statistics.quantiles(taken, n=10)[0] for taken in zip(*rounds[times // 10 :], strict=True)]


@contextmanager
def aws() -> Iterator[Recorder]:
    """Give an empty AWS with the tables of infra/data.yaml, and settings that name them."""
    os.environ.update(_ENVIRONMENT)
    os.environ.pop("AWS_ENDPOINT_URL", None)
    recorder = Recorder()
    with mock_aws():
        # moto's stub is one of botocore's built-in handlers of this event; the recorder takes its place
        emitter: Any = botocore.hooks.HierarchicalEmitter
        original = emitter.emit

        def emit(self: object, event_name: str, **named: Any) -> Any:  # noqa: ANN401
            if event_name.startswith("before-send"):
                return [(None, recorder.answer(event_name, **named))]
            return original(self, event_name, **named)

        _make_state()
        emitter.emit = emit
        try:
            yield recorder
        finally:
            emitter.emit = original


class _Template(yaml.SafeLoader):
    """Reads a template and leaves its functions (`!Ref` and others) out: keys and indexes use none."""


_Template.add_multi_constructor("!", lambda *_: None)


def _make_state() -> None:
    text = (Path(__file__).resolve().parent.parent / "infra" / "data.yaml").read_text(encoding="utf-8")
    resources = yaml.load(text, _Template)["Resources"]
    for name, resource in ((ACCOUNTS, "AccountsTable"), (CATALOGUE, "CatalogueTable")):
        wanted = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
        said = {key: value for key, value in resources[resource]["Properties"].items() if key in wanted}
        boto3.client("dynamodb").create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **said)
    boto3.client("sqs").create_queue(QueueName=_QUEUE)
    secrets = boto3.client("secretsmanager")
    secrets.create_secret(Name=_KEYS, SecretString=json.dumps({"kid": "initial", "secret": "bench-only-" * 4}))
    signer = {"access_key_id": "AKIABENCH", "secret_access_key": "bench-only"}
    secrets.create_secret(Name=_SIGNER, SecretString=json.dumps(signer))


class Door:
    """Calls app.py as API Gateway does, and keeps the cookies."""

    def __init__(self) -> None:
        self.app = importlib.import_module("app").app
        self.cookies: dict[str, str] = {}

    def call(
        self,
        method: str,
        resource: str,
        body: object = None,
        *,
        expect: int = 200,
        **request: Any,  # noqa: ANN401 - what `event` takes
    ) -> Callable[[], dict[str, Any]]:
        """Return a function that makes a call (`event`) once; it raises unless the answer has the status `expect`."""
        event = self.event(method, resource, body, **request)

        def run() -> dict[str, Any]:
            answer: dict[str, Any] = self.app(event, None)
            if answer["statusCode"] != expect:
                raise RuntimeError(f"{method} {resource}: {answer['statusCode']} {answer['body']}")
            return answer

        return run

    def event(
        self,
        method: str,
        resource: str,
        body: object = None,
        *,
        path: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
        **headers: str,
    ) -> dict[str, Any]:
        """Return what API Gateway gives a function for a call.

        Args:
            method: HTTP's.
            resource: The path as it is registered, with `{names}` of parameters.
            body: Sent as JSON.
            path: Values of the parameters.
            query: The query.
            headers: More of them; `_` stands for `-`.
        """
        return {
            "requestContext": {
                "httpMethod": method,
                "resourcePath": resource,
                "path": resource.format(**(path or {})),
                "identity": {"sourceIp": "192.0.2.1"},
                "requestId": "bench",
            },
            "headers": {
                "accept": "*/*",
                "content-type": "application/json",
                "cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
            "multiValueHeaders": {},
            "multiValueQueryStringParameters": {name: [value] for name, value in (query or {}).items()} or None,
            "pathParameters": path or {},
            "stageVariables": None,
            "body": json.dumps(body or {}),
            "isBase64Encoded": False,
        }

    def log_in(self) -> None:
        """Make the demo account, log in and keep the cookies."""
        from functions.accounts import people  # noqa: PLC0415 - after the environment is set

        people.seed(EMAIL, PASSWORD)
        answer = self.call("POST", "/api/login", {"email": EMAIL, "password": PASSWORD})()
        lines = answer["multiValueHeaders"]["Set-Cookie"]
        self.cookies = dict(line.partition(";")[0].split("=", 1) for line in lines)
