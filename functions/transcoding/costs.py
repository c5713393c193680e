"""What an encoding costs on AWS, about: list prices of us-east-1, in US dollars (2026), without free tiers."""

from __future__ import annotations

import os
import platform
from typing import Final

_GB_SECOND: Final = {"x86_64": 0.0000166667, "aarch64": 0.0000133334, "arm64": 0.0000133334}
_LAMBDA_CALL: Final = 0.20 / 1_000_000
_S3_PUT: Final = 0.005 / 1_000
_TRANSITION: Final = 0.025 / 1_000
_TRANSITIONS: Final = 6  # of the state machine for a film, besides three for each chunk
_TRANSITIONS_OF_A_CHUNK: Final = 3


def gb_seconds(seconds: float) -> float:
    """Return what Lambda charges for: this function's memory, held for `seconds`."""
    megabytes = int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE") or 0)
    return megabytes / 1024 * seconds


def usd(*, gb_seconds: float, calls: int, puts: int, chunks: int) -> float:
    """Return the price of an encoding.

    Args:
        gb_seconds: Of all its Lambdas.
        calls: Of Lambda.
        puts: Of S3.
        chunks: Of the film.
    """
    transitions = _TRANSITIONS + _TRANSITIONS_OF_A_CHUNK * chunks
    memory = gb_seconds * _GB_SECOND.get(platform.machine(), _GB_SECOND["x86_64"])
    return round(memory + calls * _LAMBDA_CALL + puts * _S3_PUT + transitions * _TRANSITION, 6)
