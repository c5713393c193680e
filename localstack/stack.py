"""What every command knows of a stack: its ports, its folder, and whether it runs.

Standard library only: `up` reads this before anything is installed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from localstack.lock import is_held

ROOT = Path(__file__).resolve().parent.parent
STAGE = "local"
DEMO_LOGIN = ("demo@videoflix.local", "Demo123!")  # the contract names both
HOST = "127.0.0.1"
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - within a container, whose ports are published on the loopback
REGION = "us-east-1"
LOG_BYTES = 20 * 1024 * 1024  # of a log, from which on another one is begun and this one kept as the one before
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_OFF = ("off", "no", "none", "false", "0")


class StackError(Exception):
    """Something stands in the way; the message is one sentence for the person at the keyboard."""


@dataclass(frozen=True)
class Stack:
    """One local stack.

    Attributes:
        web_port: None where no web listener is wanted.
        state: The folder that keeps everything.
        stage: What is deployed on it.
        bind: The address that its listeners bind to; only within a container another than the loopback.
        services: Where its own programs reach the AWS services, if not where browsers do (`aws_url`).
        functions_proxy: Through which its functions reach the AWS services; empty: none.
        emulator_log: How much the emulator itself says.
    """

    api_port: int
    aws_port: int
    web_port: int | None
    state: Path
    stage: str = STAGE
    bind: str = HOST
    services: str = ""
    functions_proxy: str = ""
    emulator_log: str = "WARNING"

    @property
    def api_url(self) -> str:
        """Address of the API, without `/api/`."""
        return f"http://{HOST}:{self.api_port}"

    @property
    def aws_url(self) -> str:
        """Address of the emulated AWS services, as a browser on this machine reaches them."""
        return f"http://{HOST}:{self.aws_port}"

    @property
    def endpoint(self) -> str:
        """Address of the emulated AWS services for the programs of this stack."""
        return self.services or self.aws_url

    @property
    def web_url(self) -> str:
        """Address of the page; empty where it is off."""
        return f"http://{HOST}:{self.web_port}" if self.web_port else ""

    @property
    def record_file(self) -> Path:
        """Where the running daemon says who it is."""
        return self.state / "stack.json"

    @property
    def lock_file(self) -> Path:
        """Held by the daemon for as long as it lives: no pid file can lie about that."""
        return self.state / "stack.lock"

    @property
    def log_folder(self) -> Path:
        """`stack.log` (the emulator) and `functions.log` (what functions print)."""
        return self.state / "log"

    @property
    def log_file(self) -> Path:
        """Of the emulator."""
        return self.log_folder / "stack.log"

    @property
    def environment_file(self) -> Path:
        """The environment of every function, written by the deployment."""
        return self.state / f"{self.stage}.env"

    @property
    def project(self) -> Path:
        """The staged Chalice project that the deployment made."""
        return self.state / self.stage / "project"

    @property
    def ports(self) -> dict[str, int]:
        """The ports that the daemon listens on, by the setting that changes each."""
        ports = {"VIDEOFLIX_AWS_PORT": self.aws_port, "VIDEOFLIX_API_PORT": self.api_port}
        if self.web_port:
            ports["VIDEOFLIX_WEB_PORT"] = self.web_port
        return ports

    def is_running(self) -> bool:
        """Say whether this stack's daemon lives."""
        return is_held(self.lock_file)

    def record(self) -> dict[str, object]:
        """Return what the daemon wrote about itself; empty if there is nothing readable."""
        try:
            value = json.loads(self.record_file.read_text())
        except (OSError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}

    def client_environment(self) -> dict[str, str]:
        """Return what a client of AWS needs in its environment to talk to this stack."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "VIDEOFLIX_API_PORT": str(self.api_port),
            "VIDEOFLIX_AWS_PORT": str(self.aws_port),
            "VIDEOFLIX_WEB_PORT": str(self.web_port or "off"),
            "VIDEOFLIX_STATE": str(self.state),
            "VIDEOFLIX_BIND": self.bind,
            "VIDEOFLIX_FUNCTIONS_PROXY": self.functions_proxy,
            "VIDEOFLIX_EMULATOR_LOG": self.emulator_log,
        }

    def program_environment(self) -> dict[str, str]:
        """Return the environment of a program of ours: the caller's own, with no AWS in it but this stack."""
        return {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | self.client_environment()

    def deployed_environment(self) -> dict[str, str]:
        """Return the environment of a program that works as the deployed functions do, with the settings they have."""
        return self.program_environment() | read_env_file(self.environment_file)


def read_env_file(path: Path) -> dict[str, str]:
    """Read `NAME=value` lines; blank lines and lines that start with `#` are skipped, quotes around a value removed.

    Raises:
        StackError: it is no UTF-8 text.
    """
    values: dict[str, str] = {}
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()  # editors of Windows put a mark before the first line
    except FileNotFoundError:
        return values
    except UnicodeDecodeError as error:
        raise StackError(f"{path} is no UTF-8 text. Save it as UTF-8.") from error
    for raw in lines:
        line = raw.strip().removeprefix("export ")
        name, equals, value = line.partition("=")
        if not equals or line.startswith("#"):
            continue
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        values[name.strip()] = value
    return values


def said_of(stage: str, folder: Path) -> dict[str, str]:
    """Read what the files `.env.<stage>` and, below that, `.env` of a folder say."""
    return read_env_file(folder / ".env") | read_env_file(folder / f".env.{stage}")


def load(environ: Mapping[str, str] | None = None, stage: str = STAGE) -> Stack:
    """Read the stack's settings; the environment wins over the file `.env.<stage>`, and that over `.env`.

    Raises:
        StackError: one is malformed, or two listeners were given the same port.
    """
    values = {**said_of(stage, ROOT), **(os.environ if environ is None else environ)}
    web = values.get("VIDEOFLIX_WEB_PORT", "").strip().lower()
    stack = Stack(
        api_port=_port(values, "VIDEOFLIX_API_PORT", 8000),
        aws_port=_port(values, "VIDEOFLIX_AWS_PORT", 4566),
        web_port=None if web in _OFF else _port(values, "VIDEOFLIX_WEB_PORT", 5500),
        state=(ROOT / Path(values.get("VIDEOFLIX_STATE", "").strip() or ".local").expanduser()).resolve(),
        bind=_address(values, "VIDEOFLIX_BIND"),
        functions_proxy=values.get("VIDEOFLIX_FUNCTIONS_PROXY", "").strip(),
        emulator_log=_level(values, "VIDEOFLIX_EMULATOR_LOG"),
    )
    if len(set(stack.ports.values())) != len(stack.ports):
        raise StackError(f"{' and '.join(stack.ports)} must be different ports.")
    return stack


def _address(values: Mapping[str, str], name: str) -> str:
    text = values.get(name, "").strip() or HOST
    if text not in (HOST, *_EVERYWHERE):
        raise StackError(f"{name} must be {HOST} or {_EVERYWHERE[0]}: the stack's own programs call {HOST}.")
    return text


def _level(values: Mapping[str, str], name: str) -> str:
    text = values.get(name, "").strip().upper() or "WARNING"
    if text not in _LEVELS:
        raise StackError(f"{name} must be {', '.join(_LEVELS[:-1])} or {_LEVELS[-1]}.")
    return text


def _port(values: Mapping[str, str], name: str, default: int) -> int:
    text = values.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or not 0 < int(text) < 65536:  # noqa: PLR2004 - TCP's own bound
        raise StackError(f"{name} must be a port number from 1 to 65535.")
    return int(text)
