"""Developers read what a local stack kept, in the words of either emulator."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from functions.cli import frame
from functions.mail import mime
from functions.mail.kinds import MailKind
from functions.mail.rendering import render
from localstack import mailbox, mails
from tests.unit.mail.conftest import CONTEXTS, LINK

Serve = Callable[[dict[str, Any]], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return a function that starts a stack which answers these paths with this JSON, and gives its address."""
    servers: list[ThreadingHTTPServer] = []

    def start(answers: dict[str, Any]) -> str:
        class Stack(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                known = self.path in answers
                self.send_response(200 if known else 404)
                self.end_headers()
                self.wfile.write(json.dumps(answers[self.path]).encode() if known else b"<Error/>")

            def log_message(self, *_arguments: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Stack)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def in_ministack(*kinds: MailKind, to: str = "ada@example.com") -> dict[str, Any]:
    """What ministack 1.5.33 says of these mails: newest last, lines ended as they were sent."""
    kept = []
    for order, kind in enumerate(kinds):
        mail = render(kind, CONTEXTS[kind])
        kept.append(
            {
                "MessageId": f"{order}@email.amazonses.com",
                "Source": "videoflix@videoflix.local",
                "To": [to],
                "CC": [],
                "BCC": [],
                "Subject": mail.subject,
                "BodyText": mail.text.replace("\n", "\r\n"),
                "BodyHtml": mail.html.replace("\n", "\r\n"),
                "Timestamp": 1764000000.5 + order,
                "Type": "SendRawEmail",
            }
        )
    return {"/_ministack/ses/messages": {"messages": {"000000000000": kept}}}


def in_localstack(*kinds: MailKind, to: str = "ada@example.com") -> dict[str, Any]:
    """What LocalStack 4.14.0 says of these mails: raw MIME."""
    kept = [
        {
            "Id": f"id-{order}",
            "Region": "us-east-1",
            "Source": "videoflix@videoflix.local",
            "RawData": mime.build(render(kind, CONTEXTS[kind]), sender="videoflix@videoflix.local", to=to).decode(),
            "Timestamp": f"2026-11-22T20:00:{order:02}",
        }
        for order, kind in enumerate(kinds)
    ]
    return {"/_aws/ses": {"messages": kept}}


@pytest.mark.parametrize("stack", [in_ministack, in_localstack])
def test_mails_are_read_oldest_first(stack: Callable[..., dict[str, Any]], serve: Serve) -> None:
    read = mailbox.read(serve(stack(MailKind.ACTIVATE, MailKind.VIDEO_READY)))
    assert [mail.subject for mail in read] == [
        "Activate your Videoflix account",
        "Your video “Größe & Ruhm” is ready",
    ]
    assert {mail.to for mail in read} == {"ada@example.com"}
    assert LINK in read[0].text.split("\n")
    assert read[0].html == render(MailKind.ACTIVATE, CONTEXTS[MailKind.ACTIVATE]).html
    assert read[0].sent_at < read[1].sent_at
    assert read[0].sent_at.endswith("+00:00")


def test_an_empty_mailbox_is_empty(serve: Serve) -> None:
    assert mailbox.read(serve({"/_ministack/ses/messages": {"messages": {}}})) == []


@pytest.mark.parametrize("endpoint", ["", "an endpoint that is not one of ours"])
def test_on_aws_mails_cannot_be_read_and_that_is_said(endpoint: str, serve: Serve) -> None:
    with pytest.raises(mailbox.MailboxError, match="on the local stacks only"):
        mailbox.read(endpoint and serve({}))


def test_a_stack_that_is_down_is_named(serve: Serve) -> None:
    with pytest.raises(mailbox.MailboxError, match="Is it running"):
        mailbox.read("http://127.0.0.1:9")


def test_an_endpoint_that_is_a_file_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(mailbox.MailboxError, match="http"):
        mailbox.read(tmp_path.as_uri())


def run(monkeypatch: pytest.MonkeyPatch, endpoint: str, *arguments: str) -> int:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    return frame.main(["mails", *arguments], lambda _stage: None, [mails.add_commands])


def test_the_command_prints_a_bare_array(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The contract, section 6."""
    assert run(monkeypatch, serve(in_ministack(MailKind.ACTIVATE, MailKind.RESET_PASSWORD)), "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert [set(mail) for mail in printed] == [{"to", "subject", "text", "html"}] * 2
    assert printed[0]["subject"] == "Activate your Videoflix account"


@pytest.mark.parametrize(("to", "found"), [(" Ada@Example.com ", 1), ("eve@example.com", 0), ("ada", 0)])
def test_the_command_shows_one_persons_mails(
    to: str, found: int, serve: Serve, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, serve(in_localstack(MailKind.ACTIVATE)), "--to", to, "--json") == 0
    assert len(json.loads(capsys.readouterr().out)) == found


def test_the_command_shows_people_a_list(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, serve(in_ministack(MailKind.ACTIVATE, MailKind.RESET_PASSWORD))) == 0
    printed = capsys.readouterr().out
    assert printed.index("Subject: Activate your") < printed.index(LINK) < printed.index("Subject: Reset your")


def test_the_command_says_when_there_are_none(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, serve(in_ministack())) == 0
    assert capsys.readouterr().out == "No mails.\n"


def test_the_command_fails_with_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "", "--json") == 1
    captured = capsys.readouterr()
    refused = json.loads(captured.out)
    assert refused["ok"] is False
    assert refused["error"].endswith("keeps none.")
    assert captured.err.count("\n") == 1


def test_the_page_gets_the_list(serve: Serve) -> None:
    answer = mailbox.page("/mails.json", serve(in_ministack(MailKind.ACTIVATE)))
    assert answer
    assert answer.status == 200
    [mail] = json.loads(answer.body)
    assert set(mail) == {"id", "sent_at", "to", "subject", "text", "html"}


def test_the_page_gets_a_mail_as_a_document_that_shows_its_logo_and_can_do_nothing(serve: Serve) -> None:
    answer = mailbox.page("/mails/0%40email.amazonses.com", serve(in_ministack(MailKind.ACTIVATE)))
    assert answer
    assert answer.status == 200
    assert answer.content_type == "text/html; charset=utf-8"
    assert b'src="data:image/png;base64,' in answer.body
    assert b"cid:" not in answer.body
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox allow-popups" in policy
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy


def test_the_page_is_told_of_a_mail_that_is_not_there(serve: Serve) -> None:
    answer = mailbox.page("/mails/7", serve(in_ministack()))
    assert answer
    assert answer.status == 404


def test_the_page_is_told_of_a_stack_that_is_down() -> None:
    answer = mailbox.page("/mails.json", "http://127.0.0.1:9")
    assert answer
    assert answer.status == 502
    assert "Is it running" in json.loads(answer.body)["errors"]["non_field_errors"][0]


@pytest.mark.parametrize("path", ["/", "/mailbox/", "/mails", "/api/mails.json"])
def test_other_paths_are_the_web_listeners_own(path: str) -> None:
    assert mailbox.page(path, "http://127.0.0.1:9") is None
