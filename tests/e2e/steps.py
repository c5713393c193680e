"""What a person does on the page, for tests to say in a line."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

from tests.stack import DEMO, Stack, eventually

PATIENCE = 60  # seconds; a busy machine is no bug
DEMO_FILM = "Into the Mandelbrot set"

_VIDEO = "document.querySelector('video')"
PREVIEW_IS_SEEN = "document.querySelector('media-preview-thumbnail').shadowRoot.querySelector('img').naturalWidth > 0"
STORAGE_IS_FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"
_AT_REST = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
    const once = document.getAnimations().filter((it) => it.effect.getTiming().iterations === 1);
    once.forEach((it) => it.finish());
    done();
})))"""
_DRAWN = """() => {
    const video = document.querySelector('video');
    const context = Object.assign(document.createElement('canvas'), {width: 32, height: 18}).getContext('2d');
    context.drawImage(video, 0, 0, 32, 18);
    return Array.from(context.getImageData(0, 0, 32, 18).data).join();
}"""


def demo_film(stack: Stack) -> int:
    """The id of the demo film."""
    films = stack.demo().get("/api/video/").json()
    return next(int(each["id"]) for each in films if each["title"] == DEMO_FILM)


def until(page: Page, expression: str, timeout: float = PATIENCE) -> None:
    """Wait until the expression is true; Playwright's own wait runs eval, which the page's policy forbids."""
    eventually(lambda: page.evaluate(expression) or None, timeout)


def rest(page: Page) -> None:
    """Have the page as it is once its transitions have ended; what makes them begin was seen a frame ago."""
    page.evaluate(_AT_REST)


def sized(page: Page, *sizes: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Give the page one size (pixels) after the other, at rest each time: loaded once, it is seen at all of them."""
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        until(page, f"innerWidth === {width}")
        rest(page)
        yield width, height


def log_in(page: Page, email: str = DEMO["email"], password: str = DEMO["password"]) -> None:
    """Log in where somebody is asked to, and wait for what follows."""
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(account_menu(page)).to_be_visible()


def take_session(page: Page, stack: Stack, email: str = DEMO["email"], password: str = DEMO["password"]) -> None:
    """Have the cookies of somebody who logged in before, without the form."""
    said = {"email": email, "password": password}
    answer = page.request.post(f"http://127.0.0.1:{stack.api}/api/login/", data=said)
    assert answer.status == 200, answer.text()


def account_menu(page: Page) -> Locator:
    return page.locator("summary[aria-label=Account]")


def log_out(page: Page) -> None:
    account_menu(page).click()
    with page.expect_event("load"):  # the page is loaded anew, so that nothing of the account is left in it
        page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("button", name="Log in", exact=True)).to_be_visible()


def play(page: Page, title: str = DEMO_FILM) -> None:
    """Open a film from the first row that shows it, and wait for the picture to move."""
    page.locator("a.card", has_text=title).first.click()
    expect_moving(page)


def expect_moving(page: Page) -> None:
    """Time passes, and the picture is another one than before."""
    until(page, f"{_VIDEO} !== null && {_VIDEO}.readyState >= 3 && !{_VIDEO}.paused")
    start, first = position(page), page.evaluate(_DRAWN)
    until(page, f"{_VIDEO}.currentTime > {start} + 0.7 || {_VIDEO}.ended")
    # a busy machine shows fewer pictures, some later than their sound
    eventually(lambda: page.evaluate(_DRAWN) != first or None, PATIENCE)


def position(page: Page) -> float:
    return float(page.evaluate(f"{_VIDEO}.currentTime"))


def seek(page: Page, seconds: float) -> None:
    page.evaluate(f"{_VIDEO}.currentTime = {seconds}; {_VIDEO}.play()")


def choose(page: Page, setting: str, name: str) -> None:
    """Choose an entry of one of the player's settings: `Quality`, `Captions` or `Speed`.

    By events instead of a mouse: the menu glides open, and its entries are made anew whenever the picture's size
    changes, often between aiming and clicking.
    """
    page.locator("media-settings-menu-button").dispatch_event("click")
    expect(page.locator("media-settings-menu")).to_be_visible()
    page.get_by_role("menuitem", name=setting).dispatch_event("click")
    page.get_by_role("menuitemradio", name=re.compile(f"^{name}")).dispatch_event("click")
    eventually(lambda: _settings_are_closed(page), PATIENCE)


def _settings_are_closed(page: Page) -> bool | None:
    """Close the menu if it is open. It closes by itself, too, when what had the focus in it is made anew."""
    menu = page.locator("media-settings-menu")
    if menu.is_visible():
        page.locator("media-settings-menu-button").dispatch_event("click")
    try:
        expect(menu).to_be_hidden(timeout=2_000)
    except AssertionError:
        return None
    return True


def qualities(page: Page) -> list[str]:
    """The names that the player's menu has, in its order."""
    entries = page.locator("media-rendition-menu media-chrome-menu-item")
    expect(entries.nth(1)).to_be_attached()
    return list(entries.evaluate_all("(all) => all.map((entry) => entry.value)"))


def answer(route: Route, status: int, said: object, **headers: str) -> None:
    """Answer a call in the API's or the storage's place, as they may answer this page."""
    origin = route.request.headers["origin"]
    allowed = {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
    route.fulfill(status=status, json=said, headers=allowed | headers)


def refuse(route: Route, status: int, sentence: str = "", *, retry_after: int = 0) -> None:
    """Refuse a call in the API's or the storage's place."""
    headers = {}
    if retry_after:
        headers = {"Access-Control-Expose-Headers": "Retry-After", "Retry-After": str(retry_after)}
    answer(route, status, {"errors": {"non_field_errors": [sentence]}} if sentence else {}, **headers)


def change(route: Route, changed: Callable[[Any], Any]) -> None:
    """Let the API answer, and give the page what `changed` makes of it."""
    answer = route.fetch()
    route.fulfill(response=answer, json=changed(answer.json()))


@contextmanager
def counted(page: Page, part: str) -> Iterator[list[str]]:
    """Collect the requests whose address holds `part`, as `METHOD address`; preflights do not count."""
    seen: list[str] = []

    def note(request) -> None:
        if part in request.url and request.method != "OPTIONS":
            seen.append(f"{request.method} {request.url}")

    page.on("request", note)
    yield seen
    page.remove_listener("request", note)
