"""Uploads that were cancelled, begun twice or anew elsewhere, refused, too long, or whose last answer got lost."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from tests.e2e import steps

_SPENT = "You have uploaded as much as you may today."
_NO_FILM = "This file is not a video that can be read."
_PART = 8 * 1024 * 1024  # bytes, of the API
_AT_ONCE = 3  # parts under way


def _file(folder: Path, name: str) -> Path:
    file = folder / name
    file.write_text("no film at all")
    return file


def _pick(page: Page, *files: Path) -> None:
    page.get_by_label("Film files").set_input_files(list(files))


def _entries(page: Page) -> Locator:
    return page.get_by_role("list", name="Uploads").get_by_role("listitem")


def _cancel(page: Page, name: str) -> None:
    """Cancel the latest upload of a file of that name."""
    entries = _entries(page).filter(has_text=name)
    others = entries.count() - 1
    entries.last.get_by_role("button", name="Cancel").click()
    expect(entries).to_have_count(others)


def _already(page: Page, name: str) -> Locator:
    return page.get_by_role("status").filter(has_text=f"{name} is in the list of uploads already.")


def _renewals(page: Page) -> list[Request]:
    """Collect what asks for fresh addresses of parts."""
    seen: list[Request] = []
    page.on("request", lambda it: it.method == "POST" and it.url.endswith("/upload/parts/") and seen.append(it))
    return seen


def test_a_file_that_replaces_a_films_own_never_takes_the_film_with_it(
    page: Page, enter: Callable[..., None], staff: dict[str, str], tmp_path: Path
) -> None:
    first, second = _file(tmp_path, "X.mp4"), _file(tmp_path, "Y.mp4")
    picker, calls = page.get_by_label("New file"), "/api/video/"
    enter(page, **staff)
    page.route("**/*partNumber=*", lambda route: None)  # on its way until the test is over
    page.goto("/studio/#/")
    page.get_by_role("link", name=steps.DEMO_FILM).click()
    picker.set_input_files(first)
    expect(picker).to_have_value("")  # or a browser would not take the same file again
    pause = _entries(page).get_by_role("button", name="Pause: X.mp4")
    expect(pause).to_be_visible()
    with steps.counted(page, calls) as asked:
        picker.set_input_files(second)  # waits until the first is sent
        _cancel(page, "Y.mp4")
        picker.set_input_files(first)
        expect(_already(page, "X.mp4")).to_be_visible()
        pause.click()
    assert [call for call in asked if not call.startswith("GET")] == []
    page.reload()
    film = page.url
    page.get_by_role("link", name="Studio").first.click()
    page.route("**/api/video/", lambda route: steps.refuse(route, 429, _SPENT, retry_after=80_000))
    with steps.counted(page, calls) as asked:
        _pick(page, first, second)
        expect(_entries(page).filter(has_text=_SPENT)).to_have_count(2)
        _cancel(page, "X.mp4")
        _cancel(page, "Y.mp4")
        page.goto(film)
        picker.set_input_files(first)
        expect(pause).to_be_visible()
        with page.expect_response("**/upload/abort/"):
            _cancel(page, "X.mp4")
    assert [call for call in asked if call.startswith("DELETE") or call.endswith("/upload/")] == []


def test_a_browser_whose_storage_is_full_announces_a_file_once_and_sends_it(
    page: Page, enter: Callable[..., None], person: dict[str, str], tmp_path: Path
) -> None:
    page.add_init_script(steps.STORAGE_IS_FULL)
    enter(page, **person)
    page.goto("/studio/#/")
    with steps.counted(page, "/api/video/") as asked:
        page.get_by_label("Film files").set_input_files(_file(tmp_path, "F.mp4"))
        expect(_entries(page)).to_contain_text("This file is not a video that can be read.")
    assert len([call for call in asked if call.startswith("POST") and call.endswith("/api/video/")]) == 1


def test_a_file_that_arrived_though_the_last_answer_got_lost_is_not_sent_again_and_its_film_not_deleted(
    page: Page, enter: Callable[..., None], staff: dict[str, str], faults: list[str], tmp_path: Path
) -> None:
    faults.append("ERR_INTERNET_DISCONNECTED")

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort("internetdisconnected")

    enter(page, **staff)
    page.goto("/studio/#/")
    page.route("**/upload/complete/", lose_the_answer, times=2)
    _pick(page, _file(tmp_path, "V.mp4"), _file(tmp_path, "Z.mp4"))
    expect(_entries(page).filter(has_text="Videoflix does not answer")).to_have_count(2)
    with page.expect_response("**/upload/abort/"):
        _cancel(page, "V.mp4")
    expect(page.get_by_role("link", name="V Documentary")).to_be_visible()
    with steps.counted(page, "/upload/") as asked, steps.counted(page, "partNumber=") as sent:
        _entries(page).get_by_role("button", name="Try again").click()
        expect(_entries(page)).to_contain_text(_NO_FILM)
    assert [call.rpartition("/upload/")[2] for call in asked] == ["complete/"]
    assert sent == []


def test_a_file_that_is_picked_twice_is_uploaded_once(
    page: Page, enter: Callable[..., None], person: dict[str, str], tmp_path: Path
) -> None:
    """Two would share one upload: whoever cancelled one of them lost the film of both."""
    file = _file(tmp_path, "X.mp4")
    enter(page, **person)
    page.route("**/*partNumber=*", lambda route: None)  # on its way until the test is over
    page.goto("/studio/#/")
    _pick(page, file)
    expect(_entries(page).get_by_role("button", name="Pause")).to_be_visible()
    _pick(page, file)
    expect(_already(page, "X.mp4")).to_be_visible()
    expect(_entries(page)).to_have_count(1)


def test_a_double_click_on_cancel_leaves_the_next_upload_alone(
    page: Page, enter: Callable[..., None], person: dict[str, str], tmp_path: Path
) -> None:
    enter(page, **person)
    page.route("**/*partNumber=*", lambda route: None)  # on its way until the test is over
    page.goto("/studio/#/")
    _pick(page, *(_file(tmp_path, f"{name}.mp4") for name in "XYZ"))
    expect(_entries(page).get_by_role("button", name="Pause")).to_be_visible()
    _entries(page).get_by_role("button", name="Cancel: Y.mp4").dblclick()  # Z slides under the pointer
    expect(_entries(page).get_by_role("heading")).to_have_text(["X.mp4", "Z.mp4"])


def _work_on(page: Page) -> None:
    page.clock.fast_forward("59:00")


def _sleep(page: Page) -> None:
    """Let time pass as for a computer with its lid closed: only the clock on the wall goes on."""
    page.clock.set_system_time(datetime.now(UTC) + timedelta(minutes=59))


@pytest.mark.parametrize("spend_an_hour", [_work_on, _sleep])
def test_parts_whose_turn_comes_after_an_hour_go_to_fresh_addresses(
    page: Page,
    enter: Callable[..., None],
    person: dict[str, str],
    tmp_path: Path,
    spend_an_hour: Callable[[Page], None],
) -> None:
    file = tmp_path / "Long.mp4"
    with file.open("wb") as sparse:
        sparse.truncate(_AT_ONCE * _PART + 1)
    renewals = _renewals(page)
    held: list[Route] = []
    late: list[bool] = []  # of each part that has its turn then, whether a fresh address was asked for

    def take(route: Route) -> None:
        if len(held) == _AT_ONCE:
            late.append(bool(renewals))
            route.continue_()
            return
        held.append(route)
        if len(held) == _AT_ONCE:
            spend_an_hour(page)
            for each in held:
                each.continue_()

    page.clock.install()
    enter(page, **person)
    page.route("**/*partNumber=*", take)
    page.goto("/studio/#/")
    _pick(page, file)
    expect(_entries(page)).to_contain_text(_NO_FILM)
    assert late == [True]


def test_a_part_whose_connection_broke_goes_to_a_fresh_address(
    page: Page, enter: Callable[..., None], person: dict[str, str], faults: list[str], tmp_path: Path
) -> None:
    """A storage that refuses an address may close the connection before the browser has read why."""
    faults.append("ERR_CONNECTION_RESET")
    renewals = _renewals(page)
    enter(page, **person)
    page.route("**/*partNumber=*", lambda route: route.continue_() if renewals else route.abort("connectionreset"))
    page.goto("/studio/#/")
    _pick(page, _file(tmp_path, "X.mp4"))
    expect(_entries(page)).to_contain_text(_NO_FILM)
