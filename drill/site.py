"""The stack under drill: embedded, of its own, its functions behind the proxy; everybody else reaches AWS directly."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from drill import disks, proxy
from drill.disks import Disks
from functions import aws
from functions.catalogue.items import RECORD
from functions.settings import current
from infra import project
from localstack import mailbox
from localstack.stack import STAGE, load, read_env_file
from tests.ports import free_ports
from tests.processes import below
from tests.stack import Client, Stack, eventually, running

FUNCTIONS = {name.removesuffix("_handler"): project.function_name(STAGE, name) for name in project.ROLES}
"""Functions of the stack by the names that the matrix uses."""
_NO_QUOTAS = {"UPLOADS_PER_MINUTE": "1000", "UPLOADS_PER_DAY": "100000"}  # who clicks again announces again
_ONE_FILM = {"FILMS_AT_ONCE": "1"}  # what comes second waits, and the end of the first has to begin it
_REDELIVERY = 3  # seconds: nobody waits the six minutes of infra/data.yaml in a drill


@dataclass(frozen=True)
class Site:
    """A running stack, its proxy, and the disks that it lies on, if they are its own."""

    stack: Stack
    proxy: proxy.Proxy
    disks: Disks | None

    def aws(self, service: str) -> Any:  # noqa: ANN401 - one client a service
        """Return a client that the proxy does not see."""
        return _client(service, self.stack.aws_url)

    def mails(self, to: str) -> list[mailbox.Mail]:
        """Return the mails to an address, oldest first."""
        return [mail for mail in mailbox.read(self.stack.aws_url) if mail.to == to]

    def mail(self, to: str, subject: str) -> mailbox.Mail:
        """Wait for a mail whose subject holds this."""
        found: mailbox.Mail = eventually(
            lambda: next((mail for mail in self.mails(to) if subject in mail.subject), None), 90
        )
        return found

    def film(self, title: str) -> dict[str, Any] | None:
        """Return the record of the film of this title."""
        return next((record for record in self.records() if record["title"]["S"] == title), None)

    def records(self) -> list[dict[str, Any]]:
        """Return the records of all films."""
        rows = self.rows(current().catalogue_table)
        return [row for row in rows if row["sk"]["S"] == RECORD and row["pk"]["S"].startswith("film#")]

    @staticmethod
    def number(record: dict[str, Any]) -> int:
        """Return the id of the film that a record is of."""
        return int(record["pk"]["S"].partition("#")[2])

    def make_due(self, record: dict[str, Any], *, at: float = 0, **said: str) -> None:
        """Let the watchdog find a film due from `at` on (epoch seconds), and let its record say this as well."""
        values = {"lease_expires_at": {"N": str(at)}, **{name: {"S": text} for name, text in said.items()}}
        self.aws("dynamodb").update_item(
            TableName=current().catalogue_table,
            Key={name: record[name] for name in ("pk", "sk")},
            UpdateExpression=f"SET {', '.join(f'#{name} = :{name}' for name in values)}",
            ExpressionAttributeNames={f"#{name}": name for name in values},
            ExpressionAttributeValues={f":{name}": value for name, value in values.items()},
        )

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Return all rows of a table, read consistently."""
        pages = self.aws("dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        return [row for page in pages for row in page["Items"]]

    def forget_limits(self) -> None:
        """Empty the counters of what one address may do in a minute: a drill does everything a hundred times."""
        table = current().accounts_table
        for row in self.rows(table):
            if row["pk"]["S"].startswith("limit#"):
                self.aws("dynamodb").delete_item(TableName=table, Key={"pk": row["pk"], "sk": row["sk"]})

    def invoke(self, function: str, event: object) -> str | None:
        """Invoke a function and wait; returns what it failed with."""
        answer = self.aws("lambda").invoke(FunctionName=FUNCTIONS[function], Payload=json.dumps(event).encode())
        body: str = answer["Payload"].read().decode()
        return body if "FunctionError" in answer else None

    def look_around(self) -> str | None:
        """Let the watchdog look around as if a minute had passed; returns what it failed with."""
        scheduled = {"version": "0", "source": "aws.events", "detail-type": "Scheduled Event", "resources": []}
        described = {"id": "drill", "account": "", "region": "", "time": "2026-01-01T00:00:00Z", "detail": {}}
        return self.invoke("watchdog", scheduled | described)

    def cool_down(self, function: str) -> None:
        """End the idle environments of a function, so that its next call starts cold."""
        for process in below(self.stack.pid):
            with contextlib.suppress(OSError):  # it has ended by itself meanwhile
                if process.setting("AWS_LAMBDA_FUNCTION_NAME") == FUNCTIONS[function]:
                    os.kill(process.pid, signal.SIGKILL)

    def client(self) -> Client:
        """Return a browser's worth of cookies."""
        return self.stack.client()


@functools.cache
def _client(service: str, endpoint: str) -> Any:  # noqa: ANN401
    make: Any = boto3.client  # one overload a service: the name here is a variable
    return make(service, endpoint_url=endpoint)


@contextmanager
def open_site(folder: Path) -> Iterator[Site]:
    """Start a stack and its proxy in a folder; give this process the stage's settings."""
    state = folder / "state"
    (port,) = free_ports(1)
    behind = {"VIDEOFLIX_FUNCTIONS_PROXY": f"http://127.0.0.1:{port}", "BCRYPT_ROUNDS": "10"} | _NO_QUOTAS | _ONE_FILM
    with contextlib.ExitStack() as opened:
        own = opened.enter_context(disks.mounted(state))
        stack = opened.enter_context(running(state, demo_film=False, **behind))
        between = opened.enter_context(proxy.running(port, stack.aws_url, folder / "proxy.log"))
        os.environ.update(read_env_file(state / f"{STAGE}.env"))
        os.environ.update(load(stack.environment).client_environment())
        mail = aws.queue_url(current().mail_queue)
        aws.sqs().set_queue_attributes(QueueUrl=mail, Attributes={"VisibilityTimeout": str(_REDELIVERY)})
        yield Site(stack, between, own)
