"""How much the page weighs and how soon it shows something, in Chromium on a running stack: `python -m bench.page`.

Claims: a first visit transfers under 250 kB before somebody plays and is usable in under 1 s, and the first frame of
the demo film shows under 1 s after the click. The floors are what a program needs to fetch the same, one after
the other as a browser has to: document, account and list; multivariant playlist, media playlist, first segment.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from http.cookiejar import CookieJar

from playwright.sync_api import Browser, Page, sync_playwright

from bench import figures
from localstack.stack import DEMO_LOGIN, Stack, load

_RUNS = 5
_MOST_BYTES = 250_000
_MOST_SECONDS = 1.0
_FRAME = """() => new Promise((resolve) => {
    const look = () => {
        const video = document.querySelector('video');
        if (video) video.requestVideoFrameCallback(() => resolve(performance.now() / 1000));
        else requestAnimationFrame(look);
    };
    look();
})"""


def main() -> int:
    """Measure and print; return 1 when a claim does not hold."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("There is no Chromium on this machine.", file=sys.stderr)
        return 1
    stack = load()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        visits = [_visit(browser, stack) for _ in range(_RUNS)]
        browser.close()
    floors = [_floor(stack) for _ in range(_RUNS)]
    middle = {name: statistics.median(visit[name] for visit in visits) for name in visits[0]}
    show, play = (statistics.median(times) for times in zip(*floors, strict=True))
    print(f"Median of {_RUNS} first visits, each with an empty cache:")
    held = [
        _tell("transferred before play", middle["bytes"] / 1000, "kB", _MOST_BYTES / 1000),
        _tell("login usable after", middle["usable"], "s", _MOST_SECONDS),
        _tell("films shown after a reload", middle["films"], "s", _MOST_SECONDS, floor=show),
        _tell("first frame after the click", middle["frame"], "s", _MOST_SECONDS, floor=play),
    ]
    return 0 if all(held) else 1


def _tell(what: str, value: float, unit: str, most: float, floor: float | None = None) -> bool:
    ratio = f", {value / floor:.1f} times the floor of {floor:.2f} {unit}" if floor else ""
    figures.keep(f"page: {what}", value, unit, most)
    print(f"  {what:28} {value:8.2f} {unit:2}  (claim: under {most:g} {unit}{ratio})")
    return value < most


def _visit(browser: Browser, stack: Stack) -> dict[str, float]:
    """Visit, log in, reload and play, as somebody does who was never here; answers bytes and seconds."""
    page = browser.new_context(base_url=stack.web_url, viewport={"width": 1280, "height": 800}).new_page()
    weight = _weighed(page)
    usable = _timed(lambda: _open(page))
    page.get_by_label("E-mail").fill(DEMO_LOGIN[0])
    page.get_by_label("Password").fill(DEMO_LOGIN[1])
    page.get_by_role("button", name="Log in", exact=True).click()
    page.locator(".hero .poster.seen").wait_for()
    page.wait_for_load_state("networkidle")
    transferred = sum(weight)
    films = _timed(lambda: _reload(page))
    frame = _first_frame(page)
    page.context.close()
    return {"bytes": transferred, "usable": usable, "films": films, "frame": frame}


def _open(page: Page) -> None:
    page.goto("/")
    page.get_by_label("E-mail").wait_for()


def _reload(page: Page) -> None:
    page.reload()
    page.locator(".hero h1").wait_for()


def _weighed(page: Page) -> list[float]:
    """Collect what each answer weighs on the wire, headers included."""
    weight: list[float] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: weight.append(event["encodedDataLength"]))
    return weight


def _timed(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def _first_frame(page: Page) -> float:
    """Click on the film and wait for its first frame: seconds by the browser's own clock."""
    page.evaluate("addEventListener('click', () => (window.clickedAt = performance.now() / 1000), {capture: true})")
    page.get_by_role("link", name="Play", exact=True).click()
    shown = page.evaluate(_FRAME)
    return float(shown - page.evaluate("window.clickedAt"))


def _floor(stack: Stack) -> tuple[float, float]:
    """Fetch by a program what the list and the first frame need: seconds of both."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    api = f"{stack.api_url}/api"

    def get(url: str) -> bytes:
        with opener.open(urllib.request.Request(url, headers={"Accept": "*/*"})) as answer:
            return bytes(answer.read())

    login = json.dumps({"email": DEMO_LOGIN[0], "password": DEMO_LOGIN[1]}).encode()
    opener.open(urllib.request.Request(f"{api}/login/", login, {"Content-Type": "application/json"})).close()
    shown = _timed(lambda: [get(url) for url in (stack.web_url, f"{api}/account/", f"{api}/video/")])
    newest = json.loads(get(f"{api}/video/?limit=1"))[0]["id"]
    return shown, _timed(lambda: _play(get, f"{api}/video/{newest}/master.m3u8"))


def _play(get: Callable[[str], bytes], address: str) -> None:
    for _ in ("multivariant playlist", "media playlist", "segment"):
        text = get(address)
        if text.startswith(b"#EXTM3U"):
            lines = [line for line in text.decode().splitlines() if line and not line.startswith("#")]
            address = urllib.parse.urljoin(address, lines[0])


if __name__ == "__main__":
    sys.exit(main())
