"""Debian's Chromium, driven by Playwright; on a machine without it these tests are skipped and say so."""

import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.e2e import steps
from tests.stack import ROOT, Stack

ARTEFACTS = ROOT / "tests" / "artefacts"
STAFF = {"email": "staff@example.com", "password": "a password for staff"}
# a page that a test fulfils itself has no address: Chromium would ask the person before it may reach this machine
_QUIET = [
    "--disable-features=LocalNetworkAccessChecks",
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]
expect.set_options(timeout=1000 * steps.PATIENCE)  # milliseconds
# a small window of a desktop: without a GPU a picture of 720p takes twice what one of 480p does
_SIZE = {"width": 800, "height": 600}


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
def faults() -> list[str]:
    """Patterns of what the browser logs of the faults that a test makes itself: no complaint of the page."""
    return [r"a status of 4\d\d .*/api/"]  # a refusal, which each page handles; no file of the page itself is refused


@pytest.fixture
def visitor(browser: Browser, stack: Stack, faults: list[str]) -> Iterator[Callable[[], BrowserContext]]:
    """A maker of visitors with cookies of their own: `visitor()`, or `visitor("no-preference")` as most people are.

    The test fails at its end when any of their consoles showed an error, or anything asked for an outside host.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def watched(page: Page) -> None:
        page.on("console", lambda message: message.type == "error" and complaints.append(_logged(message)))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: _is_outside(request.url) and complaints.append(f"outside: {request.url}"))

    def make(motion: str = "reduce") -> BrowserContext:
        # the first film's picture moves for 5 s, which keeps a processor busy on a machine that has no GPU
        address = f"http://127.0.0.1:{stack.web}"
        context = browser.new_context(base_url=address, viewport=_SIZE, reduced_motion=motion)
        context.on("page", watched)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert [text for text in complaints if not any(re.search(fault, text) for fault in faults)] == []


@pytest.fixture
def page(visitor: Callable[[], BrowserContext]) -> Page:
    """A fresh page of a visitor whom nobody knows."""
    return visitor().new_page()


@pytest.fixture
def enter(stack: Stack) -> Callable[..., None]:
    """Open the page as somebody who logged in before: `enter(page)`, or `enter(page, **person)`.

    The form that they filled is another test's subject; without it a visit takes half of the time.
    """

    def open_page(page: Page, **person: str) -> None:
        steps.take_session(page, stack, **person)
        page.goto("/")
        expect(steps.account_menu(page)).to_be_visible()

    return open_page


@pytest.fixture(scope="session")
def staff(stack: Stack) -> dict[str, str]:
    """Somebody who runs this service."""
    made = stack.manage("create_admin", "--email", STAFF["email"], "--password", STAFF["password"])
    assert "staff" in made, made
    return STAFF


@pytest.fixture
def person(stack: Stack) -> dict[str, str]:
    """Somebody who has uploaded nothing yet: a few uploads a minute are taken of each."""
    return stack.person()


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Keep a screenshot of this test as an artefact: `picture(page)`, or `picture(page, "name of a moment")`."""
    ARTEFACTS.mkdir(exist_ok=True)

    def keep(page: Page, moment: str = "") -> None:
        name = "-".join(part for part in (request.node.originalname, moment) if part)
        # JPEG: packing a large PNG takes longer than drawing what it shows
        page.screenshot(path=ARTEFACTS / f"{name}.jpg".replace("/", "_"), type="jpeg", quality=90)

    return keep


def _logged(message: ConsoleMessage) -> str:
    return f"{message.text} {message.location['url']}"


def _is_outside(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1:", "blob:", "data:"))
