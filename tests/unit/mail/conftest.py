"""What the tests of mails share: a verified sender, what SES took, and what was logged."""

from collections.abc import Callable, Iterator
from email import message_from_string, policy
from email.message import EmailMessage

import pytest
from moto.backends import get_backend

from functions import aws
from functions.mail.kinds import MailKind
from tests.unit import clients

LINK = "http://127.0.0.1:5500/pages/auth/activate.html?uid=MTM&token=s3cr3t-t0k3n"
CONTEXTS = {
    MailKind.ACTIVATE: {"link": LINK, "hours": "72"},
    MailKind.RESET_PASSWORD: {"link": LINK, "hours": "24"},
    MailKind.PASSWORD_CHANGED: {},
    MailKind.VIDEO_READY: {"title": "Größe & Ruhm", "link": LINK},
    MailKind.VIDEO_FAILED: {"title": "Größe & Ruhm", "reason": "The file is no video.", "link": LINK},
}


def message(kind: MailKind = MailKind.ACTIVATE, *, to: str = "ada@example.com", key: str = "activate:1") -> dict:
    """A message as the outbox makes it."""
    return {"kind": kind.value, "to": to, "key": key, "context": CONTEXTS.get(kind, {})}


@pytest.fixture
def sent(tables: None) -> Iterator[Callable[[], list[EmailMessage]]]:
    """Return a function that gives the mails that SES has accepted so far, oldest first."""
    clients.client("ses").verify_email_identity(EmailAddress="videoflix@videoflix.local")

    def accepted() -> list[EmailMessage]:
        kept = get_backend("ses")["123456789012"]["us-east-1"].sent_messages
        return [message_from_string(one.raw_data, policy=policy.default) for one in kept]

    yield accepted
    aws._client.cache_clear()  # what a test put before SES stands before no other test's
