"""A frontend made for the original backend, on another port than the API, finds everything as it knows it."""

from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Route

from tests.e2e import steps
from tests.stack import DEMO, Stack

_FILES = Path(__file__).parent / "foreign"


@pytest.fixture
def frontend(page: Page, stack: Stack) -> Page:
    """The frontend's page, at the origin that the API expects its frontend at, without the rules of our own page."""

    def serve(route: Route) -> None:
        name = route.request.url.partition("?")[0].rpartition("/")[2]
        route.fulfill(path=_FILES / (name or "index.html"))

    page.route("**/foreign/**", serve)
    page.goto(f"/foreign/?api=http://127.0.0.1:{stack.api}")
    steps.until(page, "window.frontend !== undefined")
    return page


def _log_in(frontend: Page) -> dict:
    return frontend.evaluate(
        "([email, password]) => frontend.login(email, password)", [DEMO["email"], DEMO["password"]]
    )


def test_it_logs_in_lists_and_plays_one_source_for_each_resolution(frontend: Page) -> None:
    answer = _log_in(frontend)
    assert (answer["status"], answer["data"]["detail"]) == (200, "Login successful")
    films = frontend.evaluate("frontend.list()")["data"]
    assert list(films[0]) == ["id", "created_at", "title", "description", "thumbnail_url", "category"]
    film = next(film for film in films if film["title"] == steps.DEMO_FILM)
    assert frontend.evaluate("(url) => frontend.thumbnail(url)", film["thumbnail_url"]) > 0
    for name in ("480p", "720p", "1080p"):
        height = frontend.evaluate("([id, name]) => frontend.play(id, name)", [film["id"], name])
        assert f"{height}p" == name


def test_its_refresh_has_an_empty_body_and_its_logout_reads_the_csrftoken(frontend: Page) -> None:
    _log_in(frontend)
    frontend.context.clear_cookies(name="access_token")
    assert frontend.evaluate("frontend.list()")["status"] == 401
    answer = frontend.evaluate("frontend.refresh()")
    assert (answer["status"], answer["data"]["detail"]) == (200, "Token refreshed")
    assert frontend.evaluate("frontend.list()")["ok"]
    answer = frontend.evaluate("frontend.logout()")
    assert answer["status"] == 200
    assert answer["data"]["detail"].startswith("Logout successful!")
    assert frontend.evaluate("frontend.list()")["status"] == 401


def test_its_registration_sends_a_field_that_the_api_does_not_know(frontend: Page) -> None:
    email = f"foreign-{uuid4()}@example.com"
    answer = frontend.evaluate("(email) => frontend.register(email, 'a long password')", email)
    assert (answer["status"], answer["data"]["user"]["email"]) == (201, email)
    again = frontend.evaluate("(email) => frontend.register(email, 'a long password')", email)
    assert again["data"]["errors"] == {"email": ["A user with this email already exists."]}
