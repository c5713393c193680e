"""Structured logs: one JSON object a line, on standard error, where Lambda's runtime picks them up.

Never log a token, a password, a mail's body or a whole event: give `event` a fixed name and add named facts.
"""

import contextlib
import contextvars
import json
import logging
import re
import sys
import time
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from functions.settings import current

_bound: contextvars.ContextVar[Mapping[str, object]] = contextvars.ContextVar("bound", default=MappingProxyType({}))


# JSON escapes what comes before the space. Some readers begin a line at these, too, or obey them: controls, ends of
# lines and paragraphs, and what turns the direction of text.
_UNSEEN = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03}Z",
            "level": record.levelname,
            "event": record.getMessage(),
        }
        facts = getattr(record, "facts", None)
        if isinstance(facts, Mapping):
            line.update({**_bound.get(), **facts})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _UNSEEN.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(line, default=str, ensure_ascii=False))


def _logger() -> logging.Logger:
    logger = logging.getLogger("videoflix")
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_JsonLines())
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False  # Lambda's root handler would print each line a second time
    return logger


def info(event: str, **facts: object) -> None:
    """Log that `event` happened, with named facts."""
    _logger().info(event, extra={"facts": facts})


def warning(event: str, **facts: object) -> None:
    """Log what an operator should look at when it repeats."""
    _logger().warning(event, extra={"facts": facts})


def error(event: str, **facts: object) -> None:
    """Log what an operator should look at at once."""
    _logger().error(event, extra={"facts": facts})


def exception(event: str, **facts: object) -> None:
    """Log the exception being handled, with its traceback."""
    _logger().exception(event, extra={"facts": facts})


@contextlib.contextmanager
def bound(**facts: object) -> Iterator[None]:
    """Add facts to every line that this thread logs inside the `with` block."""
    token = _bound.set({**_bound.get(), **facts})
    try:
        yield
    finally:
        _bound.reset(token)


def metrics(event: str, **numbers: float) -> None:
    """Log that `event` happened, its numbers as metrics that CloudWatch draws (embedded metric format).

    A number's unit is the end of its name: `..._seconds`, `..._bytes`; others are counts. The namespace is the stage's,
    as that of the alarms' metrics is (infra/engine.yaml): an account may have several.
    """
    definitions = [{"Name": name, "Unit": _unit(name)} for name in numbers]
    directive = {"Namespace": f"Videoflix/{current().stage}", "Dimensions": [["event"]], "Metrics": definitions}
    emf = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
    _logger().info(event, extra={"facts": {**numbers, "_aws": emf}})


def _unit(name: str) -> str:
    return {"seconds": "Seconds", "bytes": "Bytes"}.get(name.rpartition("_")[2], "Count")


def set_level(level: str) -> None:
    """Set the least level that is written, by its name (`settings.log_level`)."""
    _logger().setLevel(level)
