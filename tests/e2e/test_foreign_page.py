"""A page of somebody else's that is open while the stack runs."""

import pytest
from playwright.sync_api import Page

from tests.e2e import steps
from tests.stack import Stack

_ELSEWHERE = "http://elsewhere.localhost/"
_SHOWS = """(url) => new Promise((done) => {
    Object.assign(new Image(), {onload: () => done(true), onerror: () => done(false), src: url});
})"""
_KEY = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test/20260101/us-east-1/sqs/aws4_request"


@pytest.fixture
def faults() -> list[str]:
    return ["the server responded with a status of 4", _ELSEWHERE]


def test_it_shows_posters_and_neither_sees_nor_changes_the_emulated_account(page: Page, stack: Stack) -> None:
    films = stack.demo().get("/api/video/").json()
    poster = next(film["thumbnail_url"] for film in films if film["title"] == steps.DEMO_FILM)
    page.route(_ELSEWHERE, lambda route: route.fulfill(body="<title>Elsewhere</title>", content_type="text/html"))
    page.goto(_ELSEWHERE)
    assert page.evaluate(_SHOWS, poster)
    page.evaluate(_SHOWS, f"{stack.aws_url}/?Action=CreateQueue&QueueName=by-a-picture&{_KEY}")
    assert not stack.service("sqs").list_queues(QueueNamePrefix="by-a-picture").get("QueueUrls")
    with page.expect_response("**/_ministack/health") as seen:
        page.evaluate("(url) => fetch(url, {mode: 'no-cors'}).then(() => true)", f"{stack.aws_url}/_ministack/health")
    assert seen.value.status == 403


def test_a_person_opens_the_address_of_a_poster(page: Page, stack: Stack) -> None:
    answer = page.goto(stack.demo().get("/api/video/").json()[0]["thumbnail_url"])
    assert answer is not None
    assert answer.status == 200
