"""Whoever reads by keyboard or ear stays where they are when content comes."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.e2e import steps
from tests.stack import Stack

_FAR = "(strip) => strip.scrollLeft"
_FOUND_OR_MANAGED = re.compile(r"/api/video/\?(limit|manage)=")
_IS_CLEAR_OF_THE_BAR = """(one) =>
    one.getBoundingClientRect().top >= document.querySelector('.bar').getBoundingClientRect().bottom"""


def _films(count: int) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    """Make a list of so many films: copies of its first, the latest first."""
    return lambda films: [{**films[0], "id": number, "title": f"Film {number}"} for number in range(count, 0, -1)]


def test_the_heading_keeps_the_focus_when_what_it_stands_over_comes(page: Page, enter: Callable[..., None]) -> None:
    enter(page)
    page.goto("/#/account")
    page.reload()  # so that no films are remembered
    page.get_by_role("link", name="Films", exact=True).click()
    expect(page.locator(".hero h1")).to_be_focused()
    page.route("**/js/player/player.js", lambda route: None)  # which would have the focus
    page.locator("a.card", has_text=steps.DEMO_FILM).first.click()
    expect(page.locator(".about-film .facts")).to_be_visible()
    expect(page.locator(".about-film h1")).to_be_focused()
    page.goto("/studio/#/")
    page.get_by_role("link", name=steps.DEMO_FILM).click()
    expect(page.locator(".head h1")).to_be_focused()


def test_a_fresh_list_of_films_leaves_one_at_the_film_that_one_had_come_to(
    page: Page, enter: Callable[..., None]
) -> None:
    held: list[Route] = []
    row = page.get_by_role("region", name="New", exact=True)
    film, strip = row.get_by_role("link", name="Film 4"), row.get_by_role("list")
    page.route("**/api/video/", lambda route: steps.change(route, _films(12)))
    enter(page)
    expect(film).to_be_attached()
    page.goto("/#/account")
    page.route("**/api/video/", lambda route: held.extend([route]))
    with page.expect_request("**/api/video/"):
        page.goto("/#/")
    film.focus()
    before = strip.evaluate(_FAR)
    assert before > 0
    for route in held:
        steps.change(route, _films(13))
    expect(row.get_by_role("link", name="Film 13")).to_be_attached()
    expect(film).to_be_focused()
    assert strip.evaluate(_FAR) == before


def test_a_list_that_is_made_anew_leaves_the_focus_where_it_was(
    page: Page, enter: Callable[..., None], staff: dict[str, str], stack: Stack
) -> None:
    failed, captions = [_failed(number) for number in (3, 2, 1)], [{"language": "de"}]

    def shorten(entries: list[Any], route: Route, status: int) -> None:
        entries.pop()
        steps.answer(route, status, {"detail": "Transcode accepted"})

    page.route("**/operations/failed/", lambda route: steps.change(route, lambda _: failed))
    page.route("**/retry/", lambda route: shorten(failed, route, 202))
    page.route("**/captions/", lambda route: steps.change(route, lambda _: captions))
    page.route("**/captions/de/", lambda route: shorten(captions, route, 204))
    enter(page, **staff)
    page.goto("/studio/#/failed")
    for number, neighbour in ((1, 2), (2, 3)):
        page.get_by_role("button", name=f"Try again: Film {number}").press("Enter")
        expect(page.get_by_role("button", name=f"Try again: Film {neighbour}")).to_be_focused()
    page.get_by_role("button", name="Try again: Film 3").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.goto(f"/studio/#/film/{steps.demo_film(stack)}")
    page.get_by_role("button", name="Remove captions: German").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Remove").press("Enter")
    expect(page.get_by_role("heading", name="Captions")).to_be_focused()


def _failed(number: int) -> dict[str, Any]:
    why = {"code": "not_a_video", "message": "This file is not a video.", "step": "prepare"}
    of = {"id": number, "title": f"Film {number}", "owner_id": 1}
    return of | {"attempt": 1, "failed_at": "2026-01-01T12:00:00Z", "failure": why}


def test_who_comes_back_to_a_long_list_is_where_they_were_and_sees_the_state_of_each_film(
    page: Page, enter: Callable[..., None]
) -> None:
    page.route(_FOUND_OR_MANAGED, lambda route: steps.change(route, _films(90)))
    page.route("**/status/", lambda route: steps.answer(route, 200, {"state": "failed", "percent": 0}))
    enter(page)
    with steps.counted(page, "/status/") as asked:
        for address, elsewhere, films in (
            ("/#/search?q=mandel", "/#/account", page.locator(".grid a.card")),
            ("/studio/#/", "/studio/#/nowhere", page.locator("a.film")),
        ):
            page.goto(address)
            expect(films).to_have_count(90)
            films.nth(80).scroll_into_view_if_needed()
            place = page.evaluate("scrollY")
            assert place > 0
            page.goto(elsewhere)
            expect(films).to_have_count(0)
            page.go_back()
            steps.until(page, f"scrollY === {place}")
    expect(films.nth(80).locator(".failed")).to_have_text("Failed")
    assert len(asked) < 60  # of those that were seen, there and back
    films.nth(80).focus()
    films.nth(79).evaluate("(film) => scrollBy(0, film.getBoundingClientRect().top - 10)")  # behind the bar
    page.keyboard.press("Shift+Tab")
    expect(films.nth(79)).to_be_focused()
    assert films.nth(79).evaluate(_IS_CLEAR_OF_THE_BAR)
