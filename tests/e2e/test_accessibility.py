"""axe-core finds nothing serious (WCAG 2.2 A and AA) on any page, on a phone and on a desk."""

from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e import steps

_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_AXE = Axe()
_SIZES = ((360, 740), (1280, 800))


def serious(page: Page) -> list[str]:
    steps.rest(page)
    found = _AXE.run(page, options={"runOnly": _RULES, "resultTypes": ["violations"]}).response["violations"]
    return [
        f"{each['id']}: {each['help']}: {[node['target'] for node in each['nodes']]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


def test_pages_before_somebody_is_logged_in(page: Page) -> None:
    for address, heading in (
        ("/", "Log in"),
        ("/#/register", "Create an account"),
        ("/#/forgotten", "Forgotten your password?"),
        ("/pages/auth/activate.html?uid=MQ&token=no", "Activate your account"),
        ("/pages/auth/confirm_password.html?uid=MQ&token=no", "Choose a new password"),
        ("/mailbox/", "Mailbox"),
    ):
        page.goto(address)
        for size in steps.sized(page, *_SIZES):
            expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
            page.wait_for_load_state("networkidle")
            assert serious(page) == [], (address, size)


def test_the_viewers_pages(page: Page, enter: Callable[..., None]) -> None:
    enter(page)
    for size in steps.sized(page, *_SIZES):
        expect(page.locator("a.card").first).to_be_visible()
        assert serious(page) == [], size
    for address in ("/#/search?q=mandel", "/#/account", "/#/nowhere"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        for size in steps.sized(page, *_SIZES):
            assert serious(page) == [], (address, size)
    for size in steps.sized(page, *_SIZES):
        page.goto("/#/")
        steps.play(page)
        assert serious(page) == [], size


def test_the_studios_pages(page: Page, enter: Callable[..., None], staff: dict[str, str]) -> None:
    enter(page, **staff)
    for address in ("/studio/", "/studio/#/people", "/studio/#/failed", "/studio/#/film/1"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        for size in steps.sized(page, *_SIZES):
            expect(page.get_by_role("heading", level=1)).to_have_count(1)
            assert serious(page) == [], (address, size)
