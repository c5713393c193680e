"""Keeps the state on disk while the stack runs, so that even `kill -9` loses nothing older than a few seconds.

ministack 1.5.33 writes its state on SIGTERM only, all of it at once. Here a change that comes over HTTP marks its
service, and marked services are written every two seconds by ministack's own save functions. DynamoDB's items, which
change all the time, are not written whole: each changed item is appended to a journal (a line of JSON), which is
played back at the next start and folded into a whole snapshot when it has grown. Cost follows what changed, not what
is there. S3 objects need nothing: the emulator writes each to its own file at once. Items, queues, mails and accepted
invocations are copied in one go, in which no request changes them: an item says that a message was sent, a message that
is gone was handled. Items are written last, as they must not be all that a kill leaves of what they speak of.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol
from urllib.parse import parse_qs

from localstack.embedded import asgi, restoring
from localstack.embedded.journal import Journal

_TICK = 1.0  # seconds between looks at the journal
_EVERY = 2  # ticks between snapshots of marked services
_TRIES = 5
_READS = ("Get", "List", "Describe", "Query", "Scan", "BatchGet", "TransactGet", "Lookup")
_SAFE = ("GET", "HEAD", "OPTIONS")
_log = logging.getLogger("videoflix.snapshots")


class Extra(Protocol):
    """State that ministack does not keep, in a file of its own in the state folder."""

    def load(self) -> None:
        """Take up what the last run kept."""

    def save(self) -> None:
        """Write what changed since the last call; cheap when nothing did."""


class Snapshots:
    """Knows what changed and writes it."""

    def __init__(self, journal: Journal, extras: list[Extra]) -> None:
        self._journal = journal
        self._extras = extras
        self._marked: set[str] = set()
        self._lock = threading.Lock()
        self._written: dict[str, bytes] = {}
        self._stop = asyncio.Event()
        self._saving = asyncio.Lock()

    def watch(self, app: asgi.App) -> asgi.App:
        """Return `app` with each changing request marking what it may have changed."""

        async def watched(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
            try:
                await app(scope, receive, send)
            finally:
                if scope["type"] == "http":
                    self.mark(_changed_by(scope))

        return watched

    def mark(self, service: str) -> None:
        """Note that a service, by its name in AWS signatures, may have changed. Callable from any thread."""
        if not service:
            return
        with self._lock:
            self._marked |= _state_keys(service)

    def install(self) -> None:
        """Watch what changes without a request, and keep ministack from saving everything once more at its end."""
        from ministack import app  # noqa: PLC0415 - after the environment is set
        from ministack.services import lambda_svc  # noqa: PLC0415

        self._journal.install()
        run_batch = lambda_svc._run_sqs_batch  # noqa: SLF001

        def run_and_mark(*arguments: Any) -> None:  # noqa: ANN401 - as ministack calls it
            self.mark("sqs")  # received
            try:
                run_batch(*arguments)
            finally:
                self.mark("sqs")  # deleted, or visible again

        lambda_svc._run_sqs_batch = run_and_mark  # noqa: SLF001
        app._load_persisted_state = lambda: restoring.restore(app)  # noqa: SLF001
        app._handle_lifespan = self._replaying(app._handle_lifespan, app)  # noqa: SLF001

    def _replaying(self, handle: asgi.App, emulator: ModuleType) -> asgi.App:
        """Play the journal back when the emulator has loaded its tables and before it takes requests."""

        async def handle_and_replay(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
            async def send_later(message: asgi.Message) -> None:
                if message["type"] == "lifespan.startup.complete":
                    self._journal.replay()
                    emulator.PERSIST_STATE = False  # type: ignore[attr-defined]
                await send(message)

            await handle(scope, receive, send_later)

        return handle_and_replay

    def load_extras(self) -> None:
        """Take up what ministack never kept."""
        for extra in self._extras:
            extra.load()

    async def run(self) -> None:
        """Write until `close` is called."""
        tick = 0
        while not self._stop.is_set():
            try:
                await asyncio.wait_for(self._stop.wait(), _TICK)
            except TimeoutError:
                tick += 1
                await self._save(with_services=tick % _EVERY == 0)

    async def close(self) -> None:
        """Write everything one last time."""
        self._stop.set()
        self.mark("*")
        await self._save()

    async def _save(self, *, with_services: bool = True) -> None:
        """Write what changed. What cannot be written now (a full disk) is tried again, and the stack lives on.

        No item outlives what was there before it: that a mail was ordered is kept only with the order itself.
        """
        async with self._saving:
            items = self._journal.cut()  # from here to the copy of the queues, nothing lets a request in between
            for extra in self._extras:
                with _logged("extra"):
                    extra.save()
            if items:
                await self._save_marked(_state_keys("sqs"))
            with _logged("journal"):
                self._journal.append(items)
            if with_services:
                if self._journal.is_long():
                    self.mark("dynamodb")
                await self._save_marked(set(_savers()))

    async def _save_marked(self, keys: set[str]) -> None:
        for key, get_state in _savers().items():
            # a mark stays until its turn: whoever needs this one written before its own finds it
            if key not in keys or not self._take_mark(key):
                continue
            done = False
            with _logged(key):
                await self._save_service(key, get_state)
                done = True
            if not done:
                self._mark_again(key)

    def _take_mark(self, key: str) -> bool:
        with self._lock:
            is_marked = key in self._marked
            self._marked.discard(key)
            return is_marked

    def _mark_again(self, key: str) -> None:
        with self._lock:
            self._marked.add(key)

    async def _save_service(self, key: str, get_state: Callable[[], Any]) -> None:
        covered: list[Path] = []
        if key == "dynamodb":
            covered = self._journal.rotate()
            state = self._journal.whole_state()
            await self._save_marked(_state_keys("sqs"))  # before these items, as before those of the journal
        else:
            state = _copy(get_state) if key in _state_keys("sqs") else await _state_of(get_state)
        if state is None:
            return
        text = await asyncio.to_thread(_serialised, key, state)
        digest = hashlib.sha256(text).digest()
        if self._written.get(key) != digest:
            await asyncio.to_thread(_write, key, text)
            self._written[key] = digest
        for path in covered:
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def _logged(what: str) -> Iterator[None]:
    try:
        yield
    except Exception:  # noqa: BLE001 - a service that cannot be saved must not keep the others from it
        _log.exception("The state could not be saved (%s)", what)


_ITEM_CALLS = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems")


def _changed_by(scope: asgi.Scope) -> str:
    """Return the service whose small state a request may have changed; empty for none."""
    service = _service(scope)
    operation = asgi.header(scope, "x-amz-target").rpartition(".")[2]
    if service == "cloudformation":
        return "*"  # provisions in the background, in every service; even its polls tell that something goes on
    if scope["method"] in _SAFE or operation.startswith(_READS):
        return ""
    if service == "dynamodb" and operation in _ITEM_CALLS:
        return ""  # the journal has it
    if service == "s3" and scope["path"].strip("/").count("/"):
        return ""  # an object, which has its own file
    if service == "lambda" and scope["path"].rstrip("/").endswith("/invocations"):
        return ""
    return service


def _service(scope: asgi.Scope) -> str:
    given = asgi.header(scope, "authorization").partition("Credential=")[2]
    if not given:
        given = parse_qs(scope["query_string"].decode("latin-1")).get("X-Amz-Credential", [""])[0]
    parts = given.split("/")
    return parts[3] if len(parts) > 3 else ""  # noqa: PLR2004 - key/date/region/service/aws4_request


def _savers() -> dict[str, Callable[[], Any]]:
    from ministack import app  # noqa: PLC0415

    savers: dict[str, Callable[[], Any]] = app._build_persistence_save_dict()  # noqa: SLF001
    return savers


def _state_keys(service: str) -> set[str]:
    """Return ministack's names of the state behind a service's name in signatures."""
    from ministack import app  # noqa: PLC0415

    if service == "*":
        return set(_savers())
    known = app.SERVICE_REGISTRY.get(app.SERVICE_NAME_ALIASES.get(service, service), {})
    module = known.get("module", service)
    return {known.get("state_key", module), *known.get("sub_modules", ())}


async def _state_of(get_state: Callable[[], Any]) -> Any:  # noqa: ANN401 - each service has its own
    """Copy a service's state beside the loop that changes it; if it changes in the middle every time, on the loop."""
    for _ in range(_TRIES):
        try:
            return await asyncio.to_thread(get_state)
        except RuntimeError:  # dictionary changed size during iteration
            continue
    return _copy(get_state)


def _copy(get_state: Callable[[], Any]) -> Any:  # noqa: ANN401
    """Copy a service's state on the loop, where only ministack's own threads may change it meanwhile."""
    for _ in range(_TRIES):
        with contextlib.suppress(RuntimeError):
            return get_state()
    return get_state()


def _serialised(key: str, state: Any) -> bytes:  # noqa: ANN401
    from ministack.core import persistence  # noqa: PLC0415

    wrapped = {"__ministack_format__": persistence._state_format_version(key), "payload": state}  # noqa: SLF001
    return json.dumps(wrapped, default=persistence._json_default).encode()  # noqa: SLF001


def _write(key: str, text: bytes) -> None:
    from ministack.core import persistence  # noqa: PLC0415

    folder = Path(persistence.STATE_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / f"{key}.json", text)


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file so that a reader, or a start after a kill or a power cut, finds the old content or the new."""
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    if sys.platform != "win32":  # which opens no folders
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
