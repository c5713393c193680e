"""Where a stage is deployed to: the endpoint, the account, the clients."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from functions.settings import EMULATED_STAGES
from localstack import stack as local

ROOT = Path(__file__).resolve().parent.parent
EMBEDDED_STAGE = "local"  # its functions run on this machine, not in Lambda's Linux
_STAGE_NAME = re.compile(r"[a-z][a-z0-9]{1,15}")


class DeployError(Exception):
    """The deployment cannot go on; the message is one sentence for the operator."""


@dataclass(frozen=True)
class Target:
    """One stage and where it lives.

    Attributes:
        stage: Part of every resource's name.
        endpoint: Address of the AWS services; None for AWS itself.
        region: Where resources are made.
        state: Folder for what the deployment keeps on this machine.
        stack: Ports and addresses of the local stack (only the emulated stages read them).
        settings: The environment, over what `.env.<stage>` says, over what `.env` says.
    """

    stage: str
    endpoint: str | None
    region: str
    state: Path
    stack: local.Stack
    settings: Mapping[str, str]

    @property
    def emulated(self) -> bool:
        """Say whether this is a stage for one machine: well-known credentials, addresses on the loopback."""
        return self.stage in EMULATED_STAGES

    @property
    def project(self) -> Path:
        """Return the folder of the staged Chalice project."""
        return self.state / self.stage / "project"

    @property
    def record(self) -> Path:
        """Return the file in which Chalice notes what it deployed."""
        return self.project / ".chalice" / "deployed" / f"{self.stage}.json"

    @property
    def environment_file(self) -> Path:
        """Return the file that tells `manage.py` and `make dev` where everything is."""
        return self.state / f"{self.stage}.env"

    @property
    def requires_tls(self) -> bool:
        """Say whether buckets can refuse plain HTTP."""
        return self.endpoint is None or urlsplit(self.endpoint).scheme == "https"

    def credentials(self) -> dict[str, str]:
        """Return what a client needs in its environment; empty on AWS, which finds credentials its own way."""
        if not self.emulated:
            return {}
        return {
            "AWS_ENDPOINT_URL": self.endpoint or "",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": self.region,
        }

    def child_environment(self) -> dict[str, str]:
        """Return the environment for a program that talks to this target.

        For the emulated stages nothing named `AWS_*` passes: a real key must never reach an emulator, nor a profile
        lead away from it.
        """
        if not self.emulated:
            return {**os.environ, "AWS_DEFAULT_REGION": self.region}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return kept | self.credentials()

    def client(self, service: str) -> Any:  # noqa: ANN401 - the callers name the service
        """Return a boto3 client of the service."""
        return _client(self.stage, self.endpoint, self.region, service)

    @functools.cached_property
    def account(self) -> str:
        """Return the account's number.

        Raises:
            DeployError: nobody answers, or we are nobody.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - after the arguments are read

        try:
            # the first question to an emulator: that nobody is there shall not take ten seconds to say
            client = _client(self.stage, self.endpoint, self.region, "sts", 1 if self.emulated else 4)
            return str(client.get_caller_identity()["Account"])
        except (BotoCoreError, ClientError) as error:
            if self.emulated:
                raise DeployError(f"No emulated AWS answers at {self.endpoint}; start it first (make up).") from error
            raise DeployError(f"AWS does not know who you are: {error}") from error


@functools.cache
def _client(stage: str, endpoint: str | None, region: str, service: str, attempts: int = 4) -> Any:  # noqa: ANN401
    import boto3  # noqa: PLC0415 - 150 ms that a wrong argument need not cost
    from botocore.config import Config  # noqa: PLC0415

    credentials = {}
    if stage in EMULATED_STAGES:
        credentials = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    config = Config(
        s3={"addressing_style": "path"},  # *.localhost does not resolve everywhere
        retries={"mode": "standard", "total_max_attempts": attempts},
        connect_timeout=5,
        max_pool_connections=20,
    )
    make: Any = boto3.client  # one overload a service: the name here is a variable
    return make(service, endpoint_url=endpoint, region_name=region, config=config, **credentials)


def load(stage: str, state: Path | None = None, environ: Mapping[str, str] | None = None) -> Target:
    """Find out where `stage` lives.

    Raises:
        DeployError: a setting is malformed.
    """
    if not _STAGE_NAME.fullmatch(stage):
        raise DeployError("A stage's name has 2 to 16 lower-case letters and digits and starts with a letter.")
    environ = os.environ if environ is None else environ
    try:
        stack = local.load(environ, stage)
    except local.StackError as error:
        raise DeployError(str(error)) from error
    settings = {**local.said_of(stage, ROOT), **environ}
    emulated = stage in EMULATED_STAGES
    return Target(
        stage=stage,
        endpoint=_emulator(environ, stack) if emulated else environ.get("AWS_ENDPOINT_URL") or None,
        region=local.REGION if emulated else _region(settings),
        state=(state or stack.state).resolve(),
        stack=stack,
        settings=settings,
    )


def _emulator(environ: Mapping[str, str], stack: local.Stack) -> str:
    from localstack_client import config  # noqa: PLC0415 - AWS needs none of it

    host = environ.get("LOCALSTACK_HOST") or f"{local.HOST}:{stack.aws_port}"
    try:
        # reads AWS_ENDPOINT_URL first, as every AWS client does
        return str(config.get_service_endpoint("sts", host))
    except RuntimeError as error:
        raise DeployError("LOCALSTACK_HOST must be a host, or a host and a port.") from error


def _region(settings: Mapping[str, str]) -> str:
    region = settings.get("AWS_REGION") or settings.get("AWS_DEFAULT_REGION")
    if not region:
        raise DeployError("Setting AWS_REGION is missing: say where the stage shall live, such as eu-central-1.")
    return region
