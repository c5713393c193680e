"""What the account calls cost in CPU, against what they cannot do without: `.venv/bin/python bench/accounts.py`.

No network and no emulator: each call is run once against moto, its raw AWS calls and their answers are kept, and from
then on those answers are given back at once. So what is measured is this process's CPU time (`time.process_time`), of
the whole way through app.py, and of the floors in the same run:

- for a login: one check of a bcrypt hash at the same cost (target: at most 1.1 times as much);
- for refresh, logout and an authenticated call that does nothing else: the same raw AWS calls, made with botocore
  alone (target: at most 3 ms more).

Call and floor are measured in turns, so that a busy machine disturbs both alike; the medians are compared.
"""

from __future__ import annotations

import importlib
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import botocore.client
import botocore.hooks
from moto import mock_aws
from moto.core.models import botocore_stubber

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

EMAIL, PASSWORD = "demo@videoflix.local", "Demo123!"
TABLE, QUEUE, SECRET = "videoflix-bench-accounts", "videoflix-bench-mail", "videoflix/bench/token-keys"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "STAGE": "bench",
    "UPLOADS_BUCKET": "videoflix-bench-uploads",
    "MEDIA_BUCKET": "videoflix-bench-media",
    "ACCOUNTS_TABLE": TABLE,
    "CATALOGUE_TABLE": "videoflix-bench-catalogue",
    "TRANSCODE_MACHINE": "arn:aws:states:us-east-1:000000000000:stateMachine:videoflix-bench-transcode",
    "MAIL_QUEUE": QUEUE,
    "TOKEN_KEYS_SECRET": SECRET,
    "MEDIA_SIGNER_SECRET": "videoflix/bench/media-signer",
    "API_BASE_URL": "http://127.0.0.1:8000",
    "MAIL_SENDER": "no-reply@videoflix.local",
    "BCRYPT_ROUNDS": "12",
}
MOST_TIMES_BCRYPT, MOST_MS_ABOVE = 1.1, 3.0


class RawCall(NamedTuple):
    """A call of AWS as botocore's client was asked for it."""

    client: Any
    operation: str
    arguments: dict[str, Any]

    def __call__(self) -> None:
        """Make it again."""
        self.client._make_api_call(self.operation, self.arguments)  # noqa: SLF001 - see Tape.record


class Tape:
    """Keeps the raw calls and answers of one run, and gives the answers back in the same order for ever."""

    def __init__(self) -> None:
        self.calls: list[RawCall] = []
        self._answers: list[Any] = []
        self._next: int | None = None

    def record(self, run: Callable[[], object]) -> None:
        """Run once against moto."""
        self.calls, self._answers, self._next = [], [], None
        client_class: Any = botocore.client.BaseClient
        make = client_class._make_api_call  # noqa: SLF001 - what both PynamoDB and boto3's methods end in

        def noting(client: Any, operation: str, arguments: dict[str, Any]) -> Any:  # noqa: ANN401
            self.calls.append(RawCall(client, operation, arguments))
            return make(client, operation, arguments)

        client_class._make_api_call = noting  # noqa: SLF001
        try:
            run()
        finally:
            client_class._make_api_call = make  # noqa: SLF001
        self._next = 0

    def answer(self, event_name: str, request: Any, **_: Any) -> Any:  # noqa: ANN401 - botocore's hook
        """Stand in for moto's own stub."""
        if self._next is None:
            answer = botocore_stubber(event_name, request=request)
            self._answers.append(answer)
            return answer
        answer = self._answers[self._next]
        self._next = (self._next + 1) % len(self._answers)
        return answer

    def floor(self) -> None:
        """Make the same raw calls and nothing else."""
        for call in self.calls:
            call()


def _milliseconds(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return (time.process_time() - start) * 1000


def compare(call: Callable[[], object], floor: Callable[[], object], times: int) -> tuple[float, float]:
    """Return the medians of both, in milliseconds of CPU, measured in turns."""
    pairs = [(_milliseconds(call), _milliseconds(floor)) for _ in range(times)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


@contextmanager
def _aws(tape: Tape) -> Iterator[None]:
    os.environ.update(ENVIRONMENT)
    os.environ.pop("AWS_ENDPOINT_URL", None)
    with mock_aws():
        # moto's stub is one of botocore's built-in handlers of this event; the tape takes its place
        emitter: Any = botocore.hooks.HierarchicalEmitter
        original = emitter.emit

        def emit(self: object, event_name: str, **named: Any) -> Any:  # noqa: ANN401
            if event_name.startswith("before-send"):
                return [(None, tape.answer(event_name, **named))]
            return original(self, event_name, **named)

        _make_state()
        emitter.emit = emit
        try:
            yield
        finally:
            emitter.emit = original


def _make_state() -> None:
    keys = [("pk", "HASH"), ("sk", "RANGE")]
    boto3.client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        KeySchema=[{"AttributeName": name, "KeyType": role} for name, role in keys],  # type: ignore[typeddict-item]
    )
    boto3.client("sqs").create_queue(QueueName=QUEUE)
    boto3.client("secretsmanager").create_secret(
        Name=SECRET, SecretString=json.dumps({"kid": "initial", "secret": "bench-only-" * 4})
    )


class Door:
    """Calls app.py as API Gateway does, and keeps the cookies."""

    def __init__(self) -> None:
        self.app = importlib.import_module("app").app
        self.cookies: dict[str, str] = {}

    def call(self, method: str, path: str, body: object = None) -> Callable[[], object]:
        """Return a function that makes this call once; it raises unless the answer is 200."""
        event = {
            "requestContext": {
                "httpMethod": method,
                "resourcePath": path,
                "path": path,
                "identity": {"sourceIp": "192.0.2.1"},
                "requestId": "bench",
            },
            "headers": {
                "content-type": "application/json",
                "cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            },
            "multiValueHeaders": {},
            "multiValueQueryStringParameters": None,
            "pathParameters": {},
            "stageVariables": None,
            "body": json.dumps(body or {}),
            "isBase64Encoded": False,
        }

        def run() -> dict[str, Any]:
            answer: dict[str, Any] = self.app(event, None)
            if answer["statusCode"] != 200:
                raise RuntimeError(f"{method} {path}: {answer['statusCode']} {answer['body']}")
            return answer

        return run

    def log_in(self) -> None:
        """Log in and keep the cookies."""
        answer: Any = self.call("POST", "/api/login", {"email": EMAIL, "password": PASSWORD})()
        lines = answer["multiValueHeaders"]["Set-Cookie"]
        self.cookies = dict(line.partition(";")[0].split("=", 1) for line in lines)


def main() -> int:
    """Measure, print, and return 1 if a target is missed."""
    tape = Tape()
    with _aws(tape):
        from functions.accounts import passwords, people  # noqa: PLC0415 - after the environment is set

        person_hash = passwords.make(PASSWORD)
        people.seed(EMAIL, PASSWORD)
        door = Door()
        door.log_in()  # connections, clients, signing keys: what a process does once
        results = []

        login = door.call("POST", "/api/login", {"email": EMAIL, "password": PASSWORD})
        tape.record(login)
        took, floor = compare(login, lambda: passwords.verify(PASSWORD, person_hash), 15)
        results.append(
            ("login", len(tape.calls), took, floor, f"{took / floor:.3f} x", took / floor <= MOST_TIMES_BCRYPT)
        )

        for name, method, path in (
            ("account (no-op)", "GET", "/api/account"),
            ("refresh", "POST", "/api/token/refresh"),
            ("logout", "POST", "/api/logout"),
        ):
            call = door.call(method, path)
            tape.record(call)
            compare(call, tape.floor, 20)  # warm
            took, floor = compare(call, tape.floor, 200)
            above = took - floor
            results.append((name, len(tape.calls), took, floor, f"+{above:.2f} ms", above <= MOST_MS_ABOVE))

    print(f"{'call':<18}{'AWS calls':>10}{'CPU ms':>10}{'floor ms':>10}{'':>12}")
    for name, calls, took, floor, ratio, good in results:
        print(f"{name:<18}{calls:>10}{took:>10.2f}{floor:>10.2f}{ratio:>12}  {'ok' if good else 'MISSED'}")
    print(
        f"targets: login at most {MOST_TIMES_BCRYPT} x one bcrypt check; the others at most {MOST_MS_ABOVE:g} ms above"
    )
    return 0 if all(result[-1] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
