"""How a moment is written in answers: one way for all."""

from datetime import UTC, datetime


def utc(moment: datetime) -> str:
    """Return an aware time in UTC with microseconds and `Z` (the contract's form, RFC 3339)."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
