"""What mail programs get."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.accounts import addresses
from functions.mail import mime
from functions.mail.kinds import MailKind
from functions.mail.rendering import render
from tests.unit.mail.conftest import CONTEXTS

SENDER = "videoflix@videoflix.local"
HEADERS = {"from", "to", "subject", "auto-submitted", "mime-version", "content-type"}


def built(kind: MailKind, context: dict[str, str], to: str = "ada@example.com") -> EmailMessage:
    raw = mime.build(render(kind, context), sender=SENDER, to=to)
    return message_from_bytes(raw, policy=policy.default)


@pytest.mark.parametrize("kind", list(CONTEXTS))
def test_text_and_html_stand_side_by_side_with_the_logo_inside(kind: MailKind) -> None:
    mail = built(kind, CONTEXTS[kind])
    rendered = render(kind, CONTEXTS[kind])
    assert mail.get_content_type() == "multipart/alternative"
    text, related = mail.iter_parts()
    html, logo = related.iter_parts()
    assert text.get_content_type() == "text/plain"
    assert text.get_content().splitlines() == rendered.text.splitlines()
    assert html.get_content().splitlines() == rendered.html.splitlines()
    assert logo.get_content_type() == "image/png"
    assert logo["Content-ID"] == "<logo@videoflix>"
    assert logo.get_content_disposition() == "inline"
    assert logo.get_content().startswith(b"\x89PNG")


def test_a_mail_is_small_and_goes_through_any_server() -> None:
    raw = mime.build(render(MailKind.ACTIVATE, CONTEXTS[MailKind.ACTIVATE]), sender=SENDER, to="ada@example.com")
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998  # RFC 5321, section 4.5.3.1.6
    assert len(raw) < 20_000


def test_who_it_is_from_and_that_nobody_need_answer() -> None:
    mail = built(MailKind.PASSWORD_CHANGED, {})
    assert str(mail["From"]) == f"Videoflix <{SENDER}>"
    assert str(mail["To"]) == "ada@example.com"
    assert mail["Auto-Submitted"] == "auto-generated"


@pytest.mark.slow
@given(st.text(max_size=255))
def test_no_title_makes_a_header(title: str) -> None:
    """Header injection: whatever a film is called, the mail has the headers it should have, and one recipient."""
    rendered = render(MailKind.VIDEO_READY, {"title": title})
    mail = built(MailKind.VIDEO_READY, {"title": title})
    assert {name.lower() for name in mail.keys()} == HEADERS  # noqa: SIM118 - a message is no mapping
    assert mail["Subject"] == rendered.subject
    assert str(mail["To"]) == "ada@example.com"


@given(st.text("aq8.=?_+'-", min_size=1, max_size=64))
@example("a..b")
@example(".a")
@example("a.")
@example("=?utf-8?q?x?=")
@example("=?utf-8?q?x?=.a")
def test_whoever_may_register_can_be_written_to(local_part: str) -> None:
    """Somebody was told that a mail is under way, and send_mail gave it up."""
    to = f"{local_part}@example.com"
    if addresses.normalise(to):
        assert str(built(MailKind.PASSWORD_CHANGED, {}, to=to)["To"]) == to


@pytest.mark.parametrize(
    "to",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "ada@example.com, eve@example.com",
        "ada@example.com\r\nBcc: eve@example.com",
        "Ada <ada@example.com>",
        "ädä@example.com",
        "a..b@example.com",
    ],
)
def test_only_one_plain_address_is_written_to(to: str) -> None:
    with pytest.raises(mime.BadAddressError) as refusal:
        built(MailKind.PASSWORD_CHANGED, {}, to=to)
    assert not to or to not in str(refusal.value)
