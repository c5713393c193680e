"""What a person sees in a browser after `make up`."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.stack import DEMO, eventually


def _until(page: Page, expression: str) -> None:
    """Wait until the expression is true; Playwright's own wait runs eval, which the page's policy forbids."""
    eventually(lambda: page.evaluate(expression) or None, timeout=30)


def _log_in(page: Page) -> None:
    page.goto("/")
    page.get_by_label("E-mail").fill(DEMO["email"])
    page.get_by_label("Password").fill(DEMO["password"])
    page.get_by_role("button", name="Log in").click()


def test_a_visitor_logs_in_and_the_demo_film_plays_with_a_moving_picture(page: Page, picture: Path) -> None:
    _log_in(page)
    page.get_by_role("button", name="Into the Mandelbrot set").click()
    _until(page, "document.querySelector('video').currentTime > 1.5")
    page.screenshot(path=picture)
    drawn = """() => {
        const video = document.querySelector('video');
        const canvas = Object.assign(document.createElement('canvas'), {width: 32, height: 18});
        canvas.getContext('2d').drawImage(video, 0, 0, 32, 18);
        return Array.from(canvas.getContext('2d').getImageData(0, 0, 32, 18).data).join();
    }"""
    first = page.evaluate(drawn)
    _until(page, "document.querySelector('video').currentTime > 3")
    assert page.evaluate(drawn) != first, "time passes but the picture stands still"


def test_each_quality_that_the_menu_offers_shows_its_own_size(page: Page) -> None:
    _log_in(page)
    page.get_by_role("button", name="Into the Mandelbrot set").click()
    expect(page.get_by_label("Quality").locator("option")).to_have_text(["Automatic", "480p", "720p", "1080p"])
    for name in ("1080p", "480p", "720p"):
        page.get_by_label("Quality").select_option(label=name)
        page.evaluate("document.querySelector('video').currentTime = 0; document.querySelector('video').play()")
        _until(page, f"document.querySelector('video').videoHeight == {name[:-1]}")


def test_a_wrong_password_is_said_in_a_sentence(page: Page) -> None:
    page.goto("/")
    page.get_by_label("E-mail").fill(DEMO["email"])
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("status")).to_have_text("Invalid credentials.")


def test_logging_out_ends_the_session_and_shows_the_form_again(page: Page) -> None:
    _log_in(page)
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()


def test_the_mailbox_shows_what_was_mailed(page: Page, picture: Path) -> None:
    page.goto("/mailbox/")
    page.get_by_text("is ready").first.click()
    expect(page.frame_locator("iframe").get_by_role("heading", name="Your video is ready")).to_be_visible()
    page.screenshot(path=picture)
