"""Puts the workers in the place of ministack's own, with Lambda's rules for keeping and ending environments."""

from __future__ import annotations

import functools
import json
import logging
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from localstack.embedded.workers.code import CodeStore
from localstack.embedded.workers.worker import Folders, FunctionWorker, Outcome

_IDLE = 60.0  # seconds after which an unused environment ends
_log = logging.getLogger("videoflix.workers")
_RESPONSE_LIMIT = 6 * 1024 * 1024  # AWS's quota for a synchronous answer
# AWS has other machines for the next hundred callers; here they wait for an environment of this one
ENVIRONMENTS = max(4, 2 * (os.cpu_count() or 1))

_Zip = tuple[str, Callable[[], bytes]]  # what its content is called, and who reads it


class Pool:
    """All workers of a stack."""

    def __init__(self, state: Path) -> None:
        self._store = CodeStore(state / "code")
        self._folders = Folders(temporary=state / "tmp" / "functions", bytecode=state / "bytecode")
        self._room: defaultdict[str, threading.Semaphore] = defaultdict(lambda: threading.Semaphore(ENVIRONMENTS))
        self._opened = threading.Event()
        self._closed = threading.Event()
        self._leaving: set[FunctionWorker] = set()  # replaced by a deployment, still at work
        self._runtime: ModuleType
        self._lambda: ModuleType

    def install(self) -> None:
        """Take the place of ministack's pool. Private names: there is no public way to bring another executor."""
        from ministack.core import lambda_runtime  # noqa: PLC0415 - after the environment is set
        from ministack.services import lambda_svc  # noqa: PLC0415

        self._runtime, self._lambda = lambda_runtime, lambda_svc
        others = lambda_svc._execute_function_warm  # noqa: SLF001
        other_class = lambda_runtime._worker_class_for  # noqa: SLF001

        def execute(func: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:  # noqa: ANN401 - JSON
            ours = _is_python(func.get("config") or func) and func.get("code_zip")
            result: dict[str, Any] = (self._execute if ours else others)(func, event, request_id)
            return result

        def worker_class(config: dict[str, Any]) -> Any:  # noqa: ANN401 - a class of either side
            return self._make if _is_python(config) else other_class(config)

        lambda_runtime._worker_class_for = worker_class  # noqa: SLF001
        lambda_svc._execute_function_warm = execute  # noqa: SLF001
        lambda_svc.invalidate_worker = self._retire
        lambda_svc.reap_idle_workers = self.reap

    def open(self) -> None:
        """Begin to run functions: what they call answers now. Invocations that came earlier waited."""
        self._opened.set()

    def close(self) -> None:
        """End all workers, and start no more.

        What they were at counts neither as done nor as failed: their callers never hear of it.
        """
        self._closed.set()
        with self._runtime._lock:  # noqa: SLF001
            workers = [worker for workers in self._runtime._workers.values() for worker in workers]  # noqa: SLF001
        for worker in workers:
            worker.kill()

    def reap(self) -> None:
        """End environments that idle, but keep one warm of each function that answers people (called each 30 s)."""
        now = time.time()
        with self._runtime._lock:  # noqa: SLF001
            idle = []
            for key, workers in list(self._runtime._workers.items()):  # noqa: SLF001
                kept = [worker for worker in workers if worker.in_use or now - worker.last_used < _IDLE]
                if not kept:
                    kept = [worker for worker in workers if getattr(worker, "serves_http", False)][:1]
                idle += [worker for worker in workers if worker not in kept]
                self._runtime._workers[key] = kept  # noqa: SLF001
        for worker in idle:
            worker.kill()
        self._store.prune(self._used())

    def _make(self, name: str, config: dict[str, Any], code_zip: bytes) -> FunctionWorker:
        code = self._store.folder(*_code(config, code_zip))
        layers = [self._store.folder(*layer) for layer in self._layers(config)]
        return FunctionWorker(name, config, code=code, layers=layers, folders=self._folders)

    def _layers(self, config: dict[str, Any]) -> Iterator[_Zip]:
        for reference in config.get("Layers") or []:
            arn = reference if isinstance(reference, str) else reference["Arn"]
            yield f"layer {arn}", functools.partial(self._lambda._resolve_layer_zip, reference)  # noqa: SLF001

    def _execute(self, func: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:  # noqa: ANN401
        config = func.get("config") or func
        name = config["FunctionName"]
        self._lambda._ensure_reaper_thread()  # noqa: SLF001
        self._opened.wait()
        with self._room[name]:
            self._wait_if_closed()
            try:
                outcome = self._in_worker(func, event, request_id)
            except OSError as error:  # a full disk: AWS has other machines, here the caller has to come again
                _log.warning("%s found no place to run: %s", name, error)
                return _no_place()
        self._wait_if_closed()
        return _as_ministack(_limited(outcome, request_id))

    def _in_worker(self, func: dict[str, Any], event: Any, request_id: str) -> Outcome:  # noqa: ANN401
        """Run one invocation in an environment that is free, or in a new one.

        Raises:
            OSError: the disk has no room for the code or for its temporary folder.
        """
        config = func.get("config") or func
        worker, _ = self._runtime.acquire_worker(
            config["FunctionName"], config, func["code_zip"], qualifier=config.get("Version", "$LATEST")
        )
        worker.serves_http = worker.serves_http or _is_http(event)
        try:
            outcome: Outcome = worker.invoke(event, request_id, self._runtime.execution_credentials(config))
        finally:
            self._release(worker)
        return outcome

    def _wait_if_closed(self) -> None:
        """Wait for the end of the process, if it is near: this call is made again after the next start."""
        if self._closed.is_set():
            threading.Event().wait()

    def _release(self, worker: FunctionWorker) -> None:
        worker.last_used = time.time()
        self._runtime.release_worker(worker)
        if worker.retired:
            worker.kill()
            self._leaving.discard(worker)

    def _retire(
        self, name: str, qualifier: str | None = None, account: str | None = None, region: str | None = None
    ) -> None:
        """After a deployment: idle environments end, those at work finish first, as on AWS."""
        with self._runtime._lock:  # noqa: SLF001
            workers = self._runtime._workers  # noqa: SLF001
            keys = [key for key in workers if _matches(key, name, qualifier, account, region)]
            retired = [worker for key in keys for worker in workers.pop(key)]
            for worker in retired:
                worker.retired = True
            self._leaving |= {worker for worker in retired if worker.in_use}
        for worker in retired:
            if not worker.in_use:
                worker.kill()

    def _used(self) -> list[Path]:
        used = []
        with self._runtime._lock:  # noqa: SLF001
            # they still read their code: Python imports late, botocore its data later
            used += [path for worker in self._leaving for path in _folders_of(worker)]
            for workers in self._runtime._workers.values():  # noqa: SLF001
                used += [path for worker in workers for path in _folders_of(worker)]
        for func in list(self._lambda._functions._data.values()):  # noqa: SLF001
            config = func.get("config") or {}
            if func.get("code_zip") and _is_python(config):
                zips = [_code(config, func["code_zip"]), *self._layers(config)]
                used += [self._store.place(*each) for each in zips]
        return used


def _code(config: dict[str, Any], code_zip: bytes) -> _Zip:
    return f"code {config['CodeSha256']}", lambda: code_zip


def _folders_of(worker: Any) -> list[Path]:  # noqa: ANN401 - either side's worker
    return [worker.code, *worker.layers] if isinstance(worker, FunctionWorker) else []


def _is_python(config: dict[str, Any]) -> bool:
    return str(config.get("Runtime", "")).startswith("python") and config.get("PackageType", "Zip") == "Zip"


def _is_http(event: Any) -> bool:  # noqa: ANN401 - JSON
    return isinstance(event, dict) and "apiId" in (event.get("requestContext") or {})


def _matches(key: str, name: str, qualifier: str | None, account: str | None, region: str | None) -> bool:
    wanted = (account, region, name, qualifier)
    return all(want in (None, have) for want, have in zip(wanted, key.split(":"), strict=True))


def _no_place() -> dict[str, Any]:
    """Refuse a call as Lambda does when it has too many: who called waits and tries again."""
    text = "There is no room for the function's temporary folder."
    said = {"__type": "TooManyRequestsException", "errorType": "Lambda.TooManyRequestsException", "message": text}
    return {"throttle": True, "error": True, "body": said, "log": ""}


def _limited(outcome: Outcome, request_id: str) -> Outcome:
    """Refuse an answer that AWS would refuse."""
    if outcome.error is None and len(json.dumps(outcome.result, ensure_ascii=False).encode()) > _RESPONSE_LIMIT:
        text = f"Response payload size exceeded maximum allowed payload size ({_RESPONSE_LIMIT} bytes)."
        outcome.error = {"errorType": "Function.ResponseSizeTooLarge", "errorMessage": text}
    if outcome.error is not None:
        outcome.error.setdefault("requestId", request_id)
    return outcome


def _as_ministack(outcome: Outcome) -> dict[str, Any]:
    log = "\n".join(outcome.log)
    if outcome.error is None:
        return {"body": outcome.result, "log": log}
    return {"body": outcome.error, "error": True, "function_error": "Unhandled", "log": log}
