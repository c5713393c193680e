"""Whoever reads by keyboard or ear stays where they are when content comes."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.e2e import steps

_FAR = "(strip) => strip.scrollLeft"


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
