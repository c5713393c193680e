"""Every package that Videoflix uses, with its version: what Lambdas carry, what the page brings, and the tools."""

from __future__ import annotations

import functools
import importlib.metadata
import json
import re
from dataclasses import dataclass

from infra.targets import ROOT
from layers.ffmpeg.build import WHEEL
from localstack.environment import AWS_CLI
from localstack.installing import UV

_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;#]+)", re.MULTILINE)
_PUBLISHED = re.compile(r"of (\S+) (\S+), as published on npm")


@dataclass(frozen=True, order=True)
class Package:
    """One version of one package.

    Attributes:
        ecosystem: The registry that it comes from, as OSV names it: `PyPI` or `npm`.
        name: Its name there; PyPI's are in the normal form of PEP 503.
        version: The version that is pinned, or installed.
    """

    ecosystem: str
    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version} ({self.ecosystem})"


def used() -> list[Package]:
    """Return what the files pin and, since pins pull in more, what is installed in this environment."""
    return sorted(_pinned() | _installed() | _vendored())


def _pinned() -> set[Package]:
    files = [path.read_text(encoding="utf-8") for path in ROOT.glob("requirements*.txt")]
    return {_of_pypi(name, version) for text in (*files, WHEEL, AWS_CLI, UV) for name, version in _PIN.findall(text)}


@functools.cache  # it reads a file of each
def _installed() -> set[Package]:
    return {_of_pypi(each.name, each.version) for each in importlib.metadata.distributions() if each.name}


def _vendored() -> set[Package]:
    pins = json.loads((ROOT / "web/vendor/pins.json").read_text(encoding="utf-8"))
    (documents,) = _PUBLISHED.findall((ROOT / "functions/http/static/swagger-ui/README.md").read_text(encoding="utf-8"))
    return {Package("npm", *documents), *(Package("npm", pin["package"], pin["version"]) for pin in pins.values())}


def _of_pypi(name: str, version: str) -> Package:
    return Package("PyPI", re.sub(r"[-_.]+", "-", name).lower(), version)
