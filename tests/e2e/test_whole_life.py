"""The whole life of a viewer and of a film, through the page and nothing else."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e import steps
from tests.media import ffmpeg
from tests.stack import eventually

_EMAIL, _PASSWORD = f"newcomer-{uuid4()}@example.com", "a password of a newcomer"
_TITLE = "First light"
_SECONDS = 8
_VIDEO = "document.querySelector('video')"


def test_from_registration_to_logout(
    page: Page, visitor: Callable[[], BrowserContext], picture: Callable[..., None], tmp_path: Path
) -> None:
    _register(page)
    _activate_by_mail(page)
    steps.log_in(page, _EMAIL, _PASSWORD)
    _upload(page, _film(tmp_path))
    _watch_it_grow(page, picture)
    page.get_by_role("link", name=_TITLE).first.click()
    page.get_by_role("link", name="Watch").click()
    steps.expect_moving(page)
    for name in ("1080p", "480p", "720p"):
        steps.choose(page, "Quality", name)
        steps.seek(page, 0)
        steps.until(page, f"{_VIDEO}.videoHeight == {name[:-1]}")
        steps.expect_moving(page)
    _seek_with_preview(page, picture)
    _resume_elsewhere(visitor().new_page())
    steps.log_out(page)


def _film(folder: Path) -> Path:
    file = folder / f"{_TITLE}.mp4"
    picture = f"testsrc2=size=1920x1080:rate=10:duration={_SECONDS}"
    sound = f"sine=frequency=330:duration={_SECONDS}"
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest"]
    ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, *coded, str(file))
    return file


def _register(page: Page) -> None:
    page.goto("/#/register")
    page.get_by_label("E-mail").fill(_EMAIL)
    page.get_by_label("Password", exact=True).fill(_PASSWORD)
    page.get_by_label("Repeat the password").fill(_PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(
        page.get_by_role("status").filter(has_text=_EMAIL)
    ).to_be_focused()  # the form is gone, and the focus was in it


def _activate_by_mail(page: Page) -> None:
    page.get_by_role("link", name="Open the mailbox of this stack").click()
    page.get_by_label("Only mails to").fill(_EMAIL)
    page.get_by_role("button", name="Activate your Videoflix account").click(timeout=30_000)
    with page.context.expect_page() as opened:
        page.frame_locator("iframe").get_by_role("link", name="Activate account").click()
    activation = opened.value
    expect(activation.get_by_text("Account successfully activated.")).to_be_visible()
    activation.close()
    page.goto("/")


def _upload(page: Page, file: Path) -> None:
    page.get_by_role("link", name="Upload the first one").or_(page.get_by_role("link", name="Studio")).first.click()
    expect(page.get_by_role("heading", name="No films yet")).to_be_visible()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose files").click()
    chooser.value.set_files(file)


def _watch_it_grow(page: Page, picture: Callable[..., None]) -> None:
    entry = page.get_by_role("list", name="Uploads").get_by_role("listitem")
    bar = entry.get_by_role("progressbar", name=f"{_TITLE}.mp4: encoding")
    seen: list[int] = []

    def finished() -> bool | None:
        ready = "Ready" in (entry.text_content() or "")  # before the percent, which is at its end then
        percent = int(bar.get_attribute("aria-valuenow") or 0) if bar.count() else 0
        if not seen or percent != seen[-1]:
            seen.append(percent)
            picture(page, "encoding")
        return ready or None

    eventually(finished, timeout=120)
    assert len(seen) >= 3, f"the percent did not grow before one's eyes: {seen}"
    assert seen == sorted(seen), f"the percent went back: {seen}"
    assert seen[-1] == 100


def _seek_with_preview(page: Page, picture: Callable[..., None]) -> None:
    seek_bar = page.locator("media-time-range")
    box = seek_bar.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("media-preview-time-display").first).to_contain_text("0:04")
    preview = page.locator("media-preview-thumbnail").first
    expect(preview).to_be_visible()
    steps.until(page, steps.PREVIEW_IS_SEEN)
    picture(page, "preview")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    steps.until(page, f"Math.abs({_VIDEO}.currentTime - {_SECONDS / 2}) < 1.5")
    with page.expect_response(lambda answer: "/position" in answer.url and answer.request.method == "PUT"):
        page.evaluate(f"{_VIDEO}.pause()")


def _resume_elsewhere(page: Page) -> None:
    page.goto("/")
    steps.log_in(page, _EMAIL, _PASSWORD)
    page.get_by_role("region", name="Continue watching").get_by_role("link", name=_TITLE).click()
    steps.until(page, f"{_VIDEO} !== null && {_VIDEO}.currentTime > 2")
    steps.expect_moving(page)
