"""`kill -9` of an encoder, of a Lambda's worker and of the whole stack, at each step: the film ends ready, once."""

import json
import os
import re
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.media import ffmpeg
from tests.processes import Process, below, gone
from tests.stack import DEMO, Client, Stack, eventually, running

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="finds processes in /proc")

SECONDS = 910
"""Two chunks, whatever a second costs: the longest lasts 600 s, and their number is rounded.

Matroska, so that preparing it encodes its sound.
"""

MOMENTS = {
    # what a tool is told at each step
    "prepare": re.compile(r"-segment_times "),
    "first chunk": re.compile(r":start_number=0:"),
    "later chunk": re.compile(r":start_number=[1-9]\d*:"),
}
QUICK = 0.03  # seconds between two looks at what comes and goes


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    target = tmp_path_factory.mktemp("film") / "film.mkv"
    ffmpeg(
        *("-f", "lavfi", "-i", f"testsrc2=s=160x90:r=2:d={SECONDS}"),
        *("-f", "lavfi", "-i", f"anullsrc=r=8000:cl=mono:d={SECONDS}"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-g", "9999", "-pix_fmt", "yuv420p", "-c:a", "pcm_mulaw"),
        str(target),
    )
    return target.read_bytes()


@dataclass
class Engine:
    """A stack whose films come in two chunks, one after the other, and what goes on in it."""

    stack: Stack
    source: bytes
    client: Client
    ids: dict[str, int] = field(default_factory=dict)

    def aws(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.stack.aws_url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(s3={"addressing_style": "path"}),
        )

    def drop(self, title: str) -> str:
        """Upload the film under this title; returns it once the film is known."""
        body = {"Bucket": "videoflix-uploads", "Key": f"{title}.mkv", "Body": self.source}
        self.aws("s3").put_object(**body, Metadata={"title": title})

        def known() -> int | None:
            listed = self.client.get("/api/video/?ready_only=0").json()
            return next((film["id"] for film in listed if film["title"] == title), None)

        self.ids[title] = eventually(known, 60)
        return title

    def awaited(self, title: str, moment: str) -> Process:
        """Wait until the film is at this step; returns the tool at work."""
        told = MOMENTS[moment]

        def at_work() -> Process | None:
            return next((tool for tool in self.stack.tools(f"{title}.mkv") if told.search(tool.command)), None)

        return eventually(at_work, 300, every=QUICK)

    def workers(self) -> list[Process]:
        """The environments of the function that runs the steps."""
        mine = [one for one in below(self.stack.pid) if one.command.find("bootstrap.py") > 0]
        return [one for one in mine if one.setting("AWS_LAMBDA_FUNCTION_NAME") == "videoflix-local-transcode"]

    def await_publishing(self, title: str) -> None:
        """Wait until the last step has begun: first it stores the playlists."""
        s3, prefix = self.aws("s3"), f"{self.ids[title]}/"

        def begun() -> bool | None:
            listed = s3.list_objects_v2(Bucket="videoflix-media", Prefix=prefix).get("Contents", [])
            return any(entry["Key"].endswith("/index.m3u8") for entry in listed) or None

        eventually(begun, 300, every=QUICK)

    def check(self, title: str) -> list[str]:
        """Wait for the film's end: it is ready, exactly once. Returns its timeline."""
        status = self.stack.finished(self.client, self.ids[title], timeout=600, every=1)
        assert status["state"] == "ready", status["failure"]
        self._check_media(self.ids[title])
        # of what a kill left undone after publishing, the watchdog sees to the rest: it comes once a minute
        eventually(lambda: self._nothing_pending(self.ids[title]), 180, every=1)
        # a sender that was killed amid its work keeps others from the mail, which the queue shows again in six minutes
        eventually(lambda: self._mails(title) or None, 480, every=1)
        assert self._mails(title) == 1
        assert self.stack.tools(f"{title}.mkv") == []
        return self._check_timeline(status)

    def _check_timeline(self, status: dict[str, Any]) -> list[str]:
        times = [entry["at"] for entry in status["timeline"]]
        events = [entry["event"] for entry in status["timeline"]]
        assert times == sorted(times)
        counted = Counter(events)
        assert (events[:2], events[-1], counted["ready"]) == (["received", "queued"], "ready", 1)
        assert counted["probing"] <= 1 + counted["retry: interrupted"]
        assert counted["encoding: 2 chunks"] == counted["probing"]
        return events

    def _check_media(self, film_id: int) -> None:
        playlist = self.client.get(f"/api/video/{film_id}/480p/index.m3u8").body.decode()
        lasts = [float(seconds) for seconds in re.findall(r"#EXTINF:([\d.]+)", playlist)]
        assert sum(lasts) == pytest.approx(SECONDS, abs=0.3)
        board = self.client.get(f"/api/video/{film_id}/storyboard.vtt").body.decode()
        named = set(re.findall(rf"/videoflix-media/({film_id}/[^?#\s]+)", playlist + board))
        (version,) = {key.split("/")[1] for key in named}
        extras = {f"{film_id}/{version}/{name}" for name in ("480p/index.m3u8", "thumbnail.jpg", "poster.jpg")}
        pages = self.aws("s3").get_paginator("list_objects_v2")
        listed = pages.paginate(Bucket="videoflix-media", Prefix=f"{film_id}/")
        assert {entry["Key"] for page in listed for entry in page["Contents"]} == named | extras

    def _nothing_pending(self, film_id: int) -> bool | None:
        """No chunk, no draft, no removal is noted with the film, nobody has to look after it, and its room is free."""
        table = {"TableName": "videoflix-local-catalogue", "ConsistentRead": True}
        items = self.aws("dynamodb").query(
            **table,
            KeyConditionExpression="pk = :film",
            ExpressionAttributeValues={":film": {"S": f"film#{film_id}"}},
        )["Items"]
        kinds = {item["sk"]["S"].partition("#")[0] for item in items}
        slots = self.aws("dynamodb").get_item(**table, Key={"pk": {"S": "counter"}, "sk": {"S": "encoding"}})
        taken = slots["Item"].get("executions", {}).get("SS", [])
        due = any("unfinished" in item for item in items)
        free = not any(name.startswith(f"film-{film_id}-") for name in taken)
        return (not due and free and not kinds & {"making", "retired"}) or None

    def _mails(self, title: str) -> int:
        mails = json.loads(self.stack.manage("mails", "--to", DEMO["email"], "--json"))
        return sum(title in mail["subject"] for mail in mails)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, source: bytes) -> Iterator[Engine]:
    state = tmp_path_factory.mktemp("stack")
    with running(state, demo_film=False, CHUNKS_AT_ONCE="1", FILMS_AT_ONCE="4") as stack:
        yield Engine(stack, source, stack.demo())


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: gone(pid) or None, 20, every=QUICK)


def test_a_film_whose_tool_is_killed_at_each_step_ends_ready_once(engine: Engine) -> None:
    film = engine.drop("tools")
    for moment in MOMENTS:
        _kill(engine.awaited(film, moment).pid)
    assert engine.check(film) == ["received", "queued", "probing", "encoding: 2 chunks", "ready"]


def test_a_film_whose_worker_is_killed_at_each_step_ends_ready_once_and_no_tool_goes_on(engine: Engine) -> None:
    film = engine.drop("workers")
    for moment in MOMENTS:
        tool = engine.awaited(film, moment)
        _kill(tool.parent)
        # it would encode on for nobody, and take the next one's processors
        eventually(lambda pid=tool.pid: gone(pid) or None, 20, every=QUICK)
    engine.await_publishing(film)
    for worker in engine.workers():
        _kill(worker.pid)
    assert engine.check(film) == ["received", "queued", "probing", "encoding: 2 chunks", "ready"]


def test_films_at_every_step_end_ready_once_after_the_whole_stack_is_killed(engine: Engine) -> None:
    """Three are held where they are, each at its step, until a fourth is about to be published."""
    held = {}
    for moment in MOMENTS:
        film = engine.drop(moment.replace(" ", "-"))
        held[film] = engine.awaited(film, moment).pid
        os.kill(held[film], signal.SIGSTOP)
    last = engine.drop("publish")
    engine.await_publishing(last)
    _kill(engine.stack.pid)
    for pid in held.values():
        eventually(lambda tool=pid: gone(tool) or None, 20, every=QUICK)
    engine.stack.up()
    for film in (last, *held):
        events = engine.check(film)
        assert film == last or "retry: interrupted" in events
