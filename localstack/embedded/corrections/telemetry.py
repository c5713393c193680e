"""Restores: logs and metrics of functions do not eat the machine.

On AWS they lie elsewhere and expire. ministack 1.5.33 keeps every metric and a log stream of every invocation in
memory for ever, and writes them into its state. Metrics of functions are not recorded, and each log group keeps its
newest streams; all that functions print is in `functions.log` anyway. An invocation that outlives its function does not
bring the log group back that was removed with it.
"""

from __future__ import annotations

from typing import Any

_STREAMS = 200  # of each log group


def install() -> None:
    """Stop recording metrics of functions; keep logs of those that exist, and trim a group's streams."""
    from ministack.services import lambda_svc  # noqa: PLC0415 - after the environment is set

    emit_logs = lambda_svc._emit_lambda_logs  # noqa: SLF001

    def emit_and_trim(func: dict[str, Any], *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        config = func.get("config") or func
        if config["FunctionName"] in lambda_svc._functions:  # noqa: SLF001
            emit_logs(func, *arguments, **options)
            _trim(config)

    lambda_svc._emit_lambda_logs = emit_and_trim  # noqa: SLF001
    lambda_svc._emit_lambda_metrics = _ignore  # noqa: SLF001


def _trim(config: dict[str, Any]) -> None:
    from ministack.services import cloudwatch_logs  # noqa: PLC0415

    group = cloudwatch_logs._log_groups.get(f"/aws/lambda/{config['FunctionName']}") or {}  # noqa: SLF001
    streams = group.get("streams", {})
    for name in list(streams)[:-_STREAMS]:  # oldest first
        streams.pop(name, None)


def _ignore(*_arguments: object, **_options: object) -> None:
    """Record nothing."""
