"""Restores: an asynchronous invocation that Lambda accepted is carried out.

ministack 1.5.33 forgets those that are waiting or running when it stops, so a film uploaded in that moment would
never be seen, and it counts a throttled try as a failed one. Here they are kept in a file until they are done, taken
up again after a start (Lambda promises at least once, and functions are written for that), and throttled ones wait.
Retries come after 1 and 2 seconds, not after AWS's 1 and 2 minutes: a person is watching.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from localstack.embedded.restoring import or_refuse
from localstack.embedded.snapshots import write_whole

_DEFAULT_RETRIES = 2
_BACKOFF = (1.0, 2.0)  # seconds before the first and the second retry
_THROTTLED = 1.0
_log = logging.getLogger("videoflix.invocations")


class AsyncInvocations:
    """All accepted invocations that are not done."""

    def __init__(self, path: Path, failed: Callable[[], None]) -> None:
        self._path = path
        self._failed = failed  # told after a failure was sent to its destination
        self._pending: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()
        self._changed = False

    def install(self) -> None:
        """Take the place of ministack's own way."""
        from ministack.services import lambda_svc  # noqa: PLC0415 - after the environment is set

        self._lambda = lambda_svc
        lambda_svc.invoke_async_with_retry = self._accept

    def load(self) -> None:
        """Take up what the last run accepted.

        Raises:
            NotRestoredError: that cannot be read.
        """
        if not self._path.exists():
            return
        with or_refuse(self._path):
            accepted = json.loads(self._path.read_bytes())
        for entry in accepted:
            func, _, _ = self._lambda._get_func_record_for_ref(entry["arn"])  # noqa: SLF001
            if func:
                self._accept(func, entry["event"])

    def save(self) -> None:
        """Write what is accepted now."""
        with self._lock:
            if not self._changed:
                return
            self._changed = False
            content = json.dumps(list(self._pending.values())).encode()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, content)
        except OSError:
            self._changed = True  # a full disk is tried again
            raise

    def _accept(self, func: dict[str, Any], event: Any) -> None:  # noqa: ANN401 - JSON
        key = uuid.uuid4().hex
        config = func.get("config") or func
        with self._lock:
            self._pending[key] = {"arn": config["FunctionArn"], "event": event}
            self._changed = True
        threading.Thread(target=self._carry_out, args=(key, func, event), daemon=True, name="async-invocation").start()

    def _carry_out(self, key: str, func: dict[str, Any], event: Any) -> None:  # noqa: ANN401
        config = func.get("config") or func
        scoped = self._lambda._run_with_function_config_scope  # noqa: SLF001
        scoped(config, self._attempts, func, event)
        with self._lock:
            self._pending.pop(key, None)
            self._changed = True

    def _attempts(self, func: dict[str, Any], event: Any) -> None:  # noqa: ANN401
        settings = _invoke_config(func)
        retries = settings.get("MaximumRetryAttempts", _DEFAULT_RETRIES)
        deadline = time.monotonic() + settings.get("MaximumEventAgeInSeconds", 21600)
        attempt = 0
        while True:
            result = self._try(func, event)
            if not result.get("error"):
                return
            if result.get("throttle"):
                wait = _THROTTLED
            elif attempt < retries:
                wait = _BACKOFF[min(attempt, len(_BACKOFF) - 1)]
                attempt += 1
            else:
                break
            if time.monotonic() + wait > deadline:
                break
            time.sleep(wait)
        config = func.get("config") or func
        destination = settings.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        destination = destination or (config.get("DeadLetterConfig") or {}).get("TargetArn")
        if destination:
            self._lambda._route_async_failure(destination, config["FunctionName"], event, result)  # noqa: SLF001
            self._failed()

    def _try(self, func: dict[str, Any], event: Any) -> dict[str, Any]:  # noqa: ANN401
        """Call the function; where the emulator cannot, that is a failed try as any other."""
        try:
            result: dict[str, Any] = self._lambda._execute_function(func, event)  # noqa: SLF001
        except Exception as error:  # noqa: BLE001 - whatever it is, the event must not be lost
            _log.exception("%s could not be called", (func.get("config") or func)["FunctionName"])
            return {"error": True, "body": {"errorType": type(error).__name__, "errorMessage": str(error)}}
        return result


def _invoke_config(func: dict[str, Any]) -> dict[str, Any]:
    found = func.get("event_invoke_config") or (func.get("event_invoke_configs") or {}).get("$LATEST") or {}
    return {name: value for name, value in found.items() if value is not None}
