"""Captions in a real player: each cue shows when its picture does."""

import urllib.request
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e import steps
from tests.e2e.test_accessibility import serious
from tests.stack import ROOT, Client, Stack, eventually

_VIDEO = "document.querySelector('video')"
_SHOWING = f"[...{_VIDEO}.textTracks].filter((track) => track.kind === 'subtitles' && track.mode === 'showing')"
SHOWN = ("00:00:02.000", "00:00:03.500")
VTT = f"WEBVTT\n\n{SHOWN[0]} --> {SHOWN[1]}\nHallo <i>Welt</i>\n\n00:00:06.000 --> 00:00:07.000\nEnde\n"
HLS = ROOT / "web" / "vendor" / "hls.js" / "hls.min.mjs"

# As a page does: the whole hls.js and the multivariant playlist; what is shown, and when, is written down.
_PLAY = """async ({master}) => {
    const {default: Hls} = await import('/vendor/hls.js/hls.min.mjs');
    const video = Object.assign(document.createElement('video'), {muted: true});
    document.body.append(video);
    const hls = new Hls({xhrSetup: (request) => { request.withCredentials = true; }});
    window.captions = {video, seen: [], names: [], errors: []};
    hls.on(Hls.Events.ERROR, (_, data) => data.fatal && window.captions.errors.push(data.details));
    hls.on(Hls.Events.SUBTITLE_TRACKS_UPDATED, (_, data) => {
        window.captions.names = data.subtitleTracks.map((track) => [track.name, track.lang, track.default]);
    });
    hls.loadSource(master);
    hls.attachMedia(video);
    const look = () => {
        for (const track of video.textTracks) {
            for (const cue of track.activeCues ?? []) {
                const {text, startTime: start, endTime: end} = cue;
                window.captions.seen.push({at: video.currentTime, text, start, end});
            }
        }
        requestAnimationFrame(look);
    };
    look();
}"""


@pytest.fixture
def film_id(stack: Stack) -> int:
    """The demo film, with German captions."""
    client = stack.demo()
    film_id: int = next(film["id"] for film in client.get("/api/video/").json() if "Mandelbrot" in film["title"])
    assert _put(client, f"/api/video/{film_id}/captions/de/", VTT) in (200, 201)
    return film_id


def _put(client: Client, path: str, text: str) -> int:
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.jar)
    headers = {"Content-Type": "text/vtt", "Cookie": cookies}
    request = urllib.request.Request(f"{client.base}{path}", text.encode(), headers, method="PUT")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return int(answer.status)


def _until(page: Page, expression: str) -> None:
    eventually(lambda: page.evaluate(expression) or None, timeout=60)


@pytest.fixture
def player(browser: Browser, stack: Stack) -> Iterator[Page]:
    """A page of the frontend's origin that is no page of ours: its own rules on contents would show as errors."""
    context = browser.new_context(base_url=f"http://127.0.0.1:{stack.web}", bypass_csp=True)
    yield context.new_page()
    context.close()


@pytest.mark.skipif(not HLS.exists(), reason="the page brings hls.js without subtitles")
def test_a_cue_shows_when_its_picture_does(player: Page, stack: Stack, film_id: int) -> None:
    page = player
    page.goto("/")
    steps.take_session(page, stack)
    page.evaluate(_PLAY, {"master": f"http://127.0.0.1:{stack.api}/api/video/{film_id}/master.m3u8"})
    _until(page, "window.captions.video.readyState >= 3 && window.captions.video.textTracks.length === 1")
    assert page.evaluate("window.captions.names") == [["Deutsch", "de", False]]
    page.evaluate("window.captions.video.textTracks[0].mode = 'showing'")  # as a viewer does in the player's menu
    _until(page, "window.captions.video.textTracks[0].cues?.length === 2")
    page.evaluate("window.captions.video.play()")
    _until(page, "window.captions.video.currentTime > 4")
    seen = page.evaluate("window.captions.seen")
    assert {shown["text"] for shown in seen} == {"Hallo <i>Welt</i>"}
    # a frame of this film lasts 42 ms; hls.js counts from the first sound, which comes less than that after zero
    assert seen[0]["start"] == pytest.approx(2.0, abs=0.05)
    assert seen[0]["end"] == pytest.approx(3.5, abs=0.05)
    assert min(shown["at"] for shown in seen) >= seen[0]["start"] - 0.05
    assert max(shown["at"] for shown in seen) <= seen[0]["end"] + 0.3
    assert page.evaluate("window.captions.errors") == []


@pytest.mark.usefixtures("film_id")
def test_a_language_chosen_in_the_players_menu_shows_its_cues_until_it_is_off(
    page: Page, enter: Callable[..., None], picture: Callable[..., None]
) -> None:
    """Under the page's own policy: what it forbids would show as an error in the console, and fail this test."""
    enter(page)
    steps.play(page)
    steps.until(page, f"[...{_VIDEO}.textTracks].some((track) => track.kind === 'subtitles')")
    assert page.evaluate(f"{_SHOWING}.length") == 0, "nobody asked for captions yet"
    steps.choose(page, "Captions", "Deutsch")
    steps.until(page, f"{_SHOWING}[0]?.cues?.length === 2")
    page.evaluate(f"{_VIDEO}.pause(); {_VIDEO}.currentTime = 2.5")
    steps.until(page, f"{_SHOWING}[0].activeCues[0]?.text === 'Hallo <i>Welt</i>'")
    picture(page)
    assert serious(page) == []
    steps.choose(page, "Captions", "Off")
    steps.until(page, f"{_SHOWING}.length === 0")
