"""axe-core finds nothing serious (WCAG 2.2 A and AA) on any page, on a phone and on a desk."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e import steps

_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_AXE = Axe()
_AT_REST = (
    "document.getAnimations().filter((it) => it.effect.getTiming().iterations === 1).forEach((it) => it.finish())"
)
_SIZES = [(360, 740), (1280, 800)]


def serious(page: Page) -> list[str]:
    page.evaluate(_AT_REST)
    found = _AXE.run(page, options={"runOnly": _RULES, "resultTypes": ["violations"]}).response["violations"]
    return [
        f"{each['id']}: {each['help']}: {[node['target'] for node in each['nodes']]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


@pytest.fixture(params=_SIZES, ids=["phone", "desk"])
def sized(page: Page, request: pytest.FixtureRequest) -> Page:
    width, height = request.param
    page.set_viewport_size({"width": width, "height": height})
    return page


def test_pages_before_somebody_is_logged_in(sized: Page) -> None:
    for address, heading in (
        ("/", "Log in"),
        ("/#/register", "Create an account"),
        ("/#/forgotten", "Forgotten your password?"),
        ("/pages/auth/activate.html?uid=MQ&token=no", "Activate your account"),
        ("/pages/auth/confirm_password.html?uid=MQ&token=no", "Choose a new password"),
        ("/mailbox/", "Mailbox"),
    ):
        sized.goto(address)
        expect(sized.get_by_role("heading", level=1, name=heading)).to_be_visible()
        sized.wait_for_load_state("networkidle")
        assert serious(sized) == [], address


def test_the_viewers_pages(sized: Page, enter: Callable[..., None]) -> None:
    enter(sized)
    expect(sized.locator("a.card").first).to_be_visible()
    assert serious(sized) == []
    for address in ("/#/search?q=mandel", "/#/account", "/#/nowhere"):
        sized.goto(address)
        sized.wait_for_load_state("networkidle")
        assert serious(sized) == [], address
    sized.goto("/#/")
    steps.play(sized)
    assert serious(sized) == []


def test_the_studios_pages(sized: Page, enter: Callable[..., None], staff: dict[str, str]) -> None:
    enter(sized, **staff)
    for address in ("/studio/", "/studio/#/people", "/studio/#/failed", "/studio/#/film/1"):
        sized.goto(address)
        sized.wait_for_load_state("networkidle")
        expect(sized.get_by_role("heading", level=1)).to_have_count(1)
        assert serious(sized) == [], address
