"""Turns a rendered mail into the bytes that SES takes: text and HTML side by side, the logo inside the HTML's part."""

from email.errors import HeaderParseError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import cast

from functions.mail.logo import LOGO, LOGO_CID
from functions.mail.rendering import Rendered


class BadAddressError(ValueError):
    """The recipient's address cannot be written into a header. The message never shows it."""


def build(mail: Rendered, *, sender: str, to: str) -> bytes:
    """Return the message (RFC 5322) in ASCII: multipart/alternative of text and of HTML with its logo (RFC 2387).

    Raises:
        BadAddressError: `to` is not exactly one plain address.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("Videoflix", addr_spec=sender)
    message["To"] = _recipient(to)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence notes in return, please
    # quoted-printable keeps lines below SMTP's limit (RFC 5321, 4.5.3.1.6) and the bytes ASCII, whatever a title holds
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    html = cast("EmailMessage", message.get_payload(1))
    html.add_related(
        LOGO.read_bytes(), "image", "png", cid=f"<{LOGO_CID}>", filename="videoflix.png", disposition="inline"
    )
    return _subject(mail.subject) + message.as_bytes()


def _subject(text: str) -> bytes:
    """Return the Subject line (RFC 5322), encoded where it is not ASCII (RFC 2047).

    Not through EmailMessage: where it folds between two encoded words, it loses the space that stood there.
    """
    charset = "us-ascii" if text.isascii() else "utf-8"
    folded = Header(text, charset, header_name="Subject").encode(linesep="\r\n")
    return f"Subject: {folded}\r\n".encode("ascii")


def _recipient(to: str) -> Address:
    try:
        if not to.isascii():  # SES takes no others (its developer guide, "SendRawEmail")
            raise BadAddressError("not ASCII")
        return Address(addr_spec=to)
    except (HeaderParseError, ValueError, IndexError):
        raise BadAddressError("not one plain address") from None  # the cause's text would hold the address
