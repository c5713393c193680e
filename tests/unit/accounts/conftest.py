"""The account calls as clients meet them: app.py behind Chalice's own gateway, on moto, with a clock to turn."""

import importlib
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

import pytest
import time_machine
from chalice.local import LambdaEventConverter
from chalice.test import Client

from functions import settings
from functions.accounts import keys, passwords, people
from tests.unit import clients
from tests.unit.accounts import browser as browsers
from tests.unit.accounts.browser import EMAIL, PASSWORD, Browser
from tests.unit.moto_in_one_piece import remembered

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock(environment: pytest.MonkeyPatch) -> Iterator[time_machine.Traveller]:
    """Time stands still until a test shifts it."""
    with time_machine.travel(START, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def somebody(clock: time_machine.Traveller, tables: None) -> Iterator[Browser]:
    """A browser that is not logged in; there are no accounts."""
    browsers.forget_mails()
    keys._rings.clear()
    app = importlib.import_module("app").app  # not before the settings are there
    with Client(app, stage_name="test") as client:  # a stage without an environment of its own
        yield Browser(client)
    LambdaEventConverter.LOCAL_SOURCE_IP = "127.0.0.1"


@pytest.fixture
def demo(somebody: Browser) -> Browser:
    """A browser that is not logged in; the demo account is there."""
    remembered(("demo", settings.current()), lambda: people.seed(EMAIL, PASSWORD))
    return somebody


@pytest.fixture
def viewer(demo: Browser) -> Browser:
    """A browser that is logged in as the demo account."""
    demo.cookies |= remembered(("viewer", settings.current()), lambda: _cookies_of_a_login(demo.copy()))
    keys.signing()  # a process that has logged somebody in has read the keys
    return demo


def _cookies_of_a_login(browser: Browser) -> dict[str, str]:
    assert browser.log_in().status_code == 200
    return browser.cookies


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], list[tuple[str, Mapping[str, object]]]]]:
    """Events with their facts, as an operator looks for them."""
    logger = logging.getLogger("videoflix")
    logger.addHandler(caplog.handler)
    yield lambda: [(line.getMessage(), line.facts) for line in caplog.records if hasattr(line, "facts")]
    logger.removeHandler(caplog.handler)


@pytest.fixture
def work(tables: None, monkeypatch: pytest.MonkeyPatch) -> Counter:
    """Count the calls of AWS by operation, and the hashes of passwords by scheme."""
    counted: Counter = Counter()
    verify, make = passwords.verify, passwords.make

    def count(operation, _arguments):
        counted[operation] += 1

    def counting_verify(password, stored):
        counted[f"verify {stored.split('$')[0]} {stored.split('$')[3]}"] += 1
        return verify(password, stored)

    def counting_make(password):
        counted["make"] += 1
        return make(password)

    clients.before_each_call(monkeypatch, count)
    monkeypatch.setattr(passwords, "verify", counting_verify)
    monkeypatch.setattr(passwords, "make", counting_make)
    return counted
