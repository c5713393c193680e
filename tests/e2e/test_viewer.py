"""What a viewer sees and does on the page."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.e2e import steps
from tests.media import ffmpeg
from tests.stack import DEMO, Stack

# of 255; what is brighter has less than 4.5:1 to the palest text of the part
_BRIGHTEST = {".hero .words": 98, ".bar nav": 67}
_VIDEO = "document.querySelector('video')"
_TYPES_AND_FOLLOWS = """(box) => {
    box.value = 'mandelb';
    box.dispatchEvent(new Event('input'));
    document.querySelector('.grid a.card').click();
}"""
_LONGEST_MOTION = """Math.max(...document.getAnimations()
    .map((each) => each.effect.getComputedTiming().endTime)
    .filter(Number.isFinite))"""
_NO_MEDIA_SOURCE = "delete window.MediaSource; delete window.ManagedMediaSource; delete window.WebKitMediaSource;"


def test_the_first_row_plays_the_demo_film_with_a_moving_picture(
    visitor: Callable[..., BrowserContext], picture: Callable[..., None]
) -> None:
    page = visitor("no-preference").new_page()
    page.goto("/")
    picture(page, "entrance")
    steps.log_in(page)
    expect(page.get_by_role("region", name="Featured").get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("region", name="New")).to_be_visible()
    expect(page.get_by_role("region", name="Documentary")).to_be_visible()
    expect(page.locator(".hero .poster")).to_contain_class("seen")
    assert page.evaluate(_LONGEST_MOTION) <= 5000  # else there has to be a way to stop it
    picture(page, "films")
    steps.play(page)
    picture(page, "player")


def test_each_quality_of_the_menu_shows_its_own_size(page: Page, enter: Callable[..., None]) -> None:
    enter(page)
    steps.play(page)
    assert steps.qualities(page) == ["1080p", "720p", "480p", "auto"]
    for name in ("1080p", "480p", "720p"):
        steps.choose(page, "Quality", name)
        steps.seek(page, 0)
        steps.until(page, f"{_VIDEO}.videoHeight == {name[:-1]}")
        steps.expect_moving(page)


def test_the_player_obeys_the_keyboard(page: Page, enter: Callable[..., None]) -> None:
    enter(page)
    page.get_by_role("link", name="Play", exact=True).focus()
    page.keyboard.press("Enter")
    steps.until(page, f"{_VIDEO} !== null && {_VIDEO}.currentTime > 0.2")
    page.keyboard.press("k")
    steps.until(page, f"{_VIDEO}.paused")
    page.keyboard.press("m")
    steps.until(page, f"{_VIDEO}.muted")
    before = steps.position(page)
    page.keyboard.press("ArrowRight")
    steps.until(page, f"{_VIDEO}.currentTime > {before} + 5 || {_VIDEO}.currentTime > {_VIDEO}.duration - 1")
    assert page.evaluate("document.querySelector('media-pip-button') !== null")


def test_a_browser_with_hls_of_its_own_plays_and_offers_the_qualities(page: Page) -> None:
    """As iPhones do; Chromium has it too, once Media Source Extensions are taken away."""
    page.add_init_script(_NO_MEDIA_SOURCE)
    page.goto("/")
    if not page.evaluate("document.createElement('video').canPlayType('application/vnd.apple.mpegurl')"):
        pytest.skip("this browser has no HLS of its own")
    steps.log_in(page)
    steps.play(page)
    assert "/master.m3u8" in page.evaluate(f"{_VIDEO}.currentSrc")
    assert steps.qualities(page) == ["1080p", "720p", "480p", "auto"]
    steps.choose(page, "Quality", "480p")
    steps.until(page, f"Math.abs({_VIDEO}.videoHeight - 480) < 2 && {_VIDEO}.currentSrc.endsWith('/480p/index.m3u8')")
    steps.expect_moving(page)


def test_another_session_goes_on_where_this_one_stopped(
    visitor: Callable[[], BrowserContext], enter: Callable[..., None]
) -> None:
    first = visitor().new_page()
    enter(first)
    steps.play(first)
    with first.expect_response(lambda answer: "/position" in answer.url and answer.request.method == "PUT"):
        first.evaluate(f"{_VIDEO}.pause(); {_VIDEO}.currentTime = 6")
        steps.until(first, f"!{_VIDEO}.seeking")
        first.evaluate(f"{_VIDEO}.play().then(() => {_VIDEO}.pause())")
    stopped = steps.position(first)
    second = visitor().new_page()
    enter(second)
    row = second.get_by_role("region", name="Continue watching")
    expect(row).to_contain_text("% watched")
    row.get_by_role("link", name=steps.DEMO_FILM).click()
    expect(second.get_by_role("status").filter(has_text="You go on at 0:0")).to_be_visible()
    steps.until(second, f"{_VIDEO}.currentTime >= {stopped} - 0.5")


def test_a_search_goes_on_with_what_is_typed_and_says_when_it_finds_nothing(
    page: Page, enter: Callable[..., None]
) -> None:
    enter(page)
    box = page.get_by_role("searchbox", name="Search films")
    steps.account_menu(page).click()
    box.click()  # which closes the menu
    page.keyboard.type("man")
    expect(page.get_by_role("heading", level=1)).to_have_text("Films for “man”")
    page.keyboard.type("del")  # where the focus is
    expect(page.get_by_role("heading", level=1)).to_have_text("Films for “mandel”")
    expect(page.locator(".grid a.card")).to_have_count(1)
    page.reload()
    expect(page.locator(".grid a.card")).to_have_count(1)
    box.fill("<b>nothing</b>")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Films for “<b>nothing</b>”")


def test_who_follows_a_find_while_typing_is_left_there_with_the_focus_in_the_box(
    page: Page, enter: Callable[..., None]
) -> None:
    enter(page)
    box = page.get_by_role("searchbox", name="Search films")
    box.fill("mandel")
    expect(page.locator(".grid a.card")).to_have_count(1)
    box.evaluate(_TYPES_AND_FOLLOWS)
    expect(page.locator("media-controller")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(steps.DEMO_FILM)
    expect(box).to_be_focused()
    menu = steps.account_menu(page)
    menu.click()
    page.get_by_role("link", name="Account", exact=True).press("Escape")
    expect(menu).to_be_focused()


def test_a_search_that_is_cut_short_does_not_call_it_all_there_is(page: Page, enter: Callable[..., None]) -> None:
    enter(page)
    page.route("**/api/video/?limit=*", lambda route: steps.change(route, lambda films: films[:1] * 200))
    page.goto("/#/search?q=mandel")
    expect(page.get_by_text("200+ films")).to_be_visible()


def test_the_films_are_asked_for_without_asking_first_whether_one_may(page: Page, enter: Callable[..., None]) -> None:
    asked: list[dict[str, str]] = []
    network = page.context.new_cdp_session(page)  # Playwright's own events leave preflights out
    network.send("Network.enable")
    network.on("Network.requestWillBeSent", lambda event: asked.append(event["request"]))
    enter(page)
    expect(page.locator("a.card").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert {request["method"] for request in asked if "/api/" in request["url"]} == {"GET"}


def test_an_expired_session_is_refreshed_once_for_all_calls_and_nobody_notices(
    page: Page, enter: Callable[..., None]
) -> None:
    enter(page)
    # with all of its calls answered: one that were still under way when its cookie goes would refresh, too
    expect(page.locator("a.card").first).to_be_visible()
    page.context.clear_cookies(name="access_token")
    with steps.counted(page, "/api/token/refresh/") as refreshes:
        page.reload()
        expect(page.locator("a.card").first).to_be_visible()
    assert len(refreshes) == 1
    page.context.clear_cookies(name="access_token")
    with steps.counted(page, "/api/token/refresh/") as refreshes:
        page.goto("/#/account")
        page.goto("/#/")  # asks for the list and for what was begun at once
        expect(page.locator("a.card").first).to_be_visible()
        steps.until(page, "document.cookie.includes('csrftoken')")
        page.goto("/#/search?q=mandel")
        expect(page.locator(".grid a.card")).to_have_count(1)
    assert len(refreshes) == 1


def test_a_session_that_is_over_leads_to_the_login_and_back(page: Page, enter: Callable[..., None]) -> None:
    enter(page)
    page.context.clear_cookies(name="access_token")
    page.context.clear_cookies(name="refresh_token")
    page.goto("/#/search?q=mandel")
    expect(page.get_by_role("status").filter(has_text="Your session has ended. Please log in again.")).to_be_visible()
    steps.log_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Films for “mandel”")


def test_an_api_that_does_not_answer_is_said_and_can_be_tried_again(
    page: Page, enter: Callable[..., None], stack: Stack
) -> None:
    enter(page)
    trouble = page.get_by_role("alert").filter(has_text="The server answered 429")
    for address, content in (
        ("/#/search?q=mandel", page.locator(".grid a.card")),
        ("/studio/#/", page.locator(".film", has_text=steps.DEMO_FILM)),
        (f"/studio/#/film/{steps.demo_film(stack)}", page.get_by_role("form", name="Details")),
    ):
        page.route("**/api/video/**", lambda route: steps.refuse(route, 429))
        page.goto(address)
        expect(trouble).to_be_visible()
        page.unroute_all()
        trouble.get_by_role("button", name="Try again").click()
        expect(content).to_be_visible()
        expect(trouble).to_have_count(0)


def test_wrong_input_is_said_at_its_field_and_a_refusal_in_a_sentence(page: Page) -> None:
    page.goto("/")
    page.get_by_label("E-mail").fill(DEMO["email"])
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="Invalid credentials.")).to_be_visible()
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("E-mail").fill("nobody")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_label("E-mail")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("E-mail").fill("somebody@example.com")
    page.get_by_label("Password", exact=True).fill("long enough")
    page.get_by_label("Repeat the password").fill("something else")
    page.get_by_role("button", name="Create account").click()
    fault = page.locator(".field", has=page.get_by_label("Repeat the password")).locator(".fault")
    expect(fault).to_have_text("Passwords do not match.")


def test_logging_out_ends_the_session(page: Page, enter: Callable[..., None], stack: Stack) -> None:
    enter(page)
    steps.log_out(page)
    page.reload()
    expect(page.get_by_role("button", name="Log in", exact=True)).to_be_visible()
    assert not [cookie for cookie in page.context.cookies() if re.match("access|refresh", cookie["name"])]


def test_a_large_picture_that_is_not_there_is_nothing_to_complain_about(page: Page, enter: Callable[..., None]) -> None:
    film = re.compile(r"/api/video/\d+/$")  # deleted since the list came
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.route(film, lambda route: steps.refuse(route, 404, "Video not found."))
    with page.expect_response(film):
        enter(page)
    steps.rest(page)
    expect(page.get_by_role("alert").get_by_text("Video not found.")).to_have_count(0)


def test_the_longest_title_leaves_its_film_a_button_to_play_it(
    page: Page, enter: Callable[..., None], picture: Callable[..., None]
) -> None:
    title = ("Ägyptisch " * 26)[:255]
    page.route("**/api/video/", lambda route: steps.change(route, lambda films: [{**films[0], "title": title}]))
    enter(page)
    play = page.get_by_role("link", name="Play", exact=True)
    for width, _ in steps.sized(page, (360, 740), (800, 600), (1920, 1080)):
        expect(play).to_be_in_viewport(ratio=1)
        picture(page, str(width))


def test_the_texts_over_a_film_are_read_also_where_its_picture_is_white(
    page: Page, enter: Callable[..., None], tmp_path: Path
) -> None:
    snow = tmp_path / "snow.jpg"
    ffmpeg("-f", "lavfi", "-i", "color=white:size=64x36", "-frames:v", "1", str(snow))
    page.route("**/thumbnail*", lambda route: _show(route, snow))
    page.route(
        "**/api/video/", lambda route: steps.change(route, lambda films: [{**films[0], "description": "Snow. " * 99}])
    )
    enter(page)
    expect(page.locator(".hero .poster")).to_contain_class("seen")
    for size in steps.sized(page, (360, 740), (800, 600), (1280, 800)):
        for part, most in _BRIGHTEST.items():
            assert _brightest_behind(page, part, tmp_path) <= most, (part, size)


_HIDE = """(rule) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(rule);
    document.adoptedStyleSheets = [sheet];
}"""  # the page's policy forbids a <style>


def _show(route: Route, file: Path) -> None:
    origin = route.request.headers["origin"]
    route.fulfill(
        path=file, headers={"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
    )


def _brightest_behind(page: Page, part: str, folder: Path) -> int:
    """The brightest that is behind the texts of a part of the page (0 to 255)."""
    shot, grey = folder / "shot.jpg", folder / "grey.raw"
    # a rule, as what comes late stands in for an element that was hidden
    page.evaluate(_HIDE, f"{part} > *, {part} > * * {{ visibility: hidden !important; }}")
    page.screenshot(path=shot, clip=page.locator(part).bounding_box(), type="jpeg", quality=100)
    page.evaluate("document.adoptedStyleSheets = []")
    ffmpeg("-i", str(shot), "-f", "rawvideo", "-pix_fmt", "gray", str(grey))
    return max(grey.read_bytes())


def test_everything_fits_from_a_phone_to_a_4k_screen(
    page: Page, enter: Callable[..., None], staff: dict[str, str], picture: Callable[..., None]
) -> None:
    enter(page, **staff)  # whose studio has the most links
    for name in ("", "studio/", "#/account", "mailbox/"):
        page.goto(f"/{name}")
        page.wait_for_load_state("networkidle")
        for width, _ in steps.sized(page, (320, 740), (768, 1024), (3840, 2160)):
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)
            if width < 3840 or not name:  # a picture of 4K takes two seconds of a processor
                picture(page, f"{name.strip('#/') or 'films'}-{width}")
