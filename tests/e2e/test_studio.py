"""The studio: uploads that survive interruptions, failures that are told, people and films in the hands of staff."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.e2e import steps
from tests.media import ffmpeg
from tests.stack import Client, Stack

PARTS = 3
_PART = 8 * 1024 * 1024  # bytes, of the API


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short film in a file of three parts: players skip the box at its end."""
    file = tmp_path_factory.mktemp("films") / "Long way up.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=24", "-t", "2", "-pix_fmt", "yuv420p", str(file))
    with file.open("ab") as end:
        end.write((2 * _PART + 1000).to_bytes(4) + b"free" + bytes(2 * _PART + 992))
    return file


def _pick(page: Page, *files: Path) -> None:
    page.get_by_label("Film files").set_input_files(list(files))


def _go_to_studio(page: Page, enter: Callable[..., None], person: dict[str, str] | None = None) -> None:
    enter(page, **(person or {}))
    page.get_by_role("link", name="Studio").click()
    expect(page.get_by_role("heading", level=1, name="Studio")).to_be_visible()


def test_an_upload_is_paused_survives_a_reload_and_sends_no_part_twice(
    page: Page, enter: Callable[..., None], stack: Stack, film: Path
) -> None:
    held: list[Route] = []
    sent: list[str] = []

    def hold_the_last(route: Route) -> None:
        number = route.request.url.partition("partNumber=")[2].partition("&")[0]
        if number == str(PARTS):
            held.append(route)
        else:
            sent.append(number)
            route.continue_()

    _go_to_studio(page, enter)
    page.route("**/*partNumber=*", hold_the_last)
    _pick(page, film)
    entry = page.get_by_role("list", name="Uploads").get_by_role("listitem")
    expect(entry.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "99")
    entry.get_by_role("button", name="Pause").click()
    expect(entry.get_by_role("status")).to_contain_text("Paused at")
    expect(entry.get_by_role("button", name="Resume")).to_be_focused()
    for route in held:
        route.abort()
    page.unroute_all()
    page.reload()
    with steps.counted(page, "partNumber=") as again:
        _pick(page, film)
        expect(entry).to_contain_text("Ready", timeout=60_000)
    assert sorted(sent) == ["1", "2"]
    assert ["partNumber=3" in request for request in again] == [True]
    link = entry.get_by_role("link", name=film.name)
    film_id = int((link.get_attribute("href") or "").rpartition("/")[2])
    link.click()
    page.get_by_role("button", name="Delete the film").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", level=1, name="Studio")).to_be_visible()
    assert film_id not in [each["id"] for each in stack.films()]


def test_an_upload_that_is_cancelled_while_it_is_announced_leaves_no_film(
    page: Page, enter: Callable[..., None], stack: Stack, film: Path
) -> None:
    _go_to_studio(page, enter)
    before = stack.demo().get("/api/video/?manage=true").json()
    entry = page.get_by_role("list", name="Uploads").get_by_role("listitem")

    def cancel_meanwhile(route: Route) -> None:
        expect(entry).to_contain_text("Beginning …")
        entry.get_by_role("button", name="Cancel").click()
        expect(entry).to_have_count(0)
        expect(page.get_by_role("heading", level=1)).to_be_focused()  # Tab goes on from there
        route.continue_()

    page.route("**/api/video/", cancel_meanwhile)
    with page.expect_response(lambda answer: answer.request.method == "DELETE") as gone:
        _pick(page, film)
    assert gone.value.status == 204
    assert stack.demo().get("/api/video/?manage=true").json() == before


def test_a_file_that_is_no_film_fails_with_a_sentence_and_can_be_tried_again(
    page: Page,
    enter: Callable[..., None],
    visitor: Callable[[], BrowserContext],
    staff: dict[str, str],
    tmp_path: Path,
) -> None:
    file = tmp_path / "Holiday <b>notes.mp4"
    file.write_text("no film at all")
    _go_to_studio(page, enter)
    _pick(page, file)
    entry = page.get_by_role("list", name="Uploads").get_by_role("listitem")
    sentence = "This file is not a video that can be read."
    expect(entry.get_by_role("status")).to_contain_text(sentence, timeout=60_000)
    entry.get_by_role("link").click()
    expect(page.locator(".life .trouble")).to_contain_text(sentence)
    with page.expect_response("**/transcode/") as answer, steps.counted(page, "/transcode/") as asked:
        page.get_by_role("button", name="Try again").dblclick()
    assert answer.value.status == 202
    expect(page.locator(".timeline li", has_text="failed")).to_have_count(2, timeout=60_000)
    expect(page.get_by_role("heading", name="Encoding")).to_be_focused()  # the button had gone meanwhile
    assert len(asked) == 1
    operator = visitor().new_page()
    _go_to_studio(operator, enter, staff)
    operator.get_by_role("link", name="Failed", exact=True).click()
    failed = operator.get_by_role("listitem").filter(has_text="\u2039b\u203anotes").first
    expect(failed).to_contain_text(sentence)
    with operator.expect_response("**/retry/") as answer, steps.counted(operator, "/retry/") as asked:
        failed.get_by_role("button", name="Try again").dblclick()
        expect(operator.get_by_role("status").filter(has_text="accepted")).to_be_visible()
    assert answer.value.status == 202
    assert len(asked) == 1


def test_texts_and_visibility_are_changed_and_viewers_see_it(
    page: Page,
    enter: Callable[..., None],
    visitor: Callable[[], BrowserContext],
    staff: dict[str, str],
    person: dict[str, str],
) -> None:
    _go_to_studio(page, enter, staff)
    page.get_by_role("link", name=steps.DEMO_FILM).click()
    page.get_by_label("Description").fill("<img src=x onerror=alert(1)> & more")
    page.get_by_label("Category").fill("märchen")
    page.get_by_role("switch", name="Published").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    expect(page.get_by_label("Description")).to_have_value("\u2039img src=x onerror=alert(1)\u203a & more")
    other = visitor().new_page()
    enter(other, **person)  # who neither owns it nor is staff
    other.goto(f"/#/watch/{page.url.rpartition('/')[2]}")
    expect(other.get_by_role("heading", name="This film is not here")).to_be_visible()
    page.get_by_role("switch", name="Published").check()
    assert _save(page)["published"] is True
    other.goto("/#/")
    other.reload()
    other.locator("a.card", has_text=steps.DEMO_FILM).first.click()
    expect(other.get_by_text("\u2039img src=x onerror=alert(1)\u203a & more")).to_be_visible()
    expect(other.locator(".about-film")).to_contain_text("Märchen")
    page.get_by_label("Description").fill("")
    page.get_by_label("Category").fill("documentary")
    assert _save(page)["category"] == "documentary"


def _save(page: Page) -> dict[str, Any]:
    """Save the form; return the film as the API keeps it."""
    with page.expect_response(lambda answer: answer.request.method == "PATCH") as answer:
        page.get_by_role("button", name="Save").click()
    kept: dict[str, Any] = answer.value.json()
    return kept


def _announced(stack: Stack, person: dict[str, str]) -> tuple[Client, int]:
    """A film without a file, and a client of its owner."""
    owner = stack.client()
    assert owner.post("/api/login/", person).status == 200
    made = owner.post("/api/video/", {"title": "Mispeled", "filename": "film.mp4", "size": 1000, "publish": True})
    assert made.status == 201, made.body
    return owner, made.json()["id"]


def test_saving_one_text_leaves_alone_what_was_changed_elsewhere(
    page: Page, enter: Callable[..., None], stack: Stack, person: dict[str, str]
) -> None:
    owner, film_id = _announced(stack, person)
    enter(page, **person)
    page.goto(f"/studio/#/film/{film_id}")
    page.get_by_label("Description").fill("no typo any more")
    elsewhere = {"title": "Misspelled", "published": False}
    assert owner.call("PATCH", f"/api/video/{film_id}/", elsewhere).status == 200
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    kept = owner.get(f"/api/video/{film_id}/").json()
    assert {name: kept[name] for name in elsewhere} == elsewhere
    assert kept["description"] == "no typo any more"
    expect(page.get_by_label("Title")).to_have_value("Misspelled")
    expect(page.get_by_role("switch", name="Published")).not_to_be_checked()


def test_what_is_changed_while_the_form_is_saved_stays_and_is_saved_next(
    page: Page, enter: Callable[..., None], stack: Stack, person: dict[str, str]
) -> None:
    held: list[Route] = []
    owner, film_id = _announced(stack, person)
    title, published = page.get_by_label("Title"), page.get_by_role("switch", name="Published")
    save = page.get_by_role("button", name="Save")
    enter(page, **person)
    page.goto(f"/studio/#/film/{film_id}")
    page.get_by_label("Description").fill("first")
    page.route("**/api/video/*/", lambda route: held.extend([route]), times=1)
    with page.expect_request(lambda request: request.method == "PATCH"):
        save.click()
    title.fill("Second")
    published.uncheck()
    held[0].continue_()
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    expect(title).to_have_value("Second")
    expect(published).not_to_be_checked()
    with page.expect_response(lambda answer: answer.request.method == "PATCH") as answer:
        save.click()
    assert answer.value.request.post_data_json == {"title": "Second", "published": False}
    kept = owner.get(f"/api/video/{film_id}/").json()
    assert (kept["title"], kept["description"], kept["published"]) == ("Second", "first", False)


def test_a_double_click_asks_for_one_encoding(
    page: Page, enter: Callable[..., None], stack: Stack, person: dict[str, str]
) -> None:
    _, film_id = _announced(stack, person)
    enter(page, **person)
    page.route("**/transcode/", lambda route: steps.refuse(route, 409, "Transcode already in progress."))
    page.goto(f"/studio/#/film/{film_id}")
    with steps.counted(page, "/transcode/") as asked:
        page.get_by_role("button", name="Encode again").dblclick()
        expect(page.get_by_role("alert").filter(has_text="already in progress")).to_be_visible()
    assert len(asked) == 1


def test_a_folder_is_not_taken_for_a_film(
    page: Page, enter: Callable[..., None], person: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "Holidays"
    folder.mkdir()
    enter(page, **person)
    page.goto("/studio/#/")
    expect(page.get_by_role("heading", level=1, name="Studio")).to_be_visible()
    _drop(page, folder)
    expect(page.get_by_role("alert").filter(has_text="Holidays: not a film that can be uploaded.")).to_be_visible()
    expect(page.get_by_role("list", name="Uploads")).to_be_hidden()


def _drop(page: Page, path: Path) -> None:
    """Drop something of this machine; events that a page makes itself have no folders."""
    browser = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    for step in ("dragEnter", "dragOver", "drop"):
        browser.send("Input.dispatchDragEvent", {"type": step, "x": 100, "y": 100, "data": data})


def test_staff_lets_somebody_out_and_in_again(
    page: Page,
    enter: Callable[..., None],
    visitor: Callable[[], BrowserContext],
    staff: dict[str, str],
    stack: Stack,
) -> None:
    email, password = f"guest-{uuid4()}@example.com", "a guest's password"
    made = (
        stack.client()
        .post("/api/register/", {"email": email, "password": password, "confirmed_password": password})
        .json()
    )
    assert stack.client().get(f"/api/activate/{made['uidb64']}/{made['token']}/").status == 200
    guest = visitor().new_page()
    enter(guest, email=email, password=password)
    _go_to_studio(page, enter, staff)
    page.get_by_role("link", name="People").click()
    search, late = page.get_by_role("searchbox", name="Search people"), "guest"
    page.route(f"**/users/?q={late}", lambda route: None)  # whose answer would come after the next one's
    with page.expect_event("requestfailed", lambda look: look.url.endswith(late)):
        with page.expect_request(f"**/users/?q={late}"):
            search.fill(late)
        search.fill(email)
    entry = page.get_by_role("listitem").filter(has_text=email)
    entry.get_by_role("button", name="Deactivate").click()
    page.get_by_role("dialog").get_by_role("button", name="Deactivate").click()
    expect(entry).to_contain_text("Inactive")
    guest.reload()
    expect(guest.get_by_role("button", name="Log in", exact=True)).to_be_visible()
    entry.get_by_role("button", name="Activate").click()
    expect(entry.get_by_text("Active", exact=True)).to_be_visible()


def test_a_list_of_people_that_is_cut_short_does_not_call_it_all_there_is(
    page: Page, enter: Callable[..., None], staff: dict[str, str]
) -> None:
    enter(page, **staff)
    page.route("**/users/?q=", lambda route: steps.change(route, lambda people: people[:1] * 100))
    page.goto("/studio/#/people")
    expect(page.get_by_text("100+ people")).to_be_visible()


def test_the_original_admin_address_leads_to_the_studio(page: Page, stack: Stack) -> None:
    page.goto(f"http://127.0.0.1:{stack.api}/admin/")
    steps.log_in(page)
    expect(page.get_by_role("heading", level=1, name="Studio")).to_be_visible()


def test_the_picture_that_is_chosen_becomes_the_films_thumbnail(page: Page, enter: Callable[..., None]) -> None:
    _go_to_studio(page, enter)
    page.get_by_role("link", name=steps.DEMO_FILM).click()
    shown = page.locator(".film-page .picture img")
    expect(shown).to_have_js_property("complete", value=True)
    before = str(shown.get_attribute("src"))
    others = page.get_by_role("button", name="Picture at", pressed=False)
    expect(others.nth(6)).to_be_visible()
    name = str(others.nth(6).get_attribute("aria-label"))
    choice = page.get_by_role("button", name=name)
    choice.click()
    expect(page.get_by_role("status").filter(has_text="The poster was changed.")).to_be_visible(timeout=60_000)
    expect(choice).to_have_attribute("aria-pressed", "true")
    expect(shown).not_to_have_attribute("src", before)
    chosen = str(shown.get_attribute("src"))
    steps.until(page, "document.querySelector('.film-page .picture img').naturalWidth > 0")
    page.reload()
    expect(choice).to_have_attribute("aria-pressed", "true")
    page.goto("/")
    card = page.locator("a.card", has_text=steps.DEMO_FILM).first.locator("img")
    expect(card).to_have_attribute("src", chosen)


def test_staff_sees_the_plan_and_the_cost_of_a_film(
    page: Page, enter: Callable[..., None], staff: dict[str, str]
) -> None:
    _go_to_studio(page, enter, staff)
    page.get_by_role("link", name=steps.DEMO_FILM).click()
    plan = page.get_by_role("region", name="Plan")
    expect(plan.get_by_role("row")).to_have_count(4)
    expect(plan.get_by_role("row", name="1080p")).to_contain_text("1920")
    expect(plan.get_by_role("row", name="1080p")).to_contain_text("Encoding")
    expect(plan).to_contain_text("Chunks")
    expect(plan).to_contain_text("GB-seconds")
