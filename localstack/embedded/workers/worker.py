"""One execution environment: a process that runs a function, one invocation at a time."""

from __future__ import annotations

import contextlib
import json
import logging
import queue
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from localstack.embedded.workers import environment
from localstack.embedded.workers.bootstrap import END_OF_LOG, end_session

_INIT_TIMEOUT = 60.0  # seconds; AWS allows 10 on machines that have the bytecode already
_LONGEST_WAIT = 29.0  # seconds that API Gateway waits for an answer (its quotas)
_LOG_WAIT = 0.25  # seconds to wait for the last log line, which is there already unless the pipe is full
_LOG_LINES = 2_000  # of one invocation, for the caller; the log file gets all
_functions_log = logging.getLogger("videoflix.functions")


@dataclass
class Outcome:
    """What came of an invocation: a result, or an error in AWS's shape."""

    result: Any = None
    error: dict[str, Any] | None = None
    log: list[str] = field(default_factory=list)


class Session:
    """A process and everything it starts. Ending it ends all of them; has what ministack asks of a Popen."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        return self._process.poll()

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the leader to end."""
        return self._process.wait(timeout)

    def kill(self) -> None:
        """End the worker and all it started at once, as Lambda does; there is nothing to be polite about."""
        if sys.platform == "win32":
            command = ["taskkill", "/F", "/T", "/PID", str(self.pid)]
            subprocess.run(command, capture_output=True, check=False)
            return
        end_session(self.pid)

    terminate = kill


class FunctionWorker:
    """Duck type of ministack's `Worker`; `pool.py` makes it."""

    def __init__(self, name: str, config: dict[str, Any], *, code: Path, layers: list[Path], folders: Folders) -> None:
        self.func_name = name
        self.config = config
        self.code = code
        self.layers = layers
        self.in_use = False  # these three belong to ministack's pool and its lock
        self.last_used = time.time()
        self._proc: Session | None = None
        self.retired = False  # replaced by a deployment while it was at work
        self.serves_http = False
        self._folders = folders
        self._lock = threading.Lock()
        self._answers: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._input: IO[bytes] | None = None
        self._log: list[str] = []
        self._log_ended = threading.Event()

    def invoke(self, event: Any, request_id: str, credentials: dict[str, str]) -> Outcome:  # noqa: ANN401 - JSON
        """Run one invocation, starting the process first if there is none."""
        with self._lock:
            self._log = []
            if self._proc is None or self._proc.poll() is not None:
                trouble = self._start(credentials)
                if trouble:
                    return self._ended(trouble)
            tmp = self._folders.temporary / f"{self.func_name}-{request_id}"
            tmp.mkdir(parents=True)
            try:
                return self._run(event, request_id, tmp)
            finally:
                shutil.rmtree(tmp, ignore_errors=True)

    def kill(self) -> None:
        """End the process and all it started."""
        process, self._proc = self._proc, None
        if process:
            process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(2)

    def _discard_tmpdir(self) -> None:
        """Nothing to discard: each invocation removes its own folder."""

    def _start(self, credentials: dict[str, str]) -> dict[str, Any] | None:
        """Start the process and load the handler; return what went wrong."""
        process = subprocess.Popen(
            environment.command(self.code, self._folders.bytecode),
            cwd=self.code,
            env=environment.variables(self.config, self.code, self.layers, credentials),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # so that what it starts is found, and ends with it
        )
        self._proc = Session(process)
        self._input = process.stdin
        self._answers = queue.SimpleQueue()
        for target, stream in ((self._read_answers, process.stdout), (self._read_log, process.stderr)):
            threading.Thread(target=target, args=(stream, self._answers), daemon=True, name=self.func_name).start()
        self._write(
            {
                "path": environment.import_path(self.code, self.layers),
                "handler": self.config["Handler"],
                "function_name": self.config["FunctionName"],
                "function_version": self.config.get("Version", "$LATEST"),
                "memory": self.config.get("MemorySize", 128),
                # on AWS a viewer's call never shares a processor with an encoder, as it does on this machine
                "stands_back": float(self.config.get("Timeout", 3)) > _LONGEST_WAIT,
            }
        )
        answer = self._answer(_INIT_TIMEOUT)
        error: dict[str, Any] | None = answer.get("error")
        return error

    def _run(self, event: Any, request_id: str, tmp: Path) -> Outcome:  # noqa: ANN401
        timeout = float(self.config.get("Timeout", 3))
        self._log_ended.clear()
        self._write(
            {
                "event": event,
                "request_id": request_id,
                "arn": self.config["FunctionArn"],
                "deadline": time.time() + timeout,
                "tmp": str(tmp),
            }
        )
        answer = self._answer(timeout)
        if "fatal" in answer or "exit" in answer:
            return self._ended(answer["error"])
        self._log_ended.wait(_LOG_WAIT)
        return Outcome(answer.get("result"), answer.get("error"), self._log)

    def _ended(self, error: dict[str, Any]) -> Outcome:
        self.kill()
        self._log_ended.wait(_LOG_WAIT)
        return Outcome(error=error, log=self._log)

    def _write(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # it died: the answer says so
            if self._input:
                self._input.write(json.dumps(message).encode() + b"\n")
                self._input.flush()

    def _answer(self, timeout: float) -> dict[str, Any]:
        try:
            line = self._answers.get(timeout=timeout)
        except queue.Empty:
            text = f"Task timed out after {timeout:.2f} seconds"
            return {"fatal": True, "error": {"errorType": "Sandbox.Timedout", "errorMessage": text}}
        if line is None:
            text = "Runtime exited without providing a reason"
            return {"fatal": True, "error": {"errorType": "Runtime.ExitError", "errorMessage": text}}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _read_answers(self, stream: IO[bytes], answers: queue.SimpleQueue[str | None]) -> None:
        for line in stream:
            answers.put(line.decode())
        answers.put(None)

    def _read_log(self, stream: IO[bytes], _answers: object) -> None:
        for raw in stream:
            line = raw.decode(errors="replace").rstrip("\n")
            if line.startswith(END_OF_LOG):
                self._log_ended.set()
                continue
            _functions_log.info("%s %s", self.func_name, line)
            if len(self._log) < _LOG_LINES:
                self._log.append(line)
        self._log_ended.set()


@dataclass(frozen=True)
class Folders:
    """Where workers keep things: `temporary` ends with the stack, `bytecode` stays."""

    temporary: Path
    bytecode: Path
