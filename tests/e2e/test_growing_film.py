"""A film is watched while it is still encoded, and goes on as it grows."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.media import ffmpeg
from tests.processes import Process, below
from tests.stack import Stack, eventually

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="finds the encoder in /proc")

_TITLE = "Still growing"
_SECONDS = 14
_BURST = 0.1  # seconds for which the encoder works: less than any machine needs for the whole film
_VIDEO = "document.querySelector('video')"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("films") / f"{_TITLE}.mp4"
    picture = f"testsrc2=size=854x480:rate=24:duration={_SECONDS}"
    ffmpeg("-f", "lavfi", "-i", picture, "-c:v", "mpeg4", "-q:v", "6", str(file))
    return file


@contextmanager
def _encoder_held(stack: Stack) -> Iterator[Callable[[int], None]]:
    """Stop the next encoder as soon as it begins; yields what lets it work until it made some segments.

    How fast this machine encodes, or notes what was made, or shows a page meanwhile, is not what is asked.
    """
    others, over = {tool.pid for tool in below(stack.pid)}, threading.Event()

    def stopped() -> Process | bool | None:
        begun = (tool for tool in below(stack.pid) if tool.pid not in others and ":start_number=0:" in tool.command)
        encoder = next(begun, None)
        if encoder:
            os.kill(encoder.pid, signal.SIGSTOP)
        return encoder or over.is_set() or None

    def let(segments: int) -> None:
        encoder = held.result().pid
        playlist = Path(f"/proc/{encoder}/cwd/480p/index.m3u8")  # the tool's own, in its temporary folder

        def worked() -> bool | None:
            if playlist.exists() and playlist.read_text().count("#EXTINF") >= segments:
                return True
            os.kill(encoder, signal.SIGCONT)
            time.sleep(_BURST)
            os.kill(encoder, signal.SIGSTOP)
            return None

        eventually(worked, 120, every=0)

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(eventually, stopped, 120, every=0.1)
        try:
            yield let
        finally:
            over.set()
            if isinstance(encoder := held.result(), Process):
                os.kill(encoder.pid, signal.SIGCONT)


def test_its_owner_watches_it_while_it_is_encoded_and_to_its_end(
    page: Page, enter: Callable[..., None], stack: Stack, film: Path, picture: Callable[..., None]
) -> None:
    client = stack.demo()
    enter(page)
    page.get_by_role("link", name="Studio").click()
    page.get_by_role("switch", name="Publish when ready").uncheck()
    with _encoder_held(stack) as let:
        page.get_by_label("Film files").set_input_files(film)
        entry = page.get_by_role("list", name="Uploads").get_by_role("listitem")
        entry.get_by_role("link", name=film.name).click()
        film_id = int(page.url.rpartition("/")[2])
        playlist = f"/api/video/{film_id}/480p/index.m3u8"
        let(2)
        eventually(lambda: client.get(playlist).body.count(b"#EXTINF") > 1 or None, 60)
        page.get_by_role("link", name="Watch").click()  # it appears with the first segments
        steps.expect_moving(page)
        picture(page)
        assert client.get(f"/api/video/{film_id}/status/").json()["state"] == "encoding"
        begun = float(page.evaluate(f"{_VIDEO}.seekable.end(0)"))
        assert begun < _SECONDS - 1, "the player knows the whole film already"
    assert stack.finished(client, film_id)["state"] == "ready"
    steps.until(page, f"Math.abs({_VIDEO}.duration - {_SECONDS}) < 0.5", timeout=60)
    steps.seek(page, _SECONDS - 3)
    steps.until(page, f"{_VIDEO}.ended")
    expect(page.locator(".breakdown")).to_have_count(0)
    assert client.call("DELETE", f"/api/video/{film_id}/").status == 204
