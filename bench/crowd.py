"""Many people at once before a running stack: what the benchmarks of the gateway and of the load share."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import urllib3

from localstack.stack import DEMO_LOGIN, Stack

_PATIENCE = 30.0  # seconds for one answer


@dataclass
class Answers:
    """What a crowd was answered: seconds of each call by what was asked, and how often it went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, what: str, seconds: float, problem: str | None) -> None:
        """Note an answer; `problem` names a status that is none of the contract's, or a broken connection."""
        with self._lock:
            self.seconds.setdefault(what, []).append(seconds)
            if problem:
                self.wrong[f"{what}: {problem}"] = self.wrong.get(f"{what}: {problem}", 0) + 1

    def percentile(self, what: str, percent: int) -> float:
        """Return the milliseconds within which this part of the calls was answered."""
        return statistics.quantiles(self.seconds[what], n=100)[percent - 1] * 1000


@dataclass
class Person:
    """Somebody with a session, over connections that stay open."""

    stack: Stack
    pool: urllib3.PoolManager
    cookie: str
    answers: Answers

    def get(self, what: str, url: str) -> bytes:
        """Fetch an address (`/…` is the API's) and note how long it took; empty when it went wrong."""
        return self.call(what, "GET", url)

    def call(self, what: str, method: str, url: str, body: bytes | None = None) -> bytes:
        """Call an address, and note the answer."""
        ours = url.startswith("/")
        headers = {"Cookie": self.cookie, "Content-Type": "application/json"} if ours else {}
        began = time.monotonic()
        try:
            answer = self.pool.request(
                method,
                f"{self.stack.api_url}{url}" if ours else url,
                body=body,
                headers=headers,
                timeout=_PATIENCE,
                retries=False,
            )
            problem = None if answer.status < 300 else str(answer.status)
            data: bytes = answer.data
        except urllib3.exceptions.HTTPError as error:
            problem, data = type(error).__name__, b""
        self.answers.add(what, time.monotonic() - began, problem)
        return b"" if problem else data


def logged_in(stack: Stack, answers: Answers, people: int) -> Person:
    """Log the demo account in; return somebody with that session, for so many threads at once."""
    pool = urllib3.PoolManager(maxsize=people, block=False)
    said = {"email": DEMO_LOGIN[0], "password": DEMO_LOGIN[1]}
    answer = pool.request("POST", f"{stack.api_url}/api/login/", json=said)
    cookies = [cookie.partition(";")[0] for cookie in answer.headers.getlist("set-cookie")]
    return Person(stack, pool, "; ".join(cookies), answers)


def together(people: int, act: Callable[[int], None]) -> float:
    """Let so many people act at once, each with a number; return the seconds until the last was done."""
    threads = [threading.Thread(target=act, args=(number,)) for number in range(people)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - began
