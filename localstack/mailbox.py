"""The mails that a local stack kept instead of delivering: for `manage.py mails` and for the mailbox page.

ministack shows them at `/_ministack/ses/messages`, already taken apart; LocalStack at `/_aws/ses`, as raw MIME.
AWS delivers mails and shows none.
"""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_string, policy
from typing import Any

from functions.mail.logo import LOGO, LOGO_CID

_TIMEOUT = 10  # seconds
_ON_AWS = "Mails can be read on the local stacks only: on AWS, SES delivers them and keeps none."


class MailboxError(Exception):
    """The mails cannot be read; the message is one sentence for the person at the keyboard."""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail as it was sent. `html` refers to its logo by `cid:`; `sent_at` is ISO 8601, UTC."""

    id: str
    sent_at: str
    to: str
    subject: str
    text: str
    html: str


def read(endpoint: str) -> list[Mail]:
    """Return all mails that the stack at `endpoint` (its AWS address; empty: AWS itself) kept, oldest first.

    Raises:
        MailboxError: there is no local stack, or it does not answer.
    """
    if not endpoint:
        raise MailboxError(_ON_AWS)
    for path, take_apart in (("/_ministack/ses/messages", _from_ministack), ("/_aws/ses", _from_localstack)):
        kept = _fetch(endpoint.rstrip("/") + path)
        if isinstance(kept, dict) and "messages" in kept:
            return take_apart(kept["messages"])
    raise MailboxError(_ON_AWS)


def _fetch(url: str) -> object:
    """Return the JSON at `url`, or None where the stack knows no such path."""
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise MailboxError("AWS_ENDPOINT_URL must be an http address.")
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT) as answer:  # noqa: S310 - checked above
            return json.load(answer)
    except (urllib.error.HTTPError, json.JSONDecodeError, UnicodeDecodeError):
        return None
    except OSError as error:
        raise MailboxError("The local stack does not answer. Is it running? (make status)") from error


def _from_ministack(messages: Mapping[str, list[dict[str, Any]]]) -> list[Mail]:
    kept = sorted((one for account in messages.values() for one in account), key=lambda one: float(one["Timestamp"]))
    return [
        Mail(
            id=one["MessageId"],
            sent_at=datetime.fromtimestamp(one["Timestamp"], UTC).isoformat(timespec="milliseconds"),
            to=", ".join(one["To"]),
            subject=one["Subject"],
            text=_lines(one["BodyText"]),
            html=_lines(one["BodyHtml"]),
        )
        for one in kept
    ]


def _from_localstack(messages: list[dict[str, Any]]) -> list[Mail]:
    return [_parsed(one) for one in sorted(messages, key=lambda one: str(one["Timestamp"])) if "RawData" in one]


def _parsed(kept: dict[str, Any]) -> Mail:
    message = message_from_string(kept["RawData"], policy=policy.default)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    return Mail(
        id=kept["Id"],
        sent_at=datetime.fromisoformat(kept["Timestamp"]).replace(tzinfo=UTC).isoformat(timespec="milliseconds"),
        to=str(message["To"]),
        subject=str(message["Subject"]),
        text=_lines(text.get_content() if text else None),
        html=_lines(html.get_content() if html else None),
    )


def _lines(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n")


@dataclass(frozen=True)
class Page:
    """An answer of the web listener."""

    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str]


# A mail is somebody else's document: it gets no scripts and no origin of ours, loads nothing, and its links open anew.
_MAIL_HEADERS = {
    "Content-Security-Policy": "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_LIST_HEADERS = {"Cache-Control": "no-store"}


def page(path: str, endpoint: str) -> Page | None:
    """Answer what the mailbox page asks its web listener for; None for any other path.

    `/mails.json` is the list, oldest first; `/mails/<id>` one mail's HTML as a document of its own, which brings
    its own content security policy (a `srcdoc` frame would inherit the page's, and lose the mail's styles).
    It waits for the stack, so an event loop calls it in a thread.
    """
    if path != "/mails.json" and not path.startswith("/mails/"):
        return None
    try:
        mails = read(endpoint)
    except MailboxError as error:
        return _json(502, {"errors": {"non_field_errors": [str(error)]}})
    if path == "/mails.json":
        return _json(200, [vars(mail) for mail in mails])
    wanted = urllib.parse.unquote(path.removeprefix("/mails/"))
    for mail in mails:
        if mail.id == wanted:
            return Page(200, "text/html; charset=utf-8", _with_logo(mail.html).encode(), _MAIL_HEADERS)
    return _json(404, {"errors": {"non_field_errors": ["There is no such mail."]}})


def _json(status: int, value: object) -> Page:
    return Page(status, "application/json", json.dumps(value).encode(), _LIST_HEADERS)


def _with_logo(html: str) -> str:
    """Return a mail's HTML with its logo in it, which the stacks do not keep apart."""
    logo = base64.b64encode(LOGO.read_bytes()).decode()
    return html.replace(f"cid:{LOGO_CID}", f"data:image/png;base64,{logo}")
