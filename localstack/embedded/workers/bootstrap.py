"""Runs inside a worker process: loads the handler, then answers invocations until its input ends.

Standard library only, and no import of this project: the process sees the function's zip and nothing else. Requests
come as JSON lines on the original standard input, answers leave as JSON lines on the original standard output; both
are moved away before any code of the function runs, so that what it or its child processes print goes to the log.
"""

import contextlib
import importlib
import json
import os
import queue
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import IO, Any

END_OF_LOG = "\x1eend-of-invocation "
_STEPS_BACK = 10  # of niceness: beside somebody at work it gets a tenth, alone it gets everything


class Context:
    """What a handler gets as its second argument (AWS: "Lambda context object in Python")."""

    identity = None
    client_context = None

    def __init__(self, facts: dict[str, Any], deadline: float) -> None:
        self.function_name = facts["function_name"]
        self.function_version = facts["function_version"]
        self.memory_limit_in_mb = facts["memory"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.invoked_function_arn = facts["arn"]
        self.aws_request_id = facts["request_id"]
        self._deadline = deadline

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function is ended."""
        return max(0, int((self._deadline - time.time()) * 1000))

    def log(self, message: object) -> None:
        """Write to the log."""
        sys.stdout.write(str(message))


def main() -> None:
    """Serve one execution environment's life."""
    requests_in = os.fdopen(os.dup(0), encoding="utf-8")
    answers_out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]

    def answer(value: str) -> None:
        answers_out.write(value + "\n")
        answers_out.flush()

    init = json.loads(requests_in.readline())
    if init["stands_back"]:
        _stand_back()
    sys.path[:0] = init["path"]
    requests: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(requests_in, requests), daemon=True).start()
    handler, trouble = _load(init["handler"])
    answer(json.dumps({"error": trouble} if trouble else {"ready": True}))
    while handler:
        request = json.loads(requests.get())
        answer(_invoke(handler, init, request))
        sys.stdout.flush()
        sys.stderr.write(f"{END_OF_LOG}{request['request_id']}\n")
        sys.stderr.flush()


def _stand_back() -> None:
    """Leave the processors to whom somebody waits for, with all that this process starts. Does nothing on Windows."""
    if sys.platform == "win32":
        return
    os.nice(_STEPS_BACK)
    # Linux may share out by sessions, of which each worker has its own, and then looks at theirs alone
    with contextlib.suppress(OSError), open("/proc/self/autogroup", "w") as share:  # noqa: PTH123 - as above
        share.write(str(_STEPS_BACK))


def _read(requests_in: IO[str], requests: "queue.SimpleQueue[str]") -> None:
    """Hand lines over; when the stack has gone, end this process and everything it started."""
    for line in requests_in:
        requests.put(line)
    end_session(os.getpid())
    os._exit(1)


def end_session(leader: int) -> None:
    """End a worker and all that it started, in whatever process groups. Does nothing on Windows.

    Args:
        leader: The worker's process, which leads a session of its own.
    """
    if sys.platform == "win32":
        return
    # the worker first, which could start more; if that is us, last
    for pid in sorted(_session(leader), key=lambda one: (one == os.getpid(), one != leader)):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def _session(leader: int) -> Iterator[int]:
    for pid in _processes():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.getsid(pid) == leader:
                yield pid


def _processes() -> list[int]:
    if os.path.exists("/proc/self"):  # noqa: PTH110 - pathlib would cost each cold start its import
        return [int(name) for name in os.listdir("/proc") if name.isdecimal()]  # noqa: PTH208
    import subprocess  # noqa: PLC0415 - time that a cold start need not spend

    listed = subprocess.run(["/bin/ps", "-axo", "pid="], capture_output=True, text=True, check=False)
    return [int(word) for word in listed.stdout.split()]


def _load(name: str) -> tuple[Callable[[Any, Context], Any] | None, dict[str, Any] | None]:
    """Import the handler, with AWS's words for what can go wrong."""
    module_name, _, function_name = name.rpartition(".")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        traceback.print_exc()
        return None, _trouble(error, "Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}")
    except SyntaxError as error:
        traceback.print_exc()
        return None, _trouble(error, "Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}")
    except BaseException as error:  # noqa: BLE001 - whatever it is, AWS reports it
        traceback.print_exc()
        return None, _trouble(error)
    if not hasattr(module, function_name):
        text = f"Handler '{function_name}' missing on module '{module_name}'"
        return None, {"errorType": "Runtime.HandlerNotFound", "errorMessage": text, "stackTrace": []}
    return getattr(module, function_name), None


def _invoke(handler: Callable[[Any, Context], Any], init: dict[str, Any], request: dict[str, Any]) -> str:
    os.environ["TMPDIR"] = request["tmp"]
    # by itself, tempfile remembers the folder of its first use, and takes one of this machine's where that is full
    tempfile.tempdir = request["tmp"]
    if request.get("trace_id"):
        os.environ["_X_AMZN_TRACE_ID"] = request["trace_id"]
    context = Context({**init, "arn": request["arn"], "request_id": request["request_id"]}, request["deadline"])
    try:
        result = handler(request["event"], context)
    except SystemExit as error:
        text = f"RequestId: {context.aws_request_id} Error: Runtime exited with error: exit status {error.code}"
        return json.dumps({"error": {"errorType": "Runtime.ExitError", "errorMessage": text}, "exit": True})
    except BaseException as error:  # noqa: BLE001 - whatever it is, AWS reports it
        sys.stderr.write(f"[ERROR] {type(error).__name__}: {error}\n{traceback.format_exc()}")
        return json.dumps({"error": _trouble(error)})
    try:
        return json.dumps({"result": result})
    except (TypeError, ValueError) as error:
        text = f"Unable to marshal response: {error}"
        return json.dumps({"error": {"errorType": "Runtime.MarshalError", "errorMessage": text, "stackTrace": []}})


def _trouble(error: BaseException, kind: str = "", text: str = "") -> dict[str, Any]:
    return {
        "errorType": kind or type(error).__name__,
        "errorMessage": text or str(error),
        "stackTrace": traceback.format_tb(error.__traceback__)[1:],  # without this file's own frame
    }


if __name__ == "__main__":
    main()
