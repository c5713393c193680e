"""`manage.py mails`: what a local stack would have delivered.

It stands here and not in `functions/cli`, because only the emulators keep mails: code that AWS runs knows of none.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from functions.cli import frame
from localstack import mailbox

if TYPE_CHECKING:
    import argparse

    from functions.cli.frame import Commands
    from localstack.mailbox import Mail


def add_commands(commands: Commands) -> None:
    """Add `mails` to the operator's commands."""
    meaning = "show the mails that a local stack kept instead of delivering, oldest first"
    command = frame.add_command(commands, "mails", _run, meaning)
    command.add_argument("--to", metavar="ADDRESS", help="only mails to this address")


def _run(wanted: argparse.Namespace) -> int:
    try:
        mails = mailbox.read(os.environ.get("AWS_ENDPOINT_URL", ""))
    except mailbox.MailboxError as error:
        raise frame.CommandError(str(error)) from error
    if wanted.to:
        mails = [mail for mail in mails if mail.to.lower() == wanted.to.strip().lower()]
    if wanted.json:
        frame.print_json(
            [{"to": mail.to, "subject": mail.subject, "text": mail.text, "html": mail.html} for mail in mails]
        )
    else:
        print(_as_text(mails))
    return 0


def _as_text(mails: list[Mail]) -> str:
    if not mails:
        return "No mails."
    blocks = [f"{mail.sent_at}\nTo: {mail.to}\nSubject: {mail.subject}\n\n{mail.text.strip()}" for mail in mails]
    return f"\n\n{'=' * 72}\n".join(blocks)
