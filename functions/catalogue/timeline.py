"""What happened to a film, in few words and never without bound."""

from datetime import datetime
from typing import Final

from functions.catalogue.film import TimelineEntry

MAX_ENTRIES: Final = 50
MAX_EVENT: Final = 120


def extended(timeline: tuple[TimelineEntry, ...], at: datetime, *events: str) -> tuple[TimelineEntry, ...]:
    """Return `timeline` with `events`; where it grows too long, the first entry and the latest stay."""
    longer = (*timeline, *(TimelineEntry(at=at, event=event[:MAX_EVENT]) for event in events))
    return longer if len(longer) <= MAX_ENTRIES else (longer[0], *longer[1 - MAX_ENTRIES :])
