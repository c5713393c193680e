"""What the reader of a mail sees."""

import re
from html.parser import HTMLParser

import pytest
from jinja2 import UndefinedError

from functions.mail.kinds import MailKind
from functions.mail.rendering import render
from tests.unit.mail.conftest import CONTEXTS, LINK

KINDS = list(CONTEXTS)


class Reader(HTMLParser):
    """Collects the links, pictures and words of a mail, as a mail program reads them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str | None] = []
        self.pictures: list[dict[str, str | None]] = []
        self.tags: set[str] = set()
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "a":
            self.links.append(dict(attrs)["href"])
        if tag == "img":
            self.pictures.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        (MailKind.ACTIVATE, "Activate your Videoflix account"),
        (MailKind.RESET_PASSWORD, "Reset your Videoflix password"),
        (MailKind.PASSWORD_CHANGED, "Your Videoflix password was changed"),
        (MailKind.VIDEO_READY, "Your video “Größe & Ruhm” is ready"),
        (MailKind.VIDEO_FAILED, "Your video “Größe & Ruhm” could not be processed"),
    ],
)
def test_subjects(kind: MailKind, subject: str) -> None:
    assert render(kind, CONTEXTS[kind]).subject == subject


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "link" in CONTEXTS[kind]])
def test_a_link_works_in_both_parts(kind: MailKind) -> None:
    """Clicked in the HTML, or copied as it stands from the text, where an HTML escape would break it."""
    mail = render(kind, CONTEXTS[kind])
    assert LINK in mail.text.splitlines()
    links = Reader(mail.html).links
    assert links
    assert set(links) == {LINK}
    assert "&amp;token=" in mail.html


@pytest.mark.parametrize("kind", KINDS)
def test_the_logo_shows_and_is_named_for_those_who_do_not_see_it(kind: MailKind) -> None:
    [logo] = Reader(render(kind, CONTEXTS[kind]).html).pictures
    assert logo["src"] == "cid:logo@videoflix"
    assert logo["alt"] == "Videoflix"


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_loads_nothing_from_elsewhere(kind: MailKind) -> None:
    """Mail programs block remote content, and its loading would tell when a mail was read."""
    html = render(kind, CONTEXTS[kind]).html
    assert not re.search(r'(src|background)="http|url\(|@import|<link|<script', html)


@pytest.mark.parametrize(("hours", "words"), [("1", "1 hour"), ("24", "24 hours"), ("48", "2 days"), ("72", "3 days")])
def test_how_long_a_link_works_is_said_in_words(hours: str, words: str) -> None:
    mail = render(MailKind.ACTIVATE, {"link": LINK, "hours": hours})
    assert f"The link works for {words}." in mail.text
    assert f"The link works for {words}." in Reader(mail.html).words


@pytest.mark.parametrize("kind", [MailKind.ACTIVATE, MailKind.RESET_PASSWORD])
def test_hours_need_not_be_known(kind: MailKind) -> None:
    mail = render(kind, {"link": LINK})
    assert LINK in mail.text
    assert "hour" not in mail.text


def test_a_changed_password_can_be_answered_at_once() -> None:
    mail = render(MailKind.PASSWORD_CHANGED, {"link": LINK})
    assert LINK in mail.text
    assert LINK in Reader(mail.html).links


@pytest.mark.parametrize("kind", [MailKind.VIDEO_READY, MailKind.VIDEO_FAILED])
def test_a_mail_of_a_video_needs_no_link(kind: MailKind) -> None:
    mail = render(kind, {"title": "Film"})
    assert "http" not in mail.text
    assert Reader(mail.html).links == []


def test_why_a_video_failed_is_said() -> None:
    mail = render(MailKind.VIDEO_FAILED, {"title": "Film", "reason": "The file's end is missing."})
    assert "The file's end is missing." in mail.text
    assert "The file's end is missing." in Reader(mail.html).words


@pytest.mark.parametrize("kind", [MailKind.VIDEO_READY, MailKind.VIDEO_FAILED])
def test_a_title_stays_text(kind: MailKind) -> None:
    """A film named like a script does not become one."""
    title = '<img src=x onerror="alert(1)"><script>'
    mail = render(kind, {"title": title, "reason": title})
    reader = Reader(mail.html)
    assert "script" not in reader.tags
    assert len(reader.pictures) == 1
    assert title in reader.words
    assert title in mail.text


@pytest.mark.parametrize("kind", [MailKind.VIDEO_READY, MailKind.VIDEO_FAILED])
def test_a_title_without_spaces_is_broken_where_the_line_ends(kind: MailKind) -> None:
    """The mail was 4,570 pixels wide on a phone."""
    paragraph = next(part for part in render(kind, {"title": "W" * 255}).html.split("<p ") if "<strong>WWW" in part)
    style = paragraph[: paragraph.index(">")]
    # only these two count where a table asks how narrow its words can be; programs know one or the other
    assert "overflow-wrap:anywhere;" in style
    assert "word-break:break-word;" in style


def test_a_title_is_one_line_everywhere() -> None:
    mail = render(MailKind.VIDEO_READY, {"title": "Film\r\nBcc: all@example.com\x00\u2028\u202etxt"})
    assert mail.subject == "Your video “Film Bcc: all@example.com txt” is ready"
    assert '"Film Bcc: all@example.com txt" has been processed' in mail.text


def test_a_long_title_is_shortened_in_the_subject_only() -> None:
    mail = render(MailKind.VIDEO_READY, {"title": "x" * 255})
    assert mail.subject == f"Your video “{'x' * 79}…” is ready"
    assert "x" * 255 in mail.text


def test_a_mail_without_what_it_is_for_is_not_written() -> None:
    with pytest.raises(UndefinedError):
        render(MailKind.ACTIVATE, {})
