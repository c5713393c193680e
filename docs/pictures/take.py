"""Take the README's pictures of the page from a running stack: `.venv/bin/python -m docs.pictures.take [NAME…]`.

`page` shows whatever films the stack has, `player` and `studio` the demo film; as staff, so create an account first:
`manage.py create_admin --email staff@example.com --password "a password for staff"`.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from playwright.sync_api import Page, expect, sync_playwright

from localstack.stack import load
from tests.e2e import steps
from tests.e2e.conftest import STAFF

_FOLDER: Final = Path(__file__).parent
_SIZE: Final = (1280, 800)


def main() -> None:
    """Take the pictures that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*_PICTURES, []], help="which; nothing: all")
    names = parser.parse_args().names or list(_PICTURES)
    width, height = _SIZE
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_context(base_url=load().web_url, viewport={"width": width, "height": height}).new_page()
        page.goto("/")
        steps.log_in(page, **STAFF)
        for name in names:
            page.goto("/")
            _PICTURES[name](page)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=_FOLDER / f"{name}.png", animations="disabled")
        browser.close()


def _page(page: Page) -> None:
    expect(page.locator(".hero .poster.seen")).to_be_visible()


def _player(page: Page) -> None:
    """The film some seconds after its beginning, and the preview of another moment."""
    page.get_by_role("searchbox", name="Search films").fill(steps.DEMO_FILM)
    steps.play(page)
    page.evaluate("document.querySelector('video').pause(); document.querySelector('video').currentTime = 3.5")
    steps.until(page, "document.querySelector('track[label=thumbnails]')?.track.cues?.length > 0")
    page.locator("media-time-range").hover()
    steps.until(page, steps.PREVIEW_IS_SEEN)


def _studio(page: Page) -> None:
    page.goto("/studio/")
    page.get_by_role("searchbox", name="Search your films").fill(steps.DEMO_FILM)
    page.get_by_role("link", name=steps.DEMO_FILM).click()
    expect(page.get_by_role("region", name="Plan")).to_be_visible()
    expect(page.locator(".film-page .poster.seen")).to_be_visible()


_PICTURES: Final[Mapping[str, Callable[[Page], None]]] = MappingProxyType(
    {"page": _page, "player": _player, "studio": _studio}
)

if __name__ == "__main__":
    main()
