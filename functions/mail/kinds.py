"""The mails that Videoflix sends, and what each needs to know."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class MailKind(StrEnum):
    """An occasion for a mail; the value is also the name of its templates."""

    ACTIVATE = "activate"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a name, not a password
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    VIDEO_READY = "video_ready"
    VIDEO_FAILED = "video_failed"
    NOTHING = "nothing"
    """Queued like a mail and dropped by the Lambda: see `outbox.send`."""


# What a mail of each kind cannot do without. Besides these, `hours` (a whole number: how long the link works) may be
# given to the first two, `link` to the last three, and `reason` (a sentence) to VIDEO_FAILED.
NEEDED: Mapping[MailKind, frozenset[str]] = MappingProxyType(
    {
        MailKind.ACTIVATE: frozenset({"link"}),
        MailKind.RESET_PASSWORD: frozenset({"link"}),
        MailKind.PASSWORD_CHANGED: frozenset(),
        MailKind.VIDEO_READY: frozenset({"title"}),
        MailKind.VIDEO_FAILED: frozenset({"title"}),
        MailKind.NOTHING: frozenset(),
    }
)
