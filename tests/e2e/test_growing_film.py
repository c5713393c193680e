"""A film is watched while it is still encoded, and goes on as it grows."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.media import ffmpeg
from tests.processes import Process
from tests.stack import Client, Stack, eventually

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="finds the encoder in /proc")

_TITLE = "Still growing"
_SECONDS = 14
_VIDEO = "document.querySelector('video')"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("films") / f"{_TITLE}.mp4"
    picture = f"testsrc2=size=854x480:rate=24:duration={_SECONDS}"
    ffmpeg("-f", "lavfi", "-i", picture, "-c:v", "mpeg4", "-q:v", "6", str(file))
    return file


@contextmanager
def _encoder_held(stack: Stack, client: Client, film_id: int) -> Iterator[None]:
    """Stop the encoder after the first segments: how fast this machine encodes is not what is asked."""
    source = next(film["source_key"] for film in stack.films() if film["id"] == film_id)

    def at_work() -> Process | None:
        return next((tool for tool in stack.tools(source) if ":start_number=0:" in tool.command), None)

    encoder = eventually(at_work, 120, every=0.03)
    playlist = f"/api/video/{film_id}/480p/index.m3u8"
    eventually(lambda: client.get(playlist).body.count(b"#EXTINF") > 1 or None, 120, every=0.1)
    os.kill(encoder.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(encoder.pid, signal.SIGCONT)


def test_its_owner_watches_it_while_it_is_encoded_and_to_its_end(
    page: Page, enter: Callable[..., None], stack: Stack, film: Path, picture: Callable[..., None]
) -> None:
    client = stack.demo()
    enter(page)
    page.get_by_role("link", name="Studio").click()
    page.get_by_role("switch", name="Publish when ready").uncheck()
    page.get_by_label("Film files").set_input_files(film)
    entry = page.get_by_role("list", name="Uploads").get_by_role("listitem")
    entry.get_by_role("link", name=film.name).click()
    film_id = int(page.url.rpartition("/")[2])
    with _encoder_held(stack, client, film_id):
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
