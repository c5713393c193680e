"""Who is logged in: how a session ends, and that nobody is shown what another person was."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e import steps

_STORAGE_IS_FORBIDDEN = "Object.defineProperty(window, 'localStorage', {get: () => { throw new DOMException('no'); }});"
_API_HAS_ANOTHER_HOST = "Object.defineProperty(Document.prototype, 'cookie', {get: () => ''});"
_COMES_BACK = "void dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"


def _expect_nobody(page: Page) -> None:
    expect(page.get_by_role("button", name="Log in", exact=True)).to_be_visible()


def _click_log_out(page: Page) -> None:
    steps.account_menu(page).click()
    page.get_by_role("button", name="Log out").click()


def test_a_logout_that_fails_leaves_one_where_one_is_and_can_be_tried_again(
    page: Page, enter: Callable[..., None], faults: list[str]
) -> None:
    faults.append("/api/logout/")
    enter(page)
    page.route("**/api/logout/", lambda route: steps.refuse(route, 503))
    _click_log_out(page)
    again = page.get_by_role("alert").get_by_role("button", name="Log out again")
    expect(again).to_be_visible()
    expect(steps.account_menu(page)).to_be_visible()
    page.unroute_all()
    again.click()
    _expect_nobody(page)
    page.reload()
    _expect_nobody(page)


def test_a_logout_that_fails_as_the_films_did_leaves_their_message_its_own_way_on(
    page: Page, enter: Callable[..., None], faults: list[str]
) -> None:
    faults += ["/api/video/", "/api/logout/"]
    page.route("**/api/video/**", lambda route: steps.refuse(route, 503))
    page.route("**/api/logout/", lambda route: steps.refuse(route, 503))
    enter(page)
    alert = page.get_by_role("alert")
    expect(alert.get_by_role("button", name="Try again")).to_be_visible()
    _click_log_out(page)
    expect(alert.get_by_role("button", name="Log out again")).to_be_visible()
    page.unroute_all()
    alert.get_by_role("button", name="Try again").click()
    expect(page.locator("a.card").first).to_be_visible()
    expect(steps.account_menu(page)).to_be_visible()


def test_logging_out_of_a_session_that_is_over_already_is_no_trouble(page: Page, enter: Callable[..., None]) -> None:
    enter(page)
    page.context.clear_cookies(name="refresh_token")
    with page.expect_response(lambda answer: answer.url.endswith("/logout/") and answer.status == 400):
        steps.log_out(page)


def test_who_logs_in_next_is_not_shown_the_films_of_the_one_before(
    page: Page, enter: Callable[..., None], staff: dict[str, str]
) -> None:
    enter(page)
    expect(page.locator("a.card").first).to_be_visible()
    page.context.clear_cookies(name="access_token")
    page.context.clear_cookies(name="refresh_token")
    page.goto("/#/search?q=mandel")
    steps.log_in(page, **staff)
    page.route("**/api/video/**", lambda route: None)  # on their way until the test is over
    page.get_by_role("link", name="Films", exact=True).click()
    expect(page.locator(".hero.waiting")).to_be_visible()
    expect(page.locator("a.card")).to_have_count(0)


def test_a_tab_follows_when_another_one_logs_somebody_out_and_somebody_else_in(
    visitor: Callable[[], BrowserContext], enter: Callable[..., None], staff: dict[str, str]
) -> None:
    context = visitor()
    here, there = context.new_page(), context.new_page()
    enter(there)
    here.goto("/studio/#/")
    expect(steps.account_menu(here)).to_be_visible()
    steps.log_out(there)
    _expect_nobody(here)
    steps.log_in(there, **staff)
    expect(steps.account_menu(here)).to_have_attribute("title", staff["email"])
    expect(here.get_by_role("link", name="People")).to_be_visible()


def test_a_page_that_back_brings_after_a_logout_shows_nobodys_films(page: Page, enter: Callable[..., None]) -> None:
    """Chromium keeps no pages while it is driven: this one stays because the next one is empty."""
    enter(page)
    page.goto("/studio/#/")
    film = page.get_by_role("link", name=steps.DEMO_FILM)
    expect(film).to_be_visible()
    home = page.url.partition("studio/")[0]
    page.route(home, lambda route: route.fulfill(status=204))
    with page.expect_response(home):
        _click_log_out(page)
    expect(film).to_be_visible()
    page.unroute_all()
    page.evaluate(_COMES_BACK)
    _expect_nobody(page)


@pytest.mark.parametrize("storage", [_STORAGE_IS_FORBIDDEN, steps.STORAGE_IS_FULL], ids=["forbidden", "full"])
def test_a_browser_that_keeps_nothing_lets_people_in(page: Page, storage: str) -> None:
    page.add_init_script(storage + _API_HAS_ANOTHER_HOST)
    page.goto("/")
    steps.log_in(page)
    page.goto("/studio/#/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Studio")
