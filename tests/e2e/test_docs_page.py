"""The page of the API's calls, as somebody meets it who wants to write a client."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.stack import DEMO, ROOT, Stack

DOCUMENT = json.loads((ROOT / "schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def docs(page: Page, stack: Stack) -> Page:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"http://127.0.0.1:{stack.api}/api/docs/")
    expect(page.locator(".opblock").first).to_be_visible(timeout=30_000)
    yield page
    own = f"http://127.0.0.1:{stack.api}/"
    assert [url for url in asked if not url.startswith((own, "data:"))] == [], "a request to another host"


def test_it_lists_every_call_and_its_schema(docs: Page, picture: Callable[..., None]) -> None:
    calls = sum(len(methods) for methods in DOCUMENT["paths"].values())
    expect(docs.locator(".opblock")).to_have_count(calls)
    picture(docs)
    register = docs.locator("#operations-Accounts-register")
    register.get_by_role("button").first.click()
    expect(register.get_by_text("confirmed_password").first).to_be_visible()


def test_somebody_logs_in_and_a_call_is_carried_out(docs: Page, picture: Callable[..., None]) -> None:
    _log_in(docs, DEMO["password"])
    expect(docs.locator("#who")).to_have_text(DEMO["email"])
    listing = docs.locator("#operations-Videos-list_films")
    listing.get_by_role("button").first.click()
    listing.get_by_role("button", name="Execute", exact=True).click()
    live = listing.locator(".live-responses-table")
    expect(live.locator(".response-col_status").last).to_contain_text("200", timeout=30_000)
    expect(live).to_contain_text("thumbnail_url")
    live.scroll_into_view_if_needed()
    picture(docs)


def test_a_wrong_password_is_said_and_logging_out_is_possible(docs: Page) -> None:
    bar = docs.get_by_role("banner")
    _log_in(docs, "not the password")
    expect(bar.get_by_role("status")).to_have_text("Invalid credentials.", timeout=30_000)
    _log_in(docs, DEMO["password"])
    bar.get_by_role("button", name="Log out").click()
    expect(bar.get_by_role("button", name="Log in")).to_be_visible()


def _log_in(docs: Page, password: str) -> None:
    bar = docs.get_by_role("banner")
    bar.get_by_label("E-mail").fill(DEMO["email"])
    bar.get_by_label("Password").fill(password)
    bar.get_by_role("button", name="Log in").click()
