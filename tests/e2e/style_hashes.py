"""Write `web/vendor/media-chrome/styles.csp` anew from a running stack: `python -m tests.e2e.style_hashes`.

The page is opened without its policy, a film is played, and every style that an element brought with it is hashed.
"""

import shutil
import sys

from playwright.sync_api import Page, sync_playwright

from localstack.stack import load
from tests.e2e import steps
from tests.stack import ROOT

_LATER = ("media-keyboard-shortcuts-dialog", "media-error-dialog", "media-chrome-dialog")  # made when they are needed
_HASHES = """async () => {
    const found = new Set();
    const walk = async (root) => {
        for (const element of root.querySelectorAll('*')) {
            if (element.shadowRoot) await walk(element.shadowRoot);
            if (element.localName !== 'style') continue;
            const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(element.textContent));
            found.add('sha256-' + btoa(String.fromCharCode(...new Uint8Array(digest))));
        }
    };
    await walk(document);
    return [...found].sort();
}"""


def main() -> int:
    """Write the file; return the exit code."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_context(base_url=load().web_url, bypass_csp=True).new_page()
        hashes = _of_a_playing_film(page)
        browser.close()
    file = ROOT / "web" / "vendor" / "media-chrome" / "styles.csp"
    file.write_text("\n".join(hashes) + "\n", encoding="ascii")
    print(f"{len(hashes)} styles")
    return 0


def _of_a_playing_film(page: Page) -> list[str]:
    page.goto("/")
    steps.log_in(page)
    steps.play(page)
    for name in _LATER:
        page.evaluate("(name) => document.querySelector('media-controller').append(document.createElement(name))", name)
    return page.evaluate(_HASHES)


if __name__ == "__main__":
    sys.exit(main())
