"""microburst, a proxy that answers with AWS's own errors: it stands between the functions and the stack's AWS."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localstack.stack import ROOT

_PATIENCE = 30.0  # seconds until it listens


@dataclass(frozen=True)
class Proxy:
    """A running proxy; `url` is its address."""

    url: str

    def set_rules(self, rules: Sequence[Mapping[str, Any]]) -> list[int]:
        """Replace all rules; the first that matches a call decides. Returns their ids."""
        return [rule["id"] for rule in self._call("POST", "rules", list(rules))]

    def clear(self) -> None:
        """Let everything pass, and forget what was done."""
        self.set_rules([])
        self._call("DELETE", "fired")

    def fired(self) -> list[dict[str, Any]]:
        """Return what was done, in its order: `rule_id`, `service`, `operation` and more of each call."""
        events: list[dict[str, Any]] = self._call("GET", "fired?limit=2000")
        return events

    def _call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        request = urllib.request.Request(
            f"{self.url}/_microburst/{path}",
            None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")


@contextmanager
def running(port: int, upstream: str, log: Path) -> Iterator[Proxy]:
    """Start a proxy on `port` of this machine in front of `upstream`; stop it at the end."""
    command = [sys.executable, "-m", "drill.proxy_server", "--upstream", upstream, "--port", str(port), "--no-resign"]
    with log.open("ab") as output, subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output) as process:
        try:
            proxy = Proxy(f"http://127.0.0.1:{port}")
            _await(process, proxy, log)
            yield proxy
        finally:
            process.terminate()


def _await(process: subprocess.Popen[bytes], proxy: Proxy, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            proxy.fired()
        except (urllib.error.URLError, ConnectionError):
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"microburst did not start; see {log}")
            time.sleep(0.1)
        else:
            return
