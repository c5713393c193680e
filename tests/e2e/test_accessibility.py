"""axe-core finds nothing serious (WCAG 2.2 A and AA) on any page, on a phone and on a desk."""

from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.stack import DEMO, Stack

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
    for address, content in (
        ("/", page.locator(".hero + .rows a.card").first),
        ("/#/search?q=mandel", page.locator(".grid a.card")),
        ("/#/account", page.locator("main").get_by_text(DEMO["email"])),
        ("/#/nowhere", page.get_by_role("heading", name="There is nothing here")),
    ):
        page.goto(address)
        for size in steps.sized(page, *_SIZES):
            expect(content).to_be_visible()
            assert serious(page) == [], (address, size)
    for size in steps.sized(page, *_SIZES):
        page.goto("/#/")
        steps.play(page)
        expect(page.get_by_role("heading", level=1, name=steps.DEMO_FILM)).to_be_visible()
        assert serious(page) == [], size


def test_the_studios_pages(page: Page, enter: Callable[..., None], staff: dict[str, str], stack: Stack) -> None:
    enter(page, **staff)
    switch = page.get_by_role("switch", name="Published")
    for address, content in (
        ("/studio/", page.locator(".film .state").first),
        ("/studio/#/people", page.locator(".person").first),
        ("/studio/#/failed", page.locator(".person, .empty").first),
        (f"/studio/#/film/{steps.demo_film(stack)}", page.get_by_role("region", name="Plan").get_by_role("row").first),
    ):
        page.goto(address)
        for size in steps.sized(page, *_SIZES):
            expect(content).to_be_visible()
            expect(page.get_by_role("heading", level=1)).to_have_count(1)
            assert serious(page) == [], (address, size)
    page.emulate_media(forced_colors="active")
    states = []
    for is_on in (True, False):
        switch.set_checked(is_on)
        states.append(switch.evaluate("(it) => getComputedStyle(it, '::before').backgroundColor"))
    assert len(set(states)) == 2, f"on and off look alike without the page's colours: {states}"
