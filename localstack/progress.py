"""What a person sees while a command works: one line a step, with the seconds since the command began."""

import sys
import time

_BEGAN = time.monotonic()


def step(text: str) -> None:
    """Say what is being done now."""
    print(f"[{time.monotonic() - _BEGAN:6.1f} s] {text}", flush=True)


def warn(text: str) -> None:
    """Say what went wrong although the command goes on."""
    print(f"Warning: {text}", file=sys.stderr, flush=True)


def fail(text: str) -> int:
    """Say in one sentence why the command ends, and return its exit code."""
    print(f"Error: {text}", file=sys.stderr, flush=True)
    return 1
