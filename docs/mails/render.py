"""Draws the pictures of the mails beside this file, from the very templates that are sent.

    .venv/bin/python -m docs.mails.render          # the mails
    .venv/bin/python -m docs.mails.render --logo   # the logo that travels with them, from logo.svg

Needs Chromium (on Debian: apt-get install chromium); the logo also the font Inter and pngquant (fonts-inter,
pngquant), which keep its letters and its 2 kB the same.
"""

import argparse
import base64
import shutil
import subprocess
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from functions.mail.kinds import MailKind
from functions.mail.logo import LOGO, LOGO_CID
from functions.mail.rendering import render

HERE = Path(__file__).resolve().parent
_FRONTEND = "https://videoflix.example"
_TOKEN = "uid=MTM&token=Zt3o1x5mJ0y2cW8vQ4nR7kLs9dF6hG1a"  # noqa: S105 - an example, of the real length
SAMPLES: dict[MailKind, dict[str, str]] = {
    MailKind.ACTIVATE: {"link": f"{_FRONTEND}/pages/auth/activate.html?{_TOKEN}", "hours": "72"},
    MailKind.RESET_PASSWORD: {"link": f"{_FRONTEND}/pages/auth/confirm_password.html?{_TOKEN}", "hours": "24"},
    MailKind.PASSWORD_CHANGED: {},
    MailKind.VIDEO_READY: {"title": "A summer in Lüneburg", "link": f"{_FRONTEND}/pages/video_list/index.html"},
    MailKind.VIDEO_FAILED: {
        "title": "A summer in Lüneburg",
        "reason": "The file is not a video that we can read. It may be damaged, or only part of it was uploaded.",
    },
}
_DESKTOP, _PHONE = (680, 400), (390, 400)  # CSS pixels; a picture grows to its mail's height


def draw_mails(browser: Browser) -> None:
    """Draw each mail as on a desktop, one in dark colours and one as on a phone."""
    for kind, context in SAMPLES.items():
        _shoot(browser, kind, context, f"{kind}.png", _DESKTOP)
    _shoot(browser, MailKind.ACTIVATE, SAMPLES[MailKind.ACTIVATE], "activate-dark.png", _DESKTOP, dark=True)
    _shoot(browser, MailKind.VIDEO_FAILED, SAMPLES[MailKind.VIDEO_FAILED], "video_failed-dark.png", _DESKTOP, dark=True)
    _shoot(browser, MailKind.ACTIVATE, SAMPLES[MailKind.ACTIVATE], "activate-phone.png", _PHONE)


def _shoot(
    browser: Browser, kind: MailKind, context: dict[str, str], name: str, size: tuple[int, int], *, dark: bool = False
) -> None:
    logo = base64.b64encode(LOGO.read_bytes()).decode()
    html = render(kind, context).html.replace(f"cid:{LOGO_CID}", f"data:image/png;base64,{logo}")
    page = browser.new_page(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        device_scale_factor=2 if size == _PHONE else 1,
    )
    page.set_content(html, wait_until="load")
    page.screenshot(path=HERE / name, full_page=True)
    page.close()


def draw_logo(browser: Browser) -> None:
    """Draw the logo at twice its size in the mail, for dense screens, with few colours."""
    page = browser.new_page(viewport={"width": 152, "height": 32}, device_scale_factor=2)
    page.set_content(f"<style>body{{margin:0}}svg{{display:block}}</style>{(HERE / 'logo.svg').read_text()}")
    page.screenshot(path=LOGO)
    page.close()
    # --strip: no metadata; 48 colours are enough for two reds, white and their edges
    subprocess.run(["pngquant", "48", "--strip", "--force", "--output", str(LOGO), str(LOGO)], check=True)  # noqa: S607


def main() -> None:
    """Draw what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logo", action="store_true", help="draw the logo first")
    wanted = parser.parse_args()
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        if wanted.logo:
            draw_logo(browser)
        draw_mails(browser)
        browser.close()


if __name__ == "__main__":
    main()
