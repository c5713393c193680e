"""Debian's Chromium, driven by Playwright; on a machine without it these tests are skipped and say so."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.stack import ROOT, Stack

ARTEFACTS = ROOT / "tests" / "artefacts"
_QUIET = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine: .ci/run shows how to install it")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=_QUIET)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser, stack: Stack) -> Iterator[Page]:
    """A fresh page; a test fails when the console shows an error or anything asks for an outside host."""
    context = browser.new_context(base_url=f"http://127.0.0.1:{stack.web}", viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda request: _is_outside(request.url) and complaints.append(f"outside: {request.url}"))
    yield opened
    context.close()
    # the browser itself logs refused logins ("status of 4xx") though the page handles them
    assert [text for text in complaints if "the server responded with a status of 4" not in text] == []


def _is_outside(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1:", "blob:", "data:"))


@pytest.fixture
def picture(page: Page, request: pytest.FixtureRequest) -> Path:
    """Where this test keeps its screenshot."""
    ARTEFACTS.mkdir(exist_ok=True)
    return ARTEFACTS / f"{request.node.name}.png"
