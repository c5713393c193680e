"""What people meet while the connection, the API or an address fails for a moment, and when it is back."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, Request, Route, expect

from tests.e2e import steps
from tests.stack import Stack

_VIDEO = "document.querySelector('video')"
_SEGMENT = re.compile(r"/\d+\.ts\b")
_LATER_SEGMENT = re.compile(r"/(?!0+\.)\d+\.ts\b")
_CHOSEN = "media-rendition-menu media-chrome-menu-item[aria-checked=true]"
# hls.js tries again for half a minute before it calls a fault fatal
_HASTY = """async () => {
    const {default: Hls} = await import('/vendor/hls.js/hls.min.mjs');
    for (const policy of ['fragLoadPolicy', 'playlistLoadPolicy']) {
        Hls.DefaultConfig[policy].default.errorRetry.maxNumRetry = 0;
    }
}"""
_PLAYER_IS_LOADED = """async () => {
    await import('/js/player/player.js');
    await import('/js/player/controls.js');
}"""
_REFUSED_BY_STORAGE = "a status of 403 .*/videoflix-media/"  # what Chromium logs of an address that expired
_MESSAGES_ARE_IN_FULL_SCREEN = "document.querySelector(':fullscreen .toast-stack') !== null"
_SEEMS_OFFLINE = "Object.defineProperty(Navigator.prototype, 'onLine', {get: () => false});"


def _open(page: Page) -> None:
    page.locator("a.card", has_text=steps.DEMO_FILM).first.click()
    steps.until(page, f"{_VIDEO} !== null && {_VIDEO}.readyState >= 3")


def _stop_at(page: Page, seconds: float) -> None:
    """Pause, move, and have that place kept."""
    with page.expect_response(lambda answer: _keeps_a_place(answer.request) and _said(answer.request) == seconds):
        page.evaluate(f"{_VIDEO}.pause(); {_VIDEO}.currentTime = {seconds}")


def _keeps_a_place(request: Request) -> bool:
    return request.method == "PUT" and "/position" in request.url


def _said(request: Request) -> float:
    return float((request.post_data_json or {})["seconds"])


def _began(page: Page) -> float:
    """Wait until the source that was set last plays; return the second where that began."""
    steps.until(page, f"{_VIDEO}.played.length > 0")
    return float(page.evaluate(f"{_VIDEO}.played.start(0)"))


def test_trying_again_goes_on_at_the_place_where_the_film_broke_off_and_that_place_stays_kept(
    page: Page, enter: Callable[..., None], faults: list[str]
) -> None:
    faults += ["ERR_INTERNET_DISCONNECTED", _REFUSED_BY_STORAGE]
    enter(page)
    _open(page)
    _stop_at(page, 3)
    page.route("**/api/**", lambda route: route.abort("internetdisconnected"))
    page.route(_SEGMENT, lambda route: steps.refuse(route, 403))
    page.route("**/1080p/index.m3u8", lambda route: route.continue_())
    player = page.locator("media-controller")
    player.press("f")
    steps.until(page, _MESSAGES_ARE_IN_FULL_SCREEN)
    with page.expect_request(_keeps_a_place) as kept:
        steps.choose(page, "Quality", "1080p")  # of which nothing has been fetched
        again = page.get_by_role("button", name="Try again")
        expect(again).to_be_visible()
        page.unroute_all()
        again.click()  # it is seen in full screen, too
        expect(player).to_be_focused()
        assert _began(page) >= 3
        steps.until(page, f"{_VIDEO}.currentTime > 3.2")
        page.evaluate(f"{_VIDEO}.pause()")
    assert _said(kept.value) >= 3


def test_a_film_that_was_paused_until_its_addresses_expired_plays_on_in_the_chosen_quality(
    page: Page, enter: Callable[..., None], faults: list[str]
) -> None:
    faults.append(_REFUSED_BY_STORAGE)
    waiting: list[Route] = []
    renewed: list[Request] = []
    enter(page)
    _open(page)
    _stop_at(page, 3)
    page.route(_SEGMENT, lambda route: waiting.extend([route]))
    steps.choose(page, "Quality", "1080p")
    page.evaluate(f"void {_VIDEO}.play()")
    page.on("request", lambda request: "/master.m3u8" in request.url and renewed.append(request))
    page.route(_SEGMENT, lambda route: route.continue_() if renewed else steps.refuse(route, 403))
    with page.expect_response("**/master.m3u8"):
        for route in waiting:
            steps.refuse(route, 403)
    assert _began(page) >= 3
    steps.until(page, f"{_VIDEO}.videoHeight == 1080")
    expect(page.locator(_CHOSEN)).to_have_js_property("value", "1080p")


def test_a_connection_that_is_away_takes_nothing_of_what_was_loaded_and_the_film_goes_on_by_itself(
    page: Page, enter: Callable[..., None], stack: Stack, faults: list[str]
) -> None:
    faults.append("ERR_INTERNET_DISCONNECTED")
    held: list[Route] = []
    lost: list[str] = []
    assert stack.demo().call("PUT", f"/api/video/{steps.demo_film(stack)}/position/", {"seconds": 0}).status == 200
    enter(page)
    page.evaluate(_HASTY)
    page.route(_LATER_SEGMENT, lambda route: held.extend([route]))
    page.locator("a.card", has_text=steps.DEMO_FILM).first.click()
    steps.until(page, f"{_VIDEO} !== null && {_VIDEO}.buffered.length > 0")
    with page.expect_request(lambda request: "/480p/" in request.url and bool(_LATER_SEGMENT.search(request.url))):
        steps.choose(page, "Quality", "480p")
        steps.seek(page, 0)
    steps.until(page, f"{_VIDEO}.videoHeight == 480")
    loaded = page.evaluate(f"{_VIDEO}.buffered.end(0)")
    page.on("console", lambda message: message.text == "emptied" and lost.append(message.text))
    page.evaluate(f"{_VIDEO}.addEventListener('emptied', () => console.warn('emptied'))")
    page.context.set_offline(True)
    steps.until(page, "!navigator.onLine")
    page.route(_LATER_SEGMENT, lambda route: route.abort("internetdisconnected"))
    with page.expect_console_message(lambda message: "The film waits for the connection" in message.text):
        held[-1].abort("internetdisconnected")
    page.unroute_all()
    page.context.set_offline(False)
    steps.until(page, f"{_VIDEO}.currentTime > {loaded} + 1")
    assert page.evaluate(f"{_VIDEO}.videoHeight") == 480
    assert lost == []
    expect(page.locator(".breakdown")).to_have_count(0)


def test_a_film_that_is_opened_without_a_connection_begins_at_the_kept_place_once_there_is_one(
    page: Page, enter: Callable[..., None], stack: Stack, faults: list[str]
) -> None:
    faults.append("ERR_INTERNET_DISCONNECTED")
    assert stack.demo().call("PUT", f"/api/video/{steps.demo_film(stack)}/position/", {"seconds": 7}).status == 200
    enter(page)
    page.evaluate(_PLAYER_IS_LOADED)
    page.context.set_offline(True)
    steps.until(page, "!navigator.onLine")
    with page.expect_console_message(lambda message: "The film waits for the connection" in message.text):
        page.locator("a.card", has_text=steps.DEMO_FILM).first.click()
    page.context.set_offline(False)
    assert _began(page) >= 7
    expect(page.get_by_role("status").filter(has_text="You go on at 0:07")).to_be_visible()


def test_an_api_that_fails_is_said_also_where_the_browser_believes_that_it_is_offline(
    page: Page, enter: Callable[..., None], faults: list[str]
) -> None:
    """As on a laptop without a network that has the stack itself."""
    faults.append("the server responded with a status of 503")
    page.add_init_script(_SEEMS_OFFLINE)
    enter(page)
    page.evaluate(_HASTY)
    page.route(_SEGMENT, lambda route: steps.refuse(route, 503))
    page.locator("a.card", has_text=steps.DEMO_FILM).first.click()
    expect(page.locator(".breakdown")).to_contain_text("The film cannot be played at the moment.")


def test_a_position_that_did_not_arrive_is_sent_again_when_somebody_leaves(
    page: Page, enter: Callable[..., None], faults: list[str]
) -> None:
    faults.append("/position/")
    enter(page)
    _open(page)
    _stop_at(page, 2)
    page.route("**/position/", lambda route: steps.refuse(route, 503))
    with page.expect_console_message(lambda message: "The position was not kept" in message.text):
        page.evaluate(f"{_VIDEO}.currentTime = 3")
    page.unroute_all()
    with page.expect_request(_keeps_a_place) as kept:
        page.goto("/#/")
    assert _said(kept.value) == 3


def test_a_session_that_cannot_be_refreshed_for_a_moment_does_not_take_the_film_away(
    page: Page, enter: Callable[..., None], faults: list[str]
) -> None:
    faults.append("/api/token/refresh/")
    enter(page)
    _open(page)
    _stop_at(page, 1)
    page.context.clear_cookies(name="access_token")
    page.route("**/api/token/refresh/", lambda route: steps.refuse(route, 503))
    with page.expect_console_message(lambda message: "The position was not kept" in message.text):
        page.evaluate(f"{_VIDEO}.currentTime = 2")
    page.unroute_all()
    _stop_at(page, 3)
    expect(steps.account_menu(page)).to_be_visible()


def test_an_api_that_cannot_tell_who_is_logged_in_asks_nobody_to_log_in(
    page: Page, enter: Callable[..., None], faults: list[str]
) -> None:
    faults.append("/api/account/")
    enter(page)
    page.route("**/api/account/", lambda route: steps.refuse(route, 503))
    title, again = page.get_by_role("heading", level=1), page.get_by_role("button", name="Try again")
    for address, name in (("/studio/#/", "Studio"), ("/#/search?q=mandel", "Films for “mandel”")):
        page.goto(address)
        expect(page.get_by_role("alert").filter(has_text="Videoflix does not answer")).to_be_visible()
        with page.expect_response("**/api/account/"):
            again.click()
        page.unroute_all()
        again.click()
        expect(title).to_have_text(name)
        page.route("**/api/account/", lambda route: steps.refuse(route, 503))
    page.goto("/#/login?next=%2Faccount")  # an old link
    expect(title).to_have_text("Account")


def test_a_page_that_did_not_learn_where_the_api_is_asks_once_more(
    page: Page, enter: Callable[..., None], faults: list[str]
) -> None:
    faults.append("/config.json")
    enter(page)
    page.route("**/config.json", lambda route: route.fulfill(status=503, json={}), times=1)
    page.goto("/studio/#/")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Studio")


def test_try_again_is_of_the_page_that_is_seen(page: Page, enter: Callable[..., None], faults: list[str]) -> None:
    faults.append("/api/video/")
    page.route("**/api/video/**", lambda route: steps.refuse(route, 503))
    enter(page)
    again = page.get_by_role("alert").get_by_role("button", name="Try again")
    of_the_first = again.element_handle()
    page.goto("/#/account")
    expect(page.get_by_role("heading", level=1, name="Account")).to_be_visible()
    page.goto("/#/")
    of_the_first.wait_for_element_state("hidden")
    page.unroute_all()
    again.click()
    expect(page.locator("a.card").first).to_be_visible()


def test_a_picture_whose_address_expired_is_seen_all_the_same(
    page: Page, enter: Callable[..., None], faults: list[str]
) -> None:
    faults.append(_REFUSED_BY_STORAGE)
    page.clock.install()
    page.route("**/thumbnail*", lambda route: steps.refuse(route, 403), times=1)
    enter(page)
    expect(page.locator(".hero .poster")).to_contain_class("seen")
    page.clock.fast_forward("26:00")
    with page.expect_request("**/api/video/"):  # whose pictures have addresses that work
        page.locator("a.card", has_text=steps.DEMO_FILM).first.click()


def test_the_studio_follows_a_film_through_a_moment_without_answers(
    page: Page, enter: Callable[..., None], stack: Stack, faults: list[str]
) -> None:
    faults += ["ERR_INTERNET_DISCONNECTED", "/status/"]
    answers = [_is_encoded, lambda route: route.abort("internetdisconnected"), lambda route: steps.refuse(route, 503)]
    enter(page)
    page.route("**/status/", lambda route: answers.pop(0)(route) if len(answers) > 1 else answers[0](route))
    with page.expect_response(lambda answer: answer.status == 503):
        page.goto(f"/studio/#/film/{steps.demo_film(stack)}")
        expect(page.locator(".life")).to_contain_text("Encoding 42 %")
    timeline = page.locator(".timeline")
    timeline.locator("summary").press("Enter")
    trouble = page.get_by_role("alert").filter(has_text="keeps asking")
    expect(trouble).to_be_visible()
    page.unroute_all()
    expect(page.locator(".life")).to_contain_text("Ready")
    expect(trouble).to_be_hidden()
    expect(timeline.get_by_role("list")).to_be_hidden()  # as it was left
    expect(timeline.locator("summary")).to_be_focused()


def _is_encoded(route: Route) -> None:
    steps.change(route, lambda status: {**status, "state": "encoding", "percent": 42})
