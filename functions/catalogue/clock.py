"""The catalogue's clock: one place to read the time, so that tests can set it."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)
