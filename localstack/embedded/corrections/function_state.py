"""Restores: a function whose environment is ready says so.

ministack 1.5.33 keeps every created or updated function `Pending` for half a second although there is nothing to
wait for, and each of Chalice's waiters then sleeps 5 s: half a minute for a deployment of five functions.
"""


def install() -> None:
    """Let the state change at once."""
    from ministack.services import lambda_svc  # noqa: PLC0415 - after the environment is set

    lambda_svc._LAMBDA_STATE_TRANSITION_DELAY = 0  # noqa: SLF001 - no public setting exists
