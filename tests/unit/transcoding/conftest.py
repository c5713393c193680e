"""Films on moto, a clock that a test sets, and the steps of the state machine with ffmpeg faked at its edge."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from functions import aws, settings
from functions.accounts import people
from functions.catalogue import clock, intake, notes, store
from functions.catalogue.film import Film, Source
from functions.catalogue.items import NoteItem
from functions.mail import outbox
from functions.transcoding import audit, dispatch, encode, pictures, plan, probe, scan, steps
from functions.transcoding.encode import Reached, Segments
from functions.transcoding.pictures import Drawn
from functions.transcoding.plan import Chunk, Plan
from functions.transcoding.source import Input
from functions.transcoding.troubles import PassingError, RefusedError
from tests.unit import executions
from tests.unit.catalogue import conftest as catalogue
from tests.unit.moto_in_one_piece import remembered
from tests.unit.transcoding.builders import info

Report = Callable[[Reached], None]


@pytest.fixture
def time(tables: None, monkeypatch: pytest.MonkeyPatch) -> catalogue.Clock:
    """A clock that a test sets; there is room for two films."""
    monkeypatch.setenv("FILMS_AT_ONCE", "2")
    settings.current.cache_clear()
    set_clock = catalogue.Clock()
    monkeypatch.setattr(clock, "now", set_clock)
    return set_clock


def now(film_id: int) -> Film:
    """Return the film as it is now."""
    film = store.get(film_id)
    assert film
    return film


def upload(key: str = "film.mp4", sequencer: str = "0A", etag: str = "e", *, owner_id: int = 1) -> Film:
    """Register an upload, as its event would."""
    source = Source(key=key, sequencer=sequencer, size=4, etag=etag)
    return now(intake.register(intake.Upload(source=source, owner_id=owner_id, title="My film")).film_id)


def started(film: Film) -> Film:
    """Start a film."""
    dispatch.begin(film.id, film.version)
    return now(film.id)


@pytest.fixture
def film(time: catalogue.Clock) -> Film:
    """A film that was given to an execution."""
    return remembered(("started film", settings.current()), _started_film)


def _started_film() -> Film:
    people.seed("demo@videoflix.local", "Demo123!")
    return started(upload())


def mails() -> list[dict[str, Any]]:
    """Return the mails that wait, each once: whoever sends them keeps a ledger of their keys."""
    url = aws.queue_url("videoflix-local-mail")
    found: dict[str, dict[str, Any]] = {}
    while answer := aws.sqs().receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in answer:
            mail = json.loads(message["Body"])
            assert found.setdefault(mail["key"], mail) == mail, "of one key, the first mail that comes is the one sent"
    return list(found.values())


@contextmanager
def no_queue_of_mails() -> Iterator[None]:
    """Let the queue of mails not answer."""

    def unavailable(*_: object, **__: object) -> None:
        raise ClientError({"Error": {"Code": "503"}}, "SendMessage")

    with pytest.MonkeyPatch.context() as away:
        away.setattr(outbox, "send", unavailable)
        yield


def lose(film: Film) -> None:
    """Have the film's execution end without a word, and its lease run out."""
    executions.end(str(film.execution))


def noted(film_id: int) -> list[str]:
    """Return what somebody is to look after a film for."""
    return [item.sk for item in NoteItem.query(f"film#{film_id}") if item.sk in (notes.POSTER, notes.TELLING)]


def refuse(*_: object) -> None:
    """Find that a film cannot be made."""
    raise RefusedError("broken", "encode")


def keys() -> list[str]:
    """Return what lies in the media bucket."""
    return [entry["Key"] for entry in aws.s3().list_objects_v2(Bucket="videoflix-media").get("Contents", [])]


@dataclass
class Machine:
    """The state machine, and what probing, posters and encoding do in a test.

    Attributes:
        shows: Whether the source has a picture of such a time.
        encoding: What happens while a chunk is encoded: gets its number and the encoder's way to report.
        encoded: Numbers of the chunks that were encoded.
        plans: By which plan each chunk was encoded last.
        heard: What each chunk was given as its sound, where that was encoded before.
    """

    folder: Path
    source: probe.SourceInfo = field(default_factory=lambda: info(26.0, width=640, height=480))
    picture: bytes | None = b"\xff\xd8poster"
    poster_at: float | None = None
    shows: Callable[[float | None], bool] = lambda _at: True
    probing: Callable[[], None] = lambda: None
    encoding: Callable[[int, Report], None] = lambda _number, _report: None
    auditing: Callable[[], None] = lambda: None
    seconds_left: float = 600.0
    encoded: list[int] = field(default_factory=list)
    plans: dict[int, Plan] = field(default_factory=dict)
    heard: dict[int, bytes] = field(default_factory=dict)
    invocations: int = 0

    def step(self, film: Film, name: str, **more: object) -> dict[str, Any]:
        """Run one step, in an invocation of its own."""
        self.invocations += 1
        order = {"film_id": film.id, "version": film.version, "execution": film.execution}
        invocation = steps.Invocation(worker=f"worker-{self.invocations}", deadline=lambda: self.seconds_left)
        return steps.run({"step": name, "film": order, **more}, invocation)

    def run(self, film: Film) -> Film:
        """Run all steps of an execution; one that keeps failing makes it give up."""
        try:
            prepared = self.step(film, "prepare")
            for chunk in prepared["chunks"]:
                self.step(film, "encode", chunk=chunk)
            self.step(film, "publish", prepared=prepared)
        except Exception as error:  # noqa: BLE001 - the state machine catches all, too
            with suppress(PassingError):  # tried some times more, and then the execution has failed
                self.step(film, "give_up", error={"Error": type(error).__name__})
        return now(film.id)

    def _probe(self, _source: object, _check: object) -> probe.SourceInfo:
        self.probing()
        return self.source

    def _poster(self, _plan: object, _source: object, _check: object, *, at: float | None) -> Drawn | None:
        self.poster_at = at
        return Drawn(thumbnail=self.picture, poster=self.picture) if self.picture and self.shows(at) else None

    def _encode(
        self,
        made: Plan,
        chunk: Chunk,
        _source: object,
        keep: Callable[[str, Path], None],
        report: Report,
        *,
        sound: Input | None,
    ) -> dict[str, Segments]:
        self.encoded.append(chunk.number)
        self.plans[chunk.number] = made
        if sound:
            key = urlsplit(sound.url).path.partition("videoflix-media/")[2]
            self.heard[chunk.number] = aws.s3().get_object(Bucket="videoflix-media", Key=key)["Body"].read()
        self.encoding(chunk.number, report)
        ends = (*chunk.starts[1:], chunk.end)
        durations = tuple(made.seconds(end - start) for start, end in zip(chunk.starts, ends, strict=True))
        for rendition in made.renditions:
            for number in range(len(durations)):
                keep(rendition.name, self._file(f"{chunk.first_segment + number:03d}.ts", b"s" * 1000))
        keep("storyboard", self._file("000.jpg", b"\xff\xd8sheet"))
        return {each.name: Segments(durations, (1000,) * len(durations)) for each in made.renditions}

    def _file(self, name: str, content: bytes) -> Path:
        file = self.folder / name
        file.write_bytes(content)
        return file


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setattr(probe, "probe", made._probe)
    monkeypatch.setattr(pictures, "of_source", made._poster)
    monkeypatch.setattr(scan, "planned", lambda _source, info, *, check, **how: plan.make(info, **how))
    monkeypatch.setattr(encode, "encode", made._encode)
    monkeypatch.setattr(audit, "chunk", lambda *_: made.auditing())
    # chunks as short as they get: a film of 26 seconds has two
    monkeypatch.setattr(plan, "make", partial(plan.make, chunk_cost=0.1))
    return made
