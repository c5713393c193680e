"""Uploads that were cancelled, begun anew elsewhere, refused, or whose last answer got lost."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e import steps

_SPENT = "You have uploaded as much as you may today."


def _file(folder: Path, name: str) -> Path:
    file = folder / name
    file.write_text("no film at all")
    return file


def _entries(page: Page) -> Locator:
    return page.get_by_role("list", name="Uploads").get_by_role("listitem")


def _cancel(page: Page, name: str) -> None:
    """Cancel the latest upload of a file of that name."""
    entries = _entries(page).filter(has_text=name)
    others = entries.count() - 1
    entries.last.get_by_role("button", name="Cancel").click()
    expect(entries).to_have_count(others)


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
        for file in (second, first):
            picker.set_input_files(file)  # waits until the first is sent
            _cancel(page, file.name)
        pause.click()
    assert [call for call in asked if not call.startswith("GET")] == []
    page.reload()
    film = page.url
    page.get_by_role("link", name="Studio").first.click()
    page.route("**/api/video/", lambda route: steps.refuse(route, 429, _SPENT, retry_after=80_000))
    with steps.counted(page, calls) as asked:
        page.get_by_label("Film files").set_input_files([first, second])
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
    page: Page, enter: Callable[..., None], staff: dict[str, str], tmp_path: Path
) -> None:
    page.add_init_script(steps.STORAGE_IS_FULL)
    enter(page, **staff)
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
    page.get_by_label("Film files").set_input_files([_file(tmp_path, "V.mp4"), _file(tmp_path, "Z.mp4")])
    expect(_entries(page).filter(has_text="Videoflix does not answer")).to_have_count(2)
    with page.expect_response("**/upload/abort/"):
        _cancel(page, "V.mp4")
    expect(page.get_by_role("link", name="V Documentary")).to_be_visible()
    with steps.counted(page, "/upload/") as asked, steps.counted(page, "partNumber=") as sent:
        _entries(page).get_by_role("button", name="Try again").click()
        expect(_entries(page)).to_contain_text("This file is not a video that can be read.")
    assert [call.rpartition("/upload/")[2] for call in asked] == ["complete/"]
    assert sent == []
