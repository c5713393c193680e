"""200 viewers for two minutes and five uploads, on a stack of its own: `python -m bench.load`.

A viewer looks at the list, thinks, opens a film, fetches its playlists and then a segment whenever a player would:
as soon as it has played one. Then the next film. The uploads come in the middle. Claims: no call goes wrong (no 5xx,
no broken connection), every upload becomes a film that is ready, what serves the viewers (the daemon and the API's
environments) does not grow by more than a fifth from the middle to the end of their time, and no function has more
environments than the stack's bound, however many wait.
"""

from __future__ import annotations

import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench import crowd, figures, stack
from infra import project
from localstack import demo_film
from localstack.embedded.workers import pool
from localstack.stack import ROOT, STAGE, Stack, load
from tests.media import BINARIES

_VIEWERS = 200
_SECONDS = 120.0
_UPLOADS = 5
_MOST_GROWTH = 1.2
_API = project.function_name(STAGE, "api_handler")
_SEGMENT = re.compile(r"#EXTINF:([\d.]+),[^\n]*\n([^#\n]+)")


def main() -> int:
    """Measure and print; return 1 if a claim does not hold."""
    with tempfile.TemporaryDirectory(prefix="videoflix-load-") as name:
        folder = Path(name)
        with stack.own(folder) as environment:
            return _measure(load(environment), folder)


@dataclass
class _Watch:
    """What is seen of the stack meanwhile.

    Attributes:
        stack: Which.
        serving: Megabytes of what serves the viewers, look by look.
        peak: Most megabytes of all, encoders included.
        environments: Most environments of one function.
        crowded: Whether the viewers are still there: `serving` grows only meanwhile.
    """

    stack: Stack
    serving: list[float] = field(default_factory=list)
    peak: float = 0.0
    environments: int = 0
    crowded: bool = True

    def look(self) -> None:
        daemon, *others = stack.processes(self.stack)
        # what they run themselves, an ffmpeg for example, is no environment and serves nobody
        functions = [(one, one.setting("AWS_LAMBDA_FUNCTION_NAME")) for one in others if one.parent == daemon.pid]
        self.peak = max(self.peak, stack.memory([daemon, *others]))
        if self.crowded:
            self.serving.append(stack.memory([daemon, *(one for one, name in functions if name == _API)]))
        names = [name for _, name in functions]
        self.environments = max([self.environments, *(names.count(name) for name in set(names))])


def _measure(running: Stack, folder: Path) -> int:
    answers = crowd.Answers()
    person = crowd.logged_in(running, answers, _VIEWERS)
    end = time.monotonic() + _SECONDS
    watch, over = _Watch(running), threading.Event()
    watcher = threading.Thread(target=_watch, args=(watch, over))
    uploader = threading.Timer(_SECONDS / 3, _upload, args=(running, _film(folder)))
    watcher.start()
    uploader.start()
    crowd.together(_VIEWERS, lambda number: _view(person, random.Random(number), end))
    watch.crowded = False
    uploader.join()
    ready = _ready(running)
    over.set()
    watcher.join()
    return _tell(answers, watch, ready)


def _view(person: crowd.Person, chance: random.Random, end: float) -> None:
    """Watch films until the end, as somebody does who takes his time."""
    time.sleep(chance.uniform(0, 15))  # not all at the same moment
    while time.monotonic() < end:
        films = json.loads(person.get("list", "/api/video/?limit=20") or b"[]")
        time.sleep(chance.uniform(1, 5))
        if films:
            _play(person, chance.choice(films)["id"], end)


def _play(person: crowd.Person, film: int, end: float) -> None:
    person.get("multivariant playlist", f"/api/video/{film}/master.m3u8")
    playlist = person.get("media playlist", f"/api/video/{film}/480p/index.m3u8").decode()
    begun = time.monotonic()
    played = 0.0
    for lasts, address in _SEGMENT.findall(playlist):
        if time.monotonic() > end:
            return
        person.get("segment", address.strip())
        played += float(lasts)
        # a player fills its buffer at first, and then asks for a segment whenever one was played
        time.sleep(max(0.0, begun + played - 10.0 - time.monotonic()))
    seconds = json.dumps({"seconds": round(min(played, time.monotonic() - begun), 1)}).encode()
    person.call("position", "PUT", f"/api/video/{film}/position/", seconds)


def _film(folder: Path) -> Path:
    film = folder / "upload.mp4"
    demo_film.draw(film, ffmpeg=BINARIES / "ffmpeg")
    return film


def _upload(running: Stack, film: Path) -> None:
    client = stack.s3(running.aws_url)
    for number in range(_UPLOADS):
        client.upload_file(str(film), "videoflix-uploads", f"load-{number}.mp4")


def _ready(running: Stack) -> int:
    """Wait until nobody works on a film any more; return how many of the uploads are ready."""
    deadline = time.monotonic() + 600
    while True:
        command = [sys.executable, "manage.py", "check_videos", "--json"]
        environment = {**os.environ, **running.client_environment()}
        done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
        films = [film for film in json.loads(done.stdout) if film["source_key"].startswith("load-")]
        states = [film["state"] for film in films]
        if (len(films) == _UPLOADS and set(states) <= {"ready", "failed"}) or time.monotonic() > deadline:
            return states.count("ready")
        time.sleep(2)


def _watch(watch: _Watch, over: threading.Event) -> None:
    while not over.wait(2):
        watch.look()


def _tell(answers: crowd.Answers, watch: _Watch, ready: int) -> int:
    print(f"{'asked for':<24}{'times':>8}{'p50 ms':>9}{'p99 ms':>9}")
    for what, seconds in sorted(answers.seconds.items()):
        middle, slow = answers.percentile(what, 50), answers.percentile(what, 99)
        print(f"{what:<24}{len(seconds):>8}{middle:>9.0f}{slow:>9.0f}")
        figures.keep(f"load: {what}, p99", slow, "ms")
    third = len(watch.serving) // 3
    middle, last = (statistics.median(part) for part in (watch.serving[third : 2 * third], watch.serving[-third:]))
    wrong = sum(answers.wrong.values())
    claims = (
        ("load: calls that went wrong", float(wrong), "", 0.0),
        ("load: uploads that did not become ready", float(_UPLOADS - ready), "", 0.0),
        ("load: memory at the end / in the middle", last / middle, "", _MOST_GROWTH),
        ("load: environments of one function at most", float(watch.environments), "", float(pool.ENVIRONMENTS)),
    )
    print(f"\nmemory of what serves them: {middle:.0f} MB in the middle, {last:.0f} MB at the end")
    print(f"memory of all, encoders included, at most {watch.peak:.0f} MB")
    print(f"calls of the API: {_calls(answers) / _VIEWERS / _SECONDS:.3f} a second of each viewer")
    figures.keep("load: memory of all at most", watch.peak, "MB")
    for what, count in answers.wrong.items():
        print(f"{count} x {what}")
    for name, value, unit, most in claims:
        figures.keep(name, value, unit, most)
        print(f"{name:<46}{value:>8.2f}  {'holds' if value <= most else 'does NOT hold'} (at most {most:g})")
    return 0 if all(value <= most for _, value, _, most in claims) else 1


def _calls(answers: crowd.Answers) -> int:
    return sum(len(seconds) for what, seconds in answers.seconds.items() if what != "segment")


if __name__ == "__main__":
    sys.exit(main())
